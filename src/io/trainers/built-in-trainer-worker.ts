import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { type Dataset, takeRows } from '../../core/models/dataset.ts';
import { BOOSTING_DEFAULTS, trainGradientBoosting } from '../../core/models/gradient-boosting.ts';
import type { Round, Trained } from '../../core/models/model.ts';
import { exportOnnx } from '../../core/onnx/export-model.ts';
import { seededRandom } from '../../core/random.ts';
import { readSnapshot } from '../files/read-snapshot.ts';
import { METRICS_FILE, MODEL_FILE, type TrainerMetrics, type TrainingJob } from './trainer.ts';

/** The thread of builtInTrainer: reads the job from workerData, leaves the files, or says why it cannot. */
async function main(job: TrainingJob): Promise<void> {
  const options = OPTIONS.safeParse(job.settings);
  if (!options.success) return failed(`settings: ${z.prettifyError(options.error).replaceAll(/\s+/g, ' ')}`);
  const { train, recent } = await examples(job);
  const config = { ...BOOSTING_DEFAULTS, ...options.data };
  const trained = trainGradientBoosting({
    train,
    validation: recent,
    options: config,
    random: seededRandom(job.seed),
    onProgress: (round) => report(round, config.rounds),
  });
  if (trained.status === 'insufficient') return failed(whyNot(trained));
  await writeFile(join(job.output, MODEL_FILE), exportOnnx(trained.model));
  const metrics: TrainerMetrics = {
    format: 1,
    config: { ...config, trees: treesOf(trained) },
    metrics: metricsOf(trained, recent.rows),
  };
  await writeFile(join(job.output, METRICS_FILE), `${JSON.stringify(metrics, null, 2)}\n`);
}

/** Rows before the cut, and the newest tenth of them apart, by which the number of trees is chosen. */
async function examples(job: TrainingJob): Promise<{ train: Dataset; recent: Dataset }> {
  const { event_time: eventTime, ...fields } = job.fields;
  const all = await readSnapshot(job.snapshot.path, { ...fields, eventTime });
  const cut = Date.parse(job.train_before);
  const time = (row: number): number => all.eventTimesMs[row] ?? cut;
  const rows = Array.from(all.eventTimesMs, (_, row) => row).filter((row) => time(row) < cut);
  rows.sort((a, b) => time(a) - time(b) || a - b);
  const kept = Math.ceil(rows.length * (1 - RECENT_SHARE));
  return {
    train: takeRows(all.dataset, rows.slice(0, kept)),
    recent: takeRows(all.dataset, rows.slice(kept)),
  };
}

function report(round: Round, of: number): void {
  parentPort?.postMessage({ ...round, of });
}

function failed(reason: string): void {
  parentPort?.postMessage({ failed: reason });
}

function whyNot(trained: Extract<Trained, { status: 'insufficient' }>): string {
  return `too few ${trained.reason} to train on: ${trained.have} of ${trained.need} needed`;
}

function treesOf(trained: Extract<Trained, { status: 'trained' }>): number {
  const { estimator } = trained.model;
  return estimator.kind === 'trees' ? estimator.trees.length : 0;
}

function metricsOf(
  trained: Extract<Trained, { status: 'trained' }>,
  recentRows: number,
): TrainerMetrics['metrics'] {
  const last = trained.history[treesOf(trained) - 1];
  if (last === undefined) return {};
  const training = { training_log_loss: { value: last.loss, n: trained.rows } };
  if (last.validationLoss === undefined || recentRows === 0) return training;
  return { ...training, stopping_log_loss: { value: last.validationLoss, n: recentRows } };
}

const RECENT_SHARE = 0.1;
const OPTIONS = z.strictObject({
  rounds: z.int().min(1).max(5_000).default(BOOSTING_DEFAULTS.rounds),
  learningRate: z.number().positive().max(1).default(BOOSTING_DEFAULTS.learningRate),
  maxLeaves: z.int().min(2).max(1_024).default(BOOSTING_DEFAULTS.maxLeaves),
  maxDepth: z.int().min(1).max(32).default(BOOSTING_DEFAULTS.maxDepth),
  minRowsPerLeaf: z.int().min(1).default(BOOSTING_DEFAULTS.minRowsPerLeaf),
  l2: z.number().nonnegative().default(BOOSTING_DEFAULTS.l2),
  maxBins: z.int().min(2).max(255).default(BOOSTING_DEFAULTS.maxBins),
  rowShare: z.number().positive().max(1).default(BOOSTING_DEFAULTS.rowShare),
  columnShare: z.number().positive().max(1).default(BOOSTING_DEFAULTS.columnShare),
  patience: z.int().min(1).default(BOOSTING_DEFAULTS.patience),
});

// Only builtInTrainer starts this thread, with a job it was given.
await main(workerData as TrainingJob);
