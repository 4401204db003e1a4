import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@clickhouse/client';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';
import { stack, uniqueName } from '../fixtures/stack.ts';
import { FAULT_HOURS, START, TRAINING_HOURS } from '../fixtures/toy.ts';
import { openToyLoop } from '../fixtures/toy-loop.ts';
import { until } from '../fixtures/until.ts';

const FINDING = z.object({
  kind: z.string(),
  class: z.string(),
  feature: z.string(),
  segment: z.string(),
  began_hour: z.number(),
  evidence: z.string(),
});

test('each of the five kinds of drift is found on real records, where and when it was put in, and nothing else', async (t) => {
  const systems = stack();
  const name = uniqueName('toy');
  const loop = await openToyLoop({ systems, name, after: (clean) => t.after(clean) });
  const processor = await loop.startProcessor();
  await loop.log(loop.rows.filter((row) => row.hour < TRAINING_HOURS));
  await loop.settled(processor);
  await loop.registerVersion(loop.rows);
  await loop.log(loop.rows.filter((row) => row.hour >= TRAINING_HOURS));
  await loop.settled(processor);

  // An outside client, over plain HTTP.
  const { url, username, password } = systems.clickhouse;
  const outside = createClient({ url, username, password, database: name });
  t.after(() => outside.close());
  const answer = await outside.query({
    query: `SELECT kind, class, feature, segment, evidence, toInt32((toUnixTimestamp64Milli(began) - {start:Int64}) / 3600000) AS began_hour
            FROM findings FINAL ORDER BY began, kind, feature, segment`,
    query_params: { start: START },
    format: 'JSONEachRow',
  });
  const findings = z.array(FINDING).parse(await answer.json());
  const show = findings
    .map((f) => `${f.began_hour} ${f.kind} ${f.feature} [${f.segment}] ${f.evidence}`)
    .join('\n');
  const found = (kind: string, feature: string, segment: string) =>
    findings.find((f) => f.kind === kind && f.feature === feature && f.segment === segment);

  await t.test('feature skew names feature, segment and hour', () => {
    const skew = found('feature-skew', 'x', 'g=b');
    assert.equal(skew?.began_hour, FAULT_HOURS.unit[0], show);
    assert.match(skew?.evidence ?? '', /serving = training x 100 \(unit\), 100% of \d+ ids/, show);
    assert.equal(found('feature-skew', 'x', 'g=a'), undefined, show);
    assert.equal(found('feature-skew', 'z', ''), undefined, show);
  });
  await t.test('schema skew names field and class, for stored and for refused records', () => {
    const missing = findings.find((f) => f.kind === 'schema-skew' && f.feature === 'c');
    assert.equal(missing?.began_hour, FAULT_HOURS.missing[0], show);
    const text = findings.find((f) => f.class === 'UNEXPECTED_DATA_TYPE' && f.feature === 'z');
    assert.ok(text !== undefined, show);
    assert.equal(text.kind, 'schema-skew');
    assert.match(text.evidence, /string.*dead-lettered/);
  });
  await t.test('values outside of the range of the contract are schema skew, from the hour they come', () => {
    const outside = findings.filter((f) => /_(SMALL|BIG)_|UNEXPECTED_STRING/.test(f.class));
    const first = loop.rows.find(({ z, hour }) => z > 13.5 && hour >= TRAINING_HOURS);
    assert.ok(first !== undefined && first.hour >= FAULT_HOURS.shift[0], show);
    assert.deepEqual(
      new Set(outside.map((f) => `${f.class} ${f.feature}`)),
      new Set(['FLOAT_TYPE_BIG_FLOAT z']),
    );
    assert.equal(outside[0]?.began_hour, first.hour, show);
    assert.match(outside[0]?.evidence ?? '', /\d+ of 200 values are above 13.5, the largest is/);
  });
  await t.test('distribution skew and data drift name the feature that moved', () => {
    for (const kind of ['distribution-skew', 'data-drift']) {
      const hour = found(kind, 'z', '')?.began_hour ?? -1;
      assert.ok(hour >= FAULT_HOURS.shift[0] && hour <= FAULT_HOURS.shift[0] + 2, `${kind} ${hour}\n${show}`);
    }
  });
  await t.test('concept drift is found from the labels', () => {
    const hour = found('concept-drift', 'log_loss', '')?.began_hour ?? -1;
    assert.ok(hour >= FAULT_HOURS.flip[0] && hour <= FAULT_HOURS.flip[0] + 5, `${hour}\n${show}`);
  });
  await t.test('nothing is found before the first fault', () => {
    assert.deepEqual(
      findings.filter((f) => f.began_hour < FAULT_HOURS.unit[0]),
      [],
      show,
    );
  });
  await t.test('every message is accounted for', async () => {
    const rows = await loop.clickhouse.rows(
      'summary-accounting',
      { topics: Object.values(loop.topics).map((topic) => topic.name) },
      z.object({
        consumed: z.number(),
        stored: z.number(),
        dead_letters: z.number(),
        unexplained: z.number(),
      }),
    );
    const marks = await Promise.all(
      Object.values(loop.topics).map((topic) => loop.kafka.watermarks(topic.name)),
    );
    const produced = marks.flat().reduce((sum, { high, low }) => sum + high - low, 0);
    assert.equal(rows[0]?.unexplained, 0);
    assert.equal(rows[0]?.consumed, produced);
    assert.ok((rows[0]?.dead_letters ?? 0) > 0);
  });
  await t.test('an outside consumer reads the alerts with only the registry', async (t) => {
    const kafka = new Kafka({ brokers: [...systems.brokers], logLevel: logLevel.NOTHING });
    const registry = new SchemaRegistry({ host: systems.registryUrl });
    const consumer = kafka.consumer({ groupId: uniqueName('outside') });
    t.after(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topic: 'alerts', fromBeginning: true });
    const alerts: { kind: string; id: string }[] = [];
    await consumer.run({
      eachMessage: async ({ message }) => {
        const alert: unknown = message.value === null ? null : await registry.decode(message.value);
        const read = z.object({ model: z.string(), kind: z.string(), transition: z.string() }).parse(alert);
        if (read.model === name && read.transition === 'open')
          alerts.push({ kind: read.kind, id: String(message.headers?.['ce_id']) });
      },
    });
    await until('alerts of skew and of concept drift', () =>
      ['schema-skew', 'feature-skew', 'concept-drift'].every((kind) =>
        alerts.some((alert) => alert.kind === kind),
      ),
    );
    assert.equal(new Set(alerts.map((alert) => alert.id)).size, alerts.length, 'an alert came twice');
  });
});
