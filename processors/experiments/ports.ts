import type { RolloutPlan } from '../../src/core/experiments/rollout.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { Kafka } from '../../src/io/kafka/port.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { Outbox } from '../../src/runtime/outbox.ts';
import type { ModelView } from '../panes/model-view.ts';

/** What the experiments need of the world. */
export interface ExperimentPorts {
  readonly kafka: Pick<Kafka, 'consume' | 'watermarks'>;
  readonly clickhouse: ClickHouse;
  /** Publishes to model-releases; the one of the trainer, so that one process at a time does. */
  readonly outbox: Outbox;
  readonly decode: (payload: Buffer) => Promise<Record<string, unknown>>;
  /** How far in event time some topics have been taken in. */
  readonly times: (topics: readonly string[]) => Promise<ReadonlyMap<string, TopicTimes>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Called at each labelled step of a decision, before those of the outbox; tests and chaos crash here. */
  readonly onStep?: (step: ExperimentStep) => void | Promise<void>;
}

export type ExperimentStep = 'decision-written';

export interface TopicTimes {
  /** Every partition with rows has got this far, milliseconds since 1970. */
  readonly reachedMs: number;
  /** The furthest partition has. */
  readonly furthestMs: number;
}

/** A model whose releases are followed; without a test an accepted version answers at once. */
export interface FollowedModel {
  readonly view: ModelView;
  readonly test?: TestedModel;
}

/** A model whose accepted versions are tested on live traffic. */
export interface TestedModel {
  readonly view: ModelView;
  readonly plan: RolloutPlan;
  /** Nats by which a segment may become worse. */
  readonly tolerance: number;
  /** How long after its answer a label may come, milliseconds. */
  readonly labelDelayMs: number;
  /** How late labels may be taken in without being late, milliseconds. */
  readonly disorderMs: number;
}
