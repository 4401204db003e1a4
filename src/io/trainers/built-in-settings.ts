import { z } from 'zod';
import { TRAINER_DEFAULTS as D, type TrainerSettings } from '../../core/models/train-model.ts';

/** Hyperparameters as configured, checked and filled up with the defaults, or what is wrong with them in words. */
export function readSettings(settings: Readonly<Record<string, unknown>>): ReadSettings {
  const read = SETTINGS.safeParse(settings);
  if (read.success) return { status: 'ok', settings: { ...D, ...read.data } };
  return { status: 'bad', why: `settings: ${z.prettifyError(read.error).replaceAll(/\s+/g, ' ')}` };
}

export type ReadSettings =
  | { readonly status: 'ok'; readonly settings: TrainerSettings }
  | { readonly status: 'bad'; readonly why: string };

const SETTINGS = z.strictObject({
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
  encoding: z.enum(['target', 'frequency']).default(D.encoding),
  smoothing: z.number().nonnegative().default(D.smoothing),
  maxCategories: z.int().min(1).max(100_000).default(D.maxCategories),
  topK: z.int().min(1).max(1_000).default(D.topK),
  minRowsPerCategory: z.int().min(1).default(D.minRowsPerCategory),
});
