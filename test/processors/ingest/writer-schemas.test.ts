import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { Sighting } from '../../../processors/ingest/plan.ts';
import { createSightingRecorder } from '../../../processors/ingest/record-sightings.ts';
import type { WriterSchema } from '../../../processors/ingest/writer-schema.ts';
import { count } from '../../../src/io/clickhouse/columns.ts';
import { openRig, START_MS } from '../../fixtures/ingest-rig.ts';
import { stack } from '../../fixtures/stack.ts';

const KNOWN = z.object({ schema_id: count, verdict: z.string(), began_ms: count });

function schemaOf(schemaId: number, accepted: boolean): WriterSchema {
  return {
    schemaId,
    accepted,
    findings: [],
    definition: 'string',
    walker: undefined,
    container: undefined,
    columns: [],
  };
}

function sightingOf(schemaId: number, eventTimeMs: number): Sighting {
  const message = {
    topic: 'serving.toy',
    partition: 0,
    offset: 1,
    key: null,
    value: null,
    timestampMs: eventTimeMs,
    headers: {},
  };
  return { schemaId, offset: 1, message, eventTimeMs, streamTimeMs: undefined };
}

test('two processes that meet a schema at once leave the earlier beginning, whichever writes last', async (t) => {
  const { clickhouse } = await openRig(t, { addresses: stack(), partitions: 1 });
  const topic = 'serving.toy';
  const recorder = () =>
    createSightingRecorder({ clickhouse, topic, schema: (id) => schemaOf(id, id !== 8) });
  const [one, other] = [recorder(), recorder()];
  // Each has read what the table knows before the other writes.
  await one.record(0, [sightingOf(1, START_MS)]);
  await other.record(1, [sightingOf(2, START_MS)]);
  await one.record(0, [sightingOf(7, START_MS), sightingOf(8, START_MS)]);
  await other.record(1, [sightingOf(7, START_MS + 180_000), sightingOf(8, START_MS - 180_000)]);
  const known = await clickhouse.rows('writer-schemas-known', { topic }, KNOWN);
  const of = (id: number) => known.filter(({ schema_id }) => schema_id === id);
  assert.deepEqual(of(7), [{ schema_id: 7, verdict: 'accepted', began_ms: START_MS }]);
  assert.deepEqual(of(8), [{ schema_id: 8, verdict: 'refused', began_ms: START_MS - 180_000 }]);
});

test('a schema that was refused and is accepted later counts as accepted from then on', async (t) => {
  const { clickhouse } = await openRig(t, { addresses: stack(), partitions: 1 });
  const topic = 'serving.toy';
  const refusing = createSightingRecorder({ clickhouse, topic, schema: (id) => schemaOf(id, false) });
  await refusing.record(0, [sightingOf(9, START_MS)]);
  const accepting = createSightingRecorder({ clickhouse, topic, schema: (id) => schemaOf(id, true) });
  await accepting.record(0, [sightingOf(9, START_MS + 1)]);
  const known = await clickhouse.rows('writer-schemas-known', { topic }, KNOWN);
  assert.deepEqual(known, [{ schema_id: 9, verdict: 'accepted', began_ms: START_MS + 1 }]);
});
