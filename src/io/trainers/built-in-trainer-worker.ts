import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type Dataset, takeRows } from '../../core/models/dataset.ts';
import type { Round } from '../../core/models/model.ts';
import { type TrainedModel, type TrainerSettings, trainModel } from '../../core/models/train-model.ts';
import { exportOnnx } from '../../core/onnx/export-model.ts';
import { seededRandom } from '../../core/random.ts';
import { readSnapshot } from '../files/read-snapshot.ts';
import { readSettings } from './built-in-settings.ts';
import { METRICS_FILE, MODEL_FILE, type TrainerMetrics, type TrainingJob } from './trainer.ts';

/** The thread of builtInTrainer: reads the job from workerData, leaves the files, or says why it cannot. */
async function main(job: TrainingJob): Promise<void> {
  const { task = 'classification' } = job;
  if (job.settings['task'] !== undefined && job.settings['task'] !== task) {
    return failed(`settings: task is ${job.settings['task']}, and the label asks for ${task}`);
  }
  const read = readSettings({ ...job.settings, task }, job.fields);
  if (read.status === 'bad') return failed(read.why);
  const { settings } = read;
  const trained = trainModel({
    rows: await examples(job),
    settings,
    random: seededRandom(job.seed),
    onProgress: (round) => report(round, settings.rounds),
  });
  if (trained.status === 'insufficient') return failed(whyNot(trained));
  await writeFile(join(job.output, MODEL_FILE), exportOnnx(trained.model));
  const metrics: TrainerMetrics = {
    format: 1,
    config: { ...configOf(settings), trees: treesOf(trained) },
    metrics: metricsOf(trained),
  };
  await writeFile(join(job.output, METRICS_FILE), `${JSON.stringify(metrics, null, 2)}\n`);
}

/** The settings as JSON says them. */
function configOf({ monotone, timeFeatures, ...settings }: TrainerSettings): TrainerMetrics['config'] {
  return { ...settings, monotone: { ...monotone }, timeFeatures: [...timeFeatures] };
}

/** Rows that may be trained on, in the order of time: none whose id is among the rows that it is measured on. */
async function examples(job: TrainingJob): Promise<Dataset> {
  const { event_time: eventTime, timestamps: _, ...fields } = job.fields;
  const all = await readSnapshot(job.snapshot.path, { ...fields, eventTime });
  const cut = Date.parse(job.train_before);
  const from = job.train_from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(job.train_from);
  const time = (row: number): number => all.eventTimesMs[row] ?? cut;
  const measured = new Set(all.ids.filter((_, row) => time(row) >= cut));
  const rows = Array.from(all.eventTimesMs, (_, row) => row).filter(
    (row) => time(row) >= from && time(row) < cut && !measured.has(all.ids[row] ?? ''),
  );
  rows.sort((a, b) => time(a) - time(b) || a - b);
  return takeRows(all.dataset, rows);
}

function report(round: Round, of: number): void {
  parentPort?.postMessage({ ...round, of });
}

function failed(reason: string): void {
  parentPort?.postMessage({ failed: reason });
}

function whyNot(trained: Extract<TrainedModel, { status: 'insufficient' }>): string {
  return `too few ${trained.reason} to train on: ${trained.have} of ${trained.need} needed`;
}

function treesOf(trained: Extract<TrainedModel, { status: 'trained' }>): number {
  const { estimator } = trained.model;
  if (estimator.kind === 'class-trees') return estimator.classes[0]?.trees.length ?? 0;
  return estimator.kind === 'trees' ? estimator.trees.length : 0;
}

function metricsOf(trained: Extract<TrainedModel, { status: 'trained' }>): TrainerMetrics['metrics'] {
  const kept = treesOf(trained);
  const last = kept === 0 ? trained.history.at(-1) : trained.history[kept - 1];
  if (last === undefined) return {};
  const of = trained.model.task === 'regression' ? 'squared_error' : 'log_loss';
  const training = { [`training_${of}`]: { value: last.loss, n: trained.rows } };
  if (last.validationLoss === undefined || trained.recentRows === 0) return training;
  return { ...training, [`stopping_${of}`]: { value: last.validationLoss, n: trained.recentRows } };
}

// Only builtInTrainer starts this thread, with a job it was given.
await main(workerData as TrainingJob);
