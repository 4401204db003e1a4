import { readFile } from 'node:fs/promises';
import type { LabelTask } from '../../src/core/contract/label-task.ts';
import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import type { Examples } from '../../src/io/files/read-snapshot.ts';
import type { TrainerMetrics, TrainingJob } from '../../src/io/trainers/trainer.ts';
import { checkExamples } from './check-examples.ts';
import { type MeasuredModel, measure } from './measure.ts';
import type { RetrainRequest, TrainableModel, TrainPorts } from './ports.ts';
import type { Split } from './split-by-time.ts';

/** A model that was trained on some of the rows and measured on the validation rows. */
export interface Candidate {
  readonly training: Dataset;
  /** First event time trained on, when it is not all of the window. */
  readonly fromMs?: number;
  readonly metrics: TrainerMetrics;
  readonly challenger: MeasuredModel;
  readonly onnx: Buffer;
}

export type Trained =
  | ({ readonly status: 'trained' } & Candidate)
  | { readonly status: 'failed'; readonly reason: string };

/**
 * Trains on all rows before the validation and, when the request names the onset of a change and enough rows are there
 * since, on these alone as well; the one with the smaller loss on the validation rows goes on. After a sudden change
 * the old rows teach the old world; after a slow or a false one they only make a better model.
 */
export async function trainCandidates(args: {
  ports: TrainPorts;
  model: TrainableModel;
  request: RetrainRequest;
  task: LabelTask;
  examples: Examples;
  split: Split;
  validation: Dataset;
  job: (output: string, fromMs?: number) => TrainingJob;
  signal: AbortSignal;
}): Promise<Trained> {
  const { ports, model, request, examples, split, validation } = args;
  const whole = await trainOne(args, split.training);
  const { onsetMs } = request;
  if (whole.status === 'failed' || onsetMs === undefined) return whole;
  const recent = split.training.filter((row) => (examples.eventTimesMs[row] ?? onsetMs) >= onsetMs);
  if (recent.length === split.training.length) return whole;
  const training = takeRows(examples.dataset, recent);
  const { task } = args;
  if (checkExamples({ training, validation, task, policy: model.policy }).length > 0) return whole;
  const since = await trainOne(args, recent, onsetMs);
  // Each regression's log-loss is by its own errors, so that the smaller one has the smaller squared error.
  const better = since.status === 'trained' && since.challenger.mean < whole.challenger.mean;
  ports.log.info(
    {
      event: 'train.onset',
      rows: recent.length,
      log_loss: since.status === 'trained' ? since.challenger.mean : since.reason,
      log_loss_whole: whole.challenger.mean,
      kept: better ? 'since the onset' : 'whole window',
    },
    'Trained since the onset of the change as well',
  );
  return better ? since : whole;
}

async function trainOne(
  args: Parameters<typeof trainCandidates>[0],
  rows: readonly number[],
  fromMs?: number,
): Promise<Trained> {
  const { ports, request, task, examples, validation, signal } = args;
  const { log, trainer } = ports;
  const job = args.job(await ports.store.openJob(request.requestId), fromMs);
  const about = { version: job.version, trainer: trainer.name, rows: rows.length };
  log.info({ event: 'train.started', ...about }, 'Training');
  const trained = await trainer.train({
    job,
    signal,
    onProgress: (progress) => log.info({ event: 'train.progress', ...about, progress }, 'Training goes on'),
  });
  if (trained.status === 'failed') return trained;
  const { openScorer } = ports;
  const challenger = await measure({ openScorer, path: trained.modelPath, rows: validation, task });
  if (challenger.status === 'refused') {
    return { status: 'failed', reason: `the trained model was refused: ${challenger.why}` };
  }
  return {
    status: 'trained',
    training: takeRows(examples.dataset, rows),
    ...(fromMs === undefined ? {} : { fromMs }),
    metrics: trained.metrics,
    challenger,
    onnx: await readFile(trained.modelPath),
  };
}
