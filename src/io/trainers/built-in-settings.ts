import { z } from 'zod';
import { TRAINER_DEFAULTS as D, type TrainerSettings } from '../../core/models/train-model.ts';

/** Hyperparameters as configured, checked and filled up with the defaults, or what is wrong with them in words. */
export function readSettings(settings: Readonly<Record<string, unknown>>, features: Features): ReadSettings {
  const { numeric, timestamps = [] } = features;
  const read = SETTINGS.safeParse(settings);
  if (!read.success) return bad(z.prettifyError(read.error).replaceAll(/\s+/g, ' '));
  const { monotone, timeFeatures = timestamps, ...others } = read.data;
  const unknown = [...Object.keys(monotone), ...timeFeatures].filter((name) => !numeric.includes(name));
  if (unknown.length > 0) return bad(`there is no numeric feature ${unknown.join(', ')}`);
  const { algorithm, task } = others;
  if (algorithm === 'logistic' && task !== 'classification') return bad('logistic is for classification');
  return { status: 'ok', settings: { ...D, ...others, monotone, timeFeatures } };
}

/** Numeric features of the rows, and those of them that are times in milliseconds since 1970. */
export interface Features {
  readonly numeric: readonly string[];
  readonly timestamps?: readonly string[] | undefined;
}

function bad(why: string): ReadSettings {
  return { status: 'bad', why: `settings: ${why}` };
}

export type ReadSettings =
  | { readonly status: 'ok'; readonly settings: TrainerSettings }
  | { readonly status: 'bad'; readonly why: string };

const SETTINGS = z.strictObject({
  task: z.enum(['classification', 'regression', 'multiclass']).default(D.task),
  algorithm: z.enum(['boosting', 'logistic']).default(D.algorithm),
  calibration: z.enum(['none', 'platt', 'isotonic']).default(D.calibration),
  rounds: z.int().min(1).max(5_000).default(D.rounds),
  learningRate: z.number().positive().max(1).default(D.learningRate),
  growth: z.enum(['leaf-wise', 'depth-wise']).default(D.growth),
  maxLeaves: z.int().min(2).max(1_024).default(D.maxLeaves),
  maxDepth: z.int().min(1).max(32).default(D.maxDepth),
  minRowsPerLeaf: z.int().min(1).default(D.minRowsPerLeaf),
  l2: z.number().nonnegative().default(D.l2),
  maxBins: z.int().min(2).max(255).default(D.maxBins),
  rowShare: z.number().positive().max(1).default(D.rowShare),
  columnShare: z.number().positive().max(1).default(D.columnShare),
  patience: z.int().min(1).default(D.patience),
  encoding: z.enum(['auto', 'target', 'subsets', 'frequency', 'one-hot', 'hashing']).default(D.encoding),
  smoothing: z.number().nonnegative().default(D.smoothing),
  maxCategories: z.int().min(1).max(100_000).default(D.maxCategories),
  topK: z.int().min(1).max(1_000).default(D.topK),
  buckets: z.int().min(2).max(10_000).default(D.buckets),
  timeFeatures: z.array(z.string()).optional(),
  monotone: z.record(z.string(), z.enum(['increasing', 'decreasing'])).default({}),
  minRowsPerCategory: z.int().min(1).default(D.minRowsPerCategory),
});
