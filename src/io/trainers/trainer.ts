import { z } from 'zod';
import type { Task } from '../../core/models/model.ts';

/**
 * Whatever turns a snapshot into a model: the built-in one, or any command. A trainer reads the job and
 * the snapshot, and leaves `model.onnx` and `metrics.json` in the job's output directory. The decision
 * whether the model is good is never its own: driftwatch scores the validation rows itself.
 */
export interface Trainer {
  /** Name and version, kept in the manifest. */
  readonly name: string;
  train(args: {
    job: TrainingJob;
    signal: AbortSignal;
    onProgress(progress: Record<string, unknown>): void;
  }): Promise<TrainingOutcome>;
}

export type TrainingOutcome =
  | { readonly status: 'trained'; readonly modelPath: string; readonly metrics: TrainerMetrics }
  /** The data or the command did not allow a model; `reason` is a sentence for a person. */
  | { readonly status: 'failed'; readonly reason: string };

/** The job as it is given to a trainer, in a file `job.json`. Paths are absolute. */
export interface TrainingJob {
  readonly format: 1;
  readonly request_id: string;
  readonly model: string;
  readonly version: string;
  readonly snapshot: { readonly path: string; readonly sha256: string; readonly rows: number };
  readonly fields: {
    readonly id: string;
    readonly event_time: string;
    readonly label: string;
    readonly numeric: readonly string[];
    /** The numeric ones that are times in milliseconds since 1970. */
    readonly timestamps?: readonly string[];
    readonly categorical: readonly string[];
    /** Classes of a categorical label, in the order that the model must answer in. */
    readonly classes?: readonly string[];
  };
  /**
   * What the model must answer: `probability` (float [N, 1], of label 1), `prediction` (a number, float [N, 1]), or
   * `probabilities` (float [N, classes]). Classification when absent.
   */
  readonly task?: Task;
  /**
   * Rows with an event time at or after this are for validation: not to be trained on, nor are earlier rows with the
   * id of one of them. ISO 8601.
   */
  readonly train_before: string;
  /** Rows with an event time before this are not to be trained on either; absent when all of them are. ISO 8601. */
  readonly train_from?: string;
  readonly seed: number;
  /** Hyperparameters, as configured for the model; a trainer knows its own defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Existing directory to leave model.onnx and metrics.json in. */
  readonly output: string;
}

/** `metrics.json`: what the trainer did, and what it measured, each number with its sample size. */
export const TRAINER_METRICS = z.object({
  format: z.literal(1),
  config: z.record(z.string(), z.json()),
  metrics: z.record(z.string(), z.object({ value: z.number(), n: z.int().positive() })),
});
export type TrainerMetrics = z.infer<typeof TRAINER_METRICS>;

export const MODEL_FILE = 'model.onnx';
export const METRICS_FILE = 'metrics.json';
export const JOB_FILE = 'job.json';
