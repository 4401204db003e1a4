import type { AvroDefinition } from '../../src/core/avro/definition.ts';
import type { Contract, Stream } from '../../src/core/contract/contract.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { FlushPolicy, Kafka } from '../../src/io/kafka/port.ts';
import type { Registry } from '../../src/io/registry/registry.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Health, Holding } from '../../src/runtime/health.ts';
import type { Log } from '../../src/runtime/log.ts';

/** What ingest stands on. */
export interface IngestArgs {
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly clickhouse: ClickHouse;
  /** Encodes dead letters: the schema as registered under the subject of the topic dead-letters. */
  readonly deadLetterCodec: {
    readonly schemaId: number;
    readonly definition: AvroDefinition;
    encode(schemaId: number, definition: AvroDefinition, value: Record<string, unknown>): Buffer;
  };
  readonly sources: readonly Source[];
  /**
   * Names this process; unique over all processes that ever run, e.g. host, pid, start time. In the ledger a number
   * follows that grows whenever it takes a partition.
   */
  readonly owner: string;
  readonly groupId: string;
  readonly limits?: Partial<Limits>;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after the ledger row of a batch, in offset order per partition; waited for. */
  onStored(event: StoredEvent): void | Promise<void>;
  /** Called at each labelled step of a batch; tests crash here. */
  onStep?(step: Step, where: { topic: string; partition: number }): void | Promise<void>;
}

export interface Source {
  readonly contract: Contract;
  readonly topic: string;
}

/** In the order in which they happen to a batch. */
export const STEPS = [
  'fetched',
  'classified',
  'inserted',
  'accounted',
  'ledgered',
  'told',
  'committed',
] as const;
export type Step = (typeof STEPS)[number];

export interface Limits {
  readonly flush: FlushPolicy;
  readonly maxBytesPerPartition: number;
  /** After this long without a heartbeat the partitions go to others: what a kill -9 costs at least. */
  readonly sessionTimeoutMs: number;
  /** How far ahead of the broker's clock an event time may move the watermark. */
  readonly maxFutureMs: number;
  /** How long the inserts of a dead owner may take to disappear once killed. */
  readonly killWaitMs: number;
  /** Without progress for this long, a partition that is behind counts as stalled: not ready. */
  readonly stalledAfterMs: number;
  /** Without even an attempt for this long: not live, a new process is needed. */
  readonly stuckAfterMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  // Half the buffer: the other half fills while an insert is under way.
  flush: { rows: 50_000, bytes: 2 * 1024 * 1024, lingerMs: 50 },
  maxBytesPerPartition: 4 * 1024 * 1024,
  sessionTimeoutMs: 15_000,
  maxFutureMs: 3_600_000,
  killWaitMs: 15_000,
  stalledAfterMs: 60_000,
  stuckAfterMs: 600_000,
};

/** What has just become readable in ClickHouse. */
export interface StoredEvent {
  readonly model: string;
  readonly stream: Stream;
  readonly topic: string;
  readonly partition: number;
  /** Rows of this batch that are in the raw table now. */
  readonly rows: number;
  /** First and last offset of the batch, dead letters and tombstones included. */
  readonly minOffset: number;
  readonly maxOffset: number;
  /** Hours of event time that got rows: starts, milliseconds since 1970, ascending, UTC. */
  readonly eventTimes: readonly number[];
  /** Largest event time of the partition so far, clamped against future clocks; undefined before the first row. */
  readonly maxEventTimeMs: number | undefined;
  /** Nothing was left to read behind this batch. */
  readonly caughtUp: boolean;
}

export interface Ingest {
  /** Leaves the group; what is under way ends or is left for the next owner to resume. */
  stop(): Promise<void>;
  progress(): IngestProgress;
  /** Per topic, what the stream time is made of. */
  watermarks(): ReadonlyMap<string, readonly PartitionWatermark[]>;
  /**
   * Resolves when everything that is in the topics now is accounted for in the ledger, by this process, which
   * then has told it, or by another.
   */
  settled(): Promise<void>;
}

export interface IngestProgress extends Health {
  readonly partitions: readonly PartitionReport[];
}

/** Counts are of this process since it took the partition, except consumed, which is of all time. */
export interface PartitionReport {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly floor: number;
  readonly highWatermark: number;
  readonly consumed: number;
  readonly taken: number;
  readonly stored: number;
  readonly deadLetters: number;
  readonly tombstones: number;
  /** Read from Kafka and not yet taken in; at most three times maxBytesPerPartition. */
  readonly bufferedBytes: number;
  /** Why the partition waits, in words, and since when, where it does. */
  readonly holding: Holding | undefined;
}

export interface PartitionWatermark {
  readonly partition: number;
  readonly maxEventTimeMs: number | undefined;
  /** Every offset below is accounted for, and onStored has heard of it since `begunAt`. */
  readonly position: number;
  /** Where this process took the partition: what is below was stored by others, or by itself without being told. */
  readonly begunAt: number;
  readonly highWatermark: number;
  /** Wall clock of the last record, or of taking the partition; milliseconds since 1970. */
  readonly lastRecordAt: number;
}
