import type { AvroDefinition } from '../../src/core/avro/definition.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { Kafka } from '../../src/io/kafka/port.ts';
import type { Codec } from '../../src/io/registry/codec.ts';
import type { Registry } from '../../src/io/registry/registry.ts';
import type { Clock } from '../../src/runtime/clock.ts';

/** What the replay acts on: it is a set of producers, a client of the model server, and a reader of progress. */
export interface DemoPorts {
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly codec: Codec;
  readonly clickhouse: ClickHouse;
  readonly clock: Clock;
  readonly serverUrl: string;
  readonly processUrl: string;
  /** Aborted when the replay is to end at once. */
  readonly signal: AbortSignal;
}

/** A registered schema of one producer. */
export interface Registered {
  readonly schemaId: number;
  readonly definition: AvroDefinition;
}

export const MODEL = 'flights';
