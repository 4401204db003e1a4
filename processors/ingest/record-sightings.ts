import { z } from 'zod';
import { FRAME_LENGTH } from '../../src/core/avro/frame.ts';
import { walkExactly } from '../../src/core/avro/walker.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import { oneAtATime } from '../../src/runtime/one-at-a-time.ts';
import type { Sighting } from './plan.ts';
import type { WriterSchema } from './writer-schema.ts';

/** Keeps the table writer_schemas of one topic: each schema met, its verdict, its findings, and since when. */
export interface SightingRecorder {
  /** Called with the first message of each schema in a batch, before the batch is accounted for. */
  record(partition: number, sightings: readonly Sighting[]): Promise<void>;
}

/**
 * A schema that was refused and is accepted later, because it was registered where it belongs, is new again.
 * `began` is the smallest event time over the partitions' first messages with the schema: a row is written
 * when a schema is new, and again when another partition saw it earlier in event time. A crash repeats a
 * first message and changes nothing, so the table ends the same however often that happens.
 */
export function createSightingRecorder(args: {
  clickhouse: ClickHouse;
  topic: string;
  schema(schemaId: number): WriterSchema | undefined;
}): SightingRecorder {
  const { clickhouse, topic } = args;
  const seen = new Set<string>();
  let began: Map<string, number> | undefined;
  const inTurn = oneAtATime();

  async function record(partition: number, sightings: readonly Sighting[]): Promise<void> {
    const keyOf = (id: number) => `${id}/${args.schema(id)?.accepted === true ? 'accepted' : 'refused'}`;
    const fresh = sightings.filter(({ schemaId }) => !seen.has(`${partition}/${keyOf(schemaId)}`));
    if (fresh.length === 0) return;
    if (began === undefined) {
      const rows = await clickhouse.rows('writer-schemas-known', { topic }, KNOWN);
      began = new Map(rows.map((row) => [`${row.schema_id}/${row.verdict}`, row.began_ms]));
    }
    for (const sighting of fresh) {
      const schema = args.schema(sighting.schemaId);
      if (schema === undefined) continue;
      const beganMs = clampedToStorage(beginning(sighting, schema));
      const key = keyOf(schema.schemaId);
      const before = began.get(key);
      if (before === undefined || beganMs < before) {
        await clickhouse.insert('writer_schemas', rowsOf({ topic, partition, sighting, schema, beganMs }));
        began.set(key, beganMs);
      }
      seen.add(`${partition}/${key}`);
    }
  }

  return { record: (partition, sightings) => inTurn(() => record(partition, sightings)) };
}

/** Event time of the message where it can be read, even if its schema was refused; else stream time. */
function beginning(sighting: Sighting, schema: WriterSchema): number {
  if (sighting.eventTimeMs !== undefined) return sighting.eventTimeMs;
  const { value } = sighting.message;
  if (value !== null && schema.walker !== undefined) {
    const walked = walkExactly(schema.walker, value, FRAME_LENGTH);
    if (walked.status === 'ok') return walked.eventTimeMs;
  }
  return sighting.streamTimeMs ?? sighting.message.timestampMs;
}

function rowsOf(args: {
  topic: string;
  partition: number;
  sighting: Sighting;
  schema: WriterSchema;
  beganMs: number;
}): Record<string, unknown>[] {
  const { topic, partition, sighting, schema, beganMs } = args;
  const findings = schema.findings.length > 0 ? schema.findings : [{ class: 'none', field: '', detail: '' }];
  return findings.map((finding) => ({
    topic,
    schema_id: schema.schemaId,
    verdict: schema.accepted ? 'accepted' : 'refused',
    class: finding.class,
    field: finding.field,
    detail: finding.detail,
    first_partition: partition,
    first_offset: sighting.offset,
    began: new Date(beganMs).toISOString(),
    definition: JSON.stringify(schema.definition),
  }));
}

/** What a column of an event time can hold. */
export function clampedToStorage(ms: number): number {
  return Math.min(Math.max(ms, Date.UTC(2000, 0, 1)), Date.UTC(2100, 0, 1) - 1);
}

const KNOWN = z.object({ schema_id: count, verdict: z.string(), began_ms: count });
