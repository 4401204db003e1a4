import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  alerts,
  deadLetters,
  modelReleases,
  retrainRequests,
  SYSTEM_TOPICS,
  shadowPredictions,
} from '../../topics/index.ts';
import type { Topic } from '../../topics/topic.ts';
import { type AvroDefinition, parseDefinition } from '../core/avro/definition.ts';
import { DriftwatchError } from '../errors.ts';
import { type ClickHouse, openClickHouse } from '../io/clickhouse/client.ts';
import { createDatabase, migrate } from '../io/clickhouse/migrate.ts';
import { openKafka } from '../io/kafka/kafka.ts';
import type { Kafka } from '../io/kafka/port.ts';
import { type Codec, openCodec } from '../io/registry/codec.ts';
import { openRegistry, type Registry } from '../io/registry/registry.ts';
import { systemClock } from '../runtime/clock.ts';
import { type Log, openLog } from '../runtime/log.ts';
import type { Encode } from '../runtime/outbox.ts';
import { openShutdown, type Shutdown } from '../runtime/shutdown.ts';
import type { Settings } from './settings.ts';

/** The outside systems, opened, with a list of what to close. */
export interface Ports {
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly codec: Codec;
  readonly clickhouse: ClickHouse;
  readonly log: Log;
  readonly shutdown: Shutdown;
}

/** Opens all ports for one process. Nothing is asked of the systems yet. */
export function openPorts(args: { settings: Settings; name: string; logFile?: string }): Ports {
  const { settings, name } = args;
  const log = openLog({ name, ...(args.logFile === undefined ? {} : { file: args.logFile }) });
  const shutdown = openShutdown({ deadlineMs: 8_000, clock: systemClock, log });
  const kafka = openKafka({ brokers: settings.brokers, clientId: `driftwatch-${name}`, log });
  shutdown.onClose('kafka', () => kafka.close());
  const registry = openRegistry({
    url: settings.registryUrl,
    cacheDirectory: join(settings.home, 'schemas'),
  });
  const clickhouse = openClickHouse({ ...settings.clickhouse, database: settings.config.database });
  shutdown.onClose('clickhouse', () => clickhouse.close());
  return { kafka, registry, codec: openCodec({ registry }), clickhouse, log, shutdown };
}

/** Creates the database and brings its tables up to date. */
export async function prepareDatabase(settings: Settings, clickhouse: ClickHouse): Promise<void> {
  await createDatabase({ ...settings.clickhouse, database: settings.config.database });
  await migrate({ clickhouse });
}

/** Runs some work with the database, and closes it. */
export async function withClickHouse<T>(
  settings: Settings,
  work: (clickhouse: ClickHouse) => Promise<T>,
): Promise<T> {
  const clickhouse = openClickHouse({ ...settings.clickhouse, database: settings.config.database });
  try {
    await prepareDatabase(settings, clickhouse);
    return await work(clickhouse);
  } finally {
    await clickhouse.close();
  }
}

/** Creates the system topics and registers the records that travel on them. */
export async function prepareSystemTopics(args: {
  kafka: Kafka;
  registry: Registry;
}): Promise<SystemRecords> {
  await args.kafka.createTopics(SYSTEM_TOPICS);
  const records = new Map<string, { schemaId: number; definition: AvroDefinition }>();
  for (const [topic, file] of RECORDS) {
    const definition = readDefinition(new URL(file, SCHEMAS));
    const schemaId = await args.registry.register({
      subject: topic.subject,
      definition,
      compatibility: topic.compatibility,
    });
    records.set(topic.name, { schemaId, definition });
  }
  return records;
}

/** Schema id and definition per system topic. */
export type SystemRecords = ReadonlyMap<
  string,
  { readonly schemaId: number; readonly definition: AvroDefinition }
>;

/** Encoders of some system topics, for an outbox. */
export function encodersOf(args: {
  records: SystemRecords;
  codec: Codec;
  topics: readonly Topic[];
}): Map<string, Encode> {
  return new Map(
    args.topics.map(({ name }) => {
      const record = recordOf(args.records, name);
      return [name, (value) => args.codec.encode(record.schemaId, record.definition, value)];
    }),
  );
}

export function recordOf(
  records: SystemRecords,
  topic: string,
): { schemaId: number; definition: AvroDefinition } {
  const record = records.get(topic);
  if (record !== undefined) return record;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The topic ${topic} has no record.`,
    next: 'Name its schema in src/cli/wire.ts.',
  });
}

/** A schema file; a broken one is a bug of this package. */
export function readDefinition(file: URL): AvroDefinition {
  const parsed = parseDefinition(readFileSync(file, 'utf8'));
  if (parsed.status === 'ok') return parsed.definition;
  throw new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `${file.pathname} is not an Avro schema: ${parsed.problems.join('; ')}.`,
    next: 'Mend the file.',
  });
}

/** Names this process among all that ever ran. */
export function ownerName(name: string): string {
  return `${name}@${hostname()}:${process.pid}:${Date.now()}`;
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve(signal));
  });
}

/** Aborted when that promise resolves. */
export function abortedBy(stopped: Promise<unknown>): AbortSignal {
  const stopping = new AbortController();
  void stopped.then(() => stopping.abort());
  return stopping.signal;
}

/** Usual ports of the processes of driftwatch itself, shifted by --port-offset. */
export const SERVER_PORT = 8085;
export const PROCESS_PORT = 8086;
export const DASHBOARD_PORT = 8088;
export const CODE_VERSION = '0.1.0';
const SCHEMAS = new URL('../../schemas/avro/', import.meta.url);
const RECORDS: readonly (readonly [Topic, string])[] = [
  [alerts, 'alert.avsc'],
  [retrainRequests, 'retrain-request.avsc'],
  [modelReleases, 'model-release.avsc'],
  [deadLetters, 'dead-letter.avsc'],
  [shadowPredictions, 'shadow-prediction.avsc'],
];
