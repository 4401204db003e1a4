import type { Contract } from '../../src/core/contract/contract.ts';
import type { GateLimits } from '../../src/core/training-data/gate.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { ModelStore } from '../../src/io/files/model-store.ts';
import type { ExampleFields, Examples } from '../../src/io/files/read-snapshot.ts';
import type { OpenScorerArgs } from '../../src/io/onnx-runtime/open-scorer.ts';
import type { Scorer } from '../../src/io/onnx-runtime/scorer.ts';
import type { Trainer } from '../../src/io/trainers/trainer.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { ExamplePolicy } from './check-examples.ts';

/** What a training needs of the world. */
export interface TrainPorts {
  readonly clickhouse: ClickHouse;
  readonly store: ModelStore;
  readonly trainer: Trainer;
  readonly readSnapshot: (path: string, fields: ExampleFields) => Promise<Examples>;
  /** Opens a model after its checks; throws MODEL_REJECTED for one that is not to be trusted. */
  readonly openScorer: (args: OpenScorerArgs) => Promise<Scorer>;
  /** The contract that the training topic's newest schema makes; undefined when nothing is registered. */
  readonly currentContract: (contract: Contract) => Promise<Contract | undefined>;
  readonly log: Log;
  readonly codeVersion: string;
}

/** One model that can be trained. */
export interface TrainableModel {
  readonly contract: Contract;
  /** Table of its training rows. */
  readonly table: string;
  readonly policy: TrainPolicy;
  /** Accepted versions wait for an experiment before they answer. */
  readonly tested?: boolean;
  readonly seed: number;
  /** Hyperparameters handed to the trainer as they are. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface TrainPolicy extends ExamplePolicy {
  /** Newest part of the labelled rows, in days of event time, on which challenger and champion meet. */
  readonly validationDays: number;
  /** Smallest mean gain in nats for which a challenger is accepted. */
  readonly marginNats: number;
  /** What the training data must keep to. */
  readonly gate: GateLimits;
}

/** A decoded record of retrain-requests. Times are milliseconds since 1970. */
export interface RetrainRequest {
  readonly requestId: string;
  readonly model: string;
  readonly incidentId: string | null;
  readonly cause: string;
  readonly requestedMs: number;
  readonly trainFromMs: number;
  readonly trainUntilMs: number;
  /** Since when the relation is another: a version trained from there on is tried as well. */
  readonly onsetMs?: number;
}
