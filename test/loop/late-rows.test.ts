import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createClient } from '@clickhouse/client';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';
import { stackVariables, startCli } from '../fixtures/cli.ts';
import { stack, uniqueName } from '../fixtures/stack.ts';
import { HOUR, START, type ToyRow, TRAINING_HOURS } from '../fixtures/toy.ts';
import { openToyLoop } from '../fixtures/toy-loop.ts';
import { until } from '../fixtures/until.ts';

/** Of this hour only examples with a large z come in time. */
const PARTIAL = 62;
const END = 68;
const INCIDENT = z.object({
  incident_id: z.string(),
  revision: z.coerce.number(),
  transition: z.string(),
  status: z.string(),
  summary: z.string(),
  reason: z.string(),
  first_feature: z.string(),
  cost_basis: z.string(),
  cost_rows: z.coerce.number(),
  reported: z.string(),
});
const ALERT = z.object({
  incident_id: z.string(),
  transition: z.string(),
  model: z.string(),
  status: z.string(),
  reason: z.string(),
});

test('late rows revise a verdict and its incident is retracted once, whatever dies in between', async (t) => {
  const systems = stack();
  const name = uniqueName('late');
  const loop = await openToyLoop({
    systems,
    name,
    after: (clean) => t.after(clean),
    modelSettings: '    allowed_lateness: 12h',
    endHour: END,
  });
  const isLate = (row: ToyRow) => row.hour === PARTIAL && row.z < 5.5;
  const hours = (from: number, to: number) => loop.rows.filter(({ hour }) => hour >= from && hour < to);
  const first = await loop.startProcessor();
  await loop.log(hours(0, TRAINING_HOURS));
  await loop.settled(first);
  await loop.registerVersion(loop.rows);
  await loop.log(hours(TRAINING_HOURS, END - 2).filter((row) => !isLate(row)));
  await loop.settled(first);

  const { url, username, password } = systems.clickhouse;
  const reader = createClient({ url, username, password, database: name });
  t.after(() => reader.close());
  const ask = async <T>(row: z.ZodType<T>, query: string, params: Record<string, unknown> = {}) => {
    const answer = await reader.query({ query, query_params: params, format: 'JSONEachRow' });
    return z.array(row).parse(await answer.json());
  };
  const transitions = () => ask(INCIDENT, 'SELECT * FROM incidents FINAL ORDER BY incident_id, revision');

  const opened = await transitions();
  const [page] = opened.filter(({ first_feature }) => first_feature === 'z');
  assert.equal(page?.transition, 'open', JSON.stringify(opened));
  assert.deepEqual([page.cost_basis, page.reason], ['estimated', '']);
  assert.ok(page.cost_rows > 0);
  const pageTime = opened
    .map(({ reported }) => reported)
    .toSorted()
    .at(-1);

  // The processor dies when the retraction is in the table and not yet on the topic.
  first.child.kill('SIGKILL');
  await first.exited;
  const dying = await loop.startProcessor({ crashAt: 'incidents-written:1:0:0' });
  await loop.log(hours(PARTIAL, PARTIAL + 1).filter(isLate));
  await dying.exited;
  const second = await loop.startProcessor();
  await loop.settled(second);
  await loop.log(hours(END - 2, END));
  await loop.settled(second);

  await t.test('the incident is retracted with the reason in words, and no other is left of it', async () => {
    const now = await transitions();
    const said = now.filter(({ incident_id }) => incident_id === page.incident_id);
    assert.deepEqual(
      said.map(({ transition }) => transition),
      ['open', 'retract'],
      JSON.stringify(now),
    );
    assert.match(
      said[1]?.reason ?? '',
      /^\d+ late rows of the window of 2024-01-03 14:00 (brought|lowered) z from \d\.\d+ sd /,
    );
    assert.match(said[1]?.reason ?? '', /under the effect floor of 0\.[15]/);
    const [left] = await ask(
      z.object({ n: z.coerce.number() }),
      "SELECT count() AS n FROM findings FINAL WHERE feature = 'z' AND status != 'retracted'",
    );
    assert.equal(left?.n, 0);
  });

  await t.test('an outside consumer sees exactly one retraction', async (t) => {
    const kafka = new Kafka({ brokers: [...systems.brokers], logLevel: logLevel.NOTHING });
    const registry = new SchemaRegistry({ host: systems.registryUrl });
    const consumer = kafka.consumer({ groupId: uniqueName('outside') });
    const admin = kafka.admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets('alerts');
    await admin.disconnect();
    t.after(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topic: 'alerts', fromBeginning: true });
    const alerts: (z.infer<typeof ALERT> & { id: string })[] = [];
    const read = new Map<number, number>();
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const alert: unknown = message.value === null ? null : await registry.decode(message.value);
        alerts.push({ ...ALERT.parse(alert), id: String(message.headers?.['ce_id']) });
        read.set(partition, Number(message.offset) + 1);
      },
    });
    await until('the end of the alerts', () =>
      ends.every(({ partition, high }) => (read.get(partition) ?? 0) >= Number(high)),
    );
    const own = alerts.filter(({ model }) => model === name);
    const retractions = own.filter(({ transition }) => transition === 'retract');
    assert.deepEqual(
      retractions.map(({ incident_id, status }) => [incident_id, status]),
      [[page.incident_id, 'retracted']],
    );
    assert.equal(new Set(own.map(({ id }) => id)).size, own.length, 'an alert came twice');
  });

  await t.test('what was known at page time stays queryable', async () => {
    const verdict = z.object({ verdict: z.string(), revision: z.coerce.number(), n: z.coerce.number() });
    const asked = `SELECT verdict, revision, n FROM verdicts_as_of(at = {at:String})
      WHERE kind = 'distribution-skew' AND feature = 'z' AND segment = '' AND window_start = fromUnixTimestamp64Milli({start:Int64})`;
    const start = START + PARTIAL * HOUR;
    const [before] = await ask(verdict, asked, { at: pageTime, start });
    const [after] = await ask(verdict, asked, { at: '2030-01-01 00:00:00', start });
    assert.deepEqual([before?.verdict, before?.revision, after?.verdict], ['drift', 0, 'ok']);
    assert.ok((after?.revision ?? 0) > 0);
    assert.equal((after?.n ?? 0) - (before?.n ?? 0), hours(PARTIAL, PARTIAL + 1).filter(isLate).length);
    const incident = `SELECT * FROM incidents_as_of(at = {at:String}) WHERE incident_id = {id:UUID}`;
    const known = async (at: string | undefined) =>
      (await ask(INCIDENT, incident, { at, id: page.incident_id }))[0]?.status;
    assert.deepEqual([await known(pageTime), await known('2030-01-01 00:00:00')], ['open', 'retracted']);
  });

  await t.test('a verdict is what Kafka gives, also when a stored row is not', async (t) => {
    const [revised] = await ask(
      z.object({ id: z.string() }),
      `SELECT verdict_id AS id FROM drift_history
       WHERE kind = 'feature-skew' AND feature = 'z' AND segment = '' AND window_start = fromUnixTimestamp64Milli({start:Int64})`,
      { start: START + PARTIAL * HOUR },
    );
    const verify = async (from: string) => {
      const config = join(loop.home, 'driftwatch.yaml');
      const options = ['verify', revised?.id ?? '', '--from', from, '--json'];
      const run = startCli(t, [...options, '--home', loop.home, '--config', config], stackVariables(systems));
      const { code } = await run.ended;
      assert.notEqual(run.stdout(), '', run.stderr());
      return { code, ...VERIFIED.parse(JSON.parse(run.stdout())) };
    };
    assert.deepEqual(await verify('rows'), { code: 0, equal: true });
    // Another value under the place of a row that was judged.
    const table = `serving_${name}`;
    await loop.clickhouse.statement(`INSERT INTO ${table} SELECT * REPLACE (z + 1000 AS z)
      FROM ${table} FINAL WHERE toStartOfHour(event_time) = fromUnixTimestamp64Milli(${START + PARTIAL * HOUR})`);
    assert.deepEqual(await verify('rows'), { code: 1, equal: false });
    assert.deepEqual(await verify('kafka'), { code: 0, equal: true });
  });

  await t.test(
    'rows later than the allowed lateness are stored and counted, and change nothing',
    async () => {
      const [row] = hours(TRAINING_HOURS + 1, TRAINING_HOURS + 2);
      assert.ok(row !== undefined);
      await loop.log([1, 2, 3].map((copy) => ({ ...row, id: `${row.id}-${copy}` })));
      await loop.settled(second);
      const late = z.object({ topic: z.string(), pane_start: z.string(), late: z.coerce.number() });
      const counted = await ask(late, 'SELECT topic, pane_start, late FROM late_rows ORDER BY topic');
      assert.deepEqual(
        counted.map(({ topic, late: rows }) => [topic.split('.')[0], rows]),
        [
          ['labels', 3],
          ['serving', 3],
          ['training', 3],
        ],
      );
      const [revised] = await ask(
        z.object({ n: z.coerce.number() }),
        'SELECT count() AS n FROM verdicts WHERE revision > 0 AND window_start < fromUnixTimestamp64Milli({start:Int64})',
        { start: START + PARTIAL * HOUR },
      );
      assert.equal(revised?.n, 0);
    },
  );
});

const VERIFIED = z.object({ equal: z.boolean() });
