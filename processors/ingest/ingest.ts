import { z } from 'zod';
import { DriftwatchError } from '../../src/errors.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { health } from '../../src/runtime/health.ts';
import { createSchemaJudge, type SchemaJudge } from './judge-schemas.ts';
import { createPartition, type Partition } from './partition.ts';
import {
  DEFAULT_LIMITS,
  type Ingest,
  type IngestArgs,
  type PartitionWatermark,
  type Source,
} from './ports.ts';
import { createProducerRecorder, type ProducerRecorder } from './record-producers.ts';
import { createSightingRecorder, type SightingRecorder } from './record-sightings.ts';
import { watchLeases } from './watch-leases.ts';

/**
 * Starts taking the sources in: every message becomes a row of its raw table, a dead letter or a tombstone,
 * exactly once whatever dies when. Raw tables and topics must exist. Resolves when the group is joined;
 * throws BROKER_UNREACHABLE when that fails. What fails later is waited for and tried again: `progress` says
 * which partition waits for what.
 */
export async function startIngest(args: IngestArgs): Promise<Ingest> {
  const { kafka, clickhouse, registry, clock, groupId } = args;
  const limits = { ...DEFAULT_LIMITS, ...args.limits };
  const log = args.log.child({ processor: 'ingest' });
  const producer = await kafka.producer();
  const topics = new Map(args.sources.map((source) => [source.topic, perTopic(source)]));
  const partitions = new Map<string, Partition>();
  const startedAtMs = clock.now();
  let taken = 0;

  function perTopic(source: Source): PerTopic {
    const judge = createSchemaJudge({ registry, source, clock });
    const sightings = createSightingRecorder({ clickhouse, topic: source.topic, schema: judge.schema });
    const producers = createProducerRecorder({ clickhouse, topic: source.topic });
    return { source, judge, sightings, producers };
  }

  function place(topic: string, partition: number): Partition {
    const known = partitions.get(keyOf(topic, partition));
    if (known !== undefined) return known;
    const of = topics.get(topic);
    if (of === undefined) throw noSource(topic);
    const made = createPartition({
      ...of,
      partition,
      kafka,
      clickhouse,
      producer,
      ingest: args,
      newOwner() {
        taken += 1;
        return `${args.owner}#${taken}`;
      },
      limits,
      clock,
      log,
    });
    partitions.set(keyOf(topic, partition), made);
    return made;
  }

  const consumer = await kafka.consume({
    groupId,
    topics: [...topics.keys()],
    fromBeginning: true,
    flush: limits.flush,
    maxBytesPerPartition: limits.maxBytesPerPartition,
    sessionTimeoutMs: limits.sessionTimeoutMs,
    onAssigned: (assignment) => place(assignment.topic, assignment.partition).begin(assignment),
    onBatch: (batch, control) => place(batch.topic, batch.partition).take(batch, control),
    async onRevoked({ topic, partition }) {
      partitions.delete(keyOf(topic, partition));
    },
  });

  const stopping = new AbortController();
  const watching = watchLeases({
    clickhouse,
    clock,
    log,
    everyMs: limits.sessionTimeoutMs,
    topics: [...topics.keys()],
    signal: stopping.signal,
    see: (topic, partition, holder) => partitions.get(keyOf(topic, partition))?.see(holder),
  });

  function watermarks(): ReadonlyMap<string, readonly PartitionWatermark[]> {
    const result = new Map<string, PartitionWatermark[]>();
    for (const one of partitions.values()) {
      const list = result.get(one.topic) ?? [];
      list.push(one.watermark());
      result.set(one.topic, list);
    }
    for (const list of result.values()) list.sort((a, b) => a.partition - b.partition);
    return result;
  }

  return {
    async stop() {
      stopping.abort();
      await consumer.close();
      await watching;
      await producer.close();
    },
    progress() {
      const reports = [...partitions.values()].map((one) => one.report());
      const state = health({
        now: clock.now(),
        stalledAfterMs: limits.stalledAfterMs,
        stuckAfterMs: limits.stuckAfterMs,
        startedAtMs,
        lastFetchAtMs: consumer.lastFetchAtMs(),
        partitions: reports.map((report) => ({ ...report, position: report.floor })),
      });
      const buffered = new Map(
        consumer.progress().map((one) => [keyOf(one.topic, one.partition), one.bufferedBytes]),
      );
      return {
        ...state,
        partitions: reports.map(({ lastProgressAtMs: _, lastAttemptAtMs: __, ...report }) => ({
          ...report,
          bufferedBytes: buffered.get(keyOf(report.topic, report.partition)) ?? 0,
        })),
      };
    },
    watermarks,
    settled: () => settled({ kafka, clickhouse, clock, topics: [...topics.keys()], watermarks }),
  };
}

interface PerTopic {
  readonly source: Source;
  readonly judge: SchemaJudge;
  readonly sightings: SightingRecorder;
  readonly producers: ProducerRecorder;
}

/** Waits until the floors of all partitions have reached where the topics end now. */
async function settled(args: {
  kafka: IngestArgs['kafka'];
  clickhouse: IngestArgs['clickhouse'];
  clock: Clock;
  topics: readonly string[];
  watermarks: Ingest['watermarks'];
}): Promise<void> {
  const { kafka, clickhouse, clock, topics } = args;
  const missing = new Map<string, number>();
  for (const topic of topics) {
    for (const mark of await kafka.watermarks(topic)) {
      if (mark.high > mark.low) missing.set(keyOf(topic, mark.partition), mark.high);
    }
  }
  for (let round = 0; missing.size > 0; round += 1) {
    for (const [topic, marks] of args.watermarks()) {
      for (const mark of marks) reached(missing, topic, mark.partition, mark.position);
    }
    if (missing.size === 0) return;
    // Partitions of other processes: the ledger knows.
    if (round % 10 === 9) {
      for (const row of await clickhouse.rows('ledger-floors', { topics }, FLOOR)) {
        reached(missing, row.topic, row.partition, row.floor);
      }
    }
    await clock.sleep(POLL_MS);
  }
}

function reached(missing: Map<string, number>, topic: string, partition: number, floor: number): void {
  const high = missing.get(keyOf(topic, partition));
  if (high !== undefined && floor >= high) missing.delete(keyOf(topic, partition));
}

const POLL_MS = 20;
const FLOOR = z.object({ topic: z.string(), partition: count, floor: count });

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function noSource(topic: string): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `A message of ${topic} arrived, which is not a source of this ingest.`,
    next: 'Give the process a group of its own.',
  });
}
