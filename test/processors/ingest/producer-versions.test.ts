import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { createProducerRecorder } from '../../../processors/ingest/record-producers.ts';
import { PRODUCER_VERSION } from '../../../src/core/contract/producer-version.ts';
import { count, instant } from '../../../src/io/clickhouse/columns.ts';
import { exampleOf, framed, openRig, type Rig, START_MS } from '../../fixtures/ingest-rig.ts';
import { stack } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

const MINUTE = 60_000;
const KNOWN = z.object({ version: z.string(), began_ms: count });

test('the header producer_version of records is kept with the event time it began at, and named as the change before an incident', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  const record = (i: number, version?: string) => ({
    key: `e${i}`,
    value: framed(rig.schemaId, rig.type.toBuffer(exampleOf(i))),
    ...(version === undefined ? {} : { headers: { [PRODUCER_VERSION]: version } }),
  });
  await rig.send([
    record(1),
    record(2, 'scorer 1.0'),
    record(60, 'scorer 1.1'),
    record(3, 'scorer 1.0'),
    record(70, 'scorer 1.1'),
    { key: 'broken', value: Buffer.from([9]), headers: { [PRODUCER_VERSION]: 'scorer 2.0' } },
    record(80, ''),
  ]);
  await rig.start();
  await until('every message to be accounted for', async () => (await rig.totals()).consumed === 7);
  assert.deepEqual(await known(rig), [
    { version: 'scorer 1.0', began_ms: START_MS + 2 * MINUTE },
    { version: 'scorer 1.1', began_ms: START_MS + 60 * MINUTE },
    // Its record cannot be read: stream time.
    { version: 'scorer 2.0', began_ms: START_MS + 70 * MINUTE },
  ]);
  const changeBefore = async (minute: number) => {
    const params = {
      topics: [rig.topic],
      serving: rig.table,
      version: 'colour',
      until: new Date(START_MS + minute * MINUTE),
    };
    const rows = await rig.clickhouse.rows(
      'incident-change',
      params,
      z.object({ said: z.string(), at: instant }),
    );
    return rows.map(({ said }) => said).find((said) => said.startsWith('producer'));
  };
  assert.equal(await changeBefore(61), `producer version scorer 1.1 first seen on ${rig.topic}`);
  assert.equal(await changeBefore(71), `producer version scorer 2.0 first seen on ${rig.topic}`);
});

test('the earliest beginning stays, whichever process writes last, and versions without end are not kept', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  const { clickhouse, topic } = rig;
  const recorder = () => createProducerRecorder({ clickhouse, topic, most: 3 });
  const [one, other] = [recorder(), recorder()];
  const at = (version: string, minute: number) => ({ version, offset: 1, atMs: START_MS + minute * MINUTE });
  await one.record(0, [at('a', 5)]);
  await other.record(1, [at('b', 5)]);
  await one.record(0, [at('c', 5)]);
  await other.record(1, [at('c', 9), at('a', 2)]);
  await one.record(0, [at('d', 1)]);
  const fresh = recorder();
  await fresh.record(0, [at('e', 1), at('f', 1)]);
  assert.deepEqual(await known(rig), [
    { version: 'a', began_ms: START_MS + 2 * MINUTE },
    { version: 'b', began_ms: START_MS + 5 * MINUTE },
    { version: 'c', began_ms: START_MS + 5 * MINUTE },
    { version: 'd', began_ms: START_MS + MINUTE },
  ]);
});

async function known({ clickhouse, topic }: Rig) {
  const rows = await clickhouse.rows('producer-versions-known', { topic }, KNOWN);
  return rows.toSorted((a, b) => (a.version < b.version ? -1 : 1));
}
