import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { DECISION_STEPS } from '../../../processors/detect/evaluate.ts';
import { HOUR, START, type ToyRow } from '../../../src/core/evaluation/toy/toy-rows.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { count, instant } from '../../../src/io/clickhouse/columns.ts';
import { type DecidedToy, decidedToy, timesAt } from '../../fixtures/decided-toy.ts';

const TRAINING_HOURS = 4;
const CHANGE_HOUR = 12;
const ASKED_HOUR = 18;
const END_HOUR = 19;
const ROWS_PER_HOUR = 300;
let toy: DecidedToy;

before(async () => {
  toy = await decidedToy({
    rows: rowsOf(5),
    trainingHours: TRAINING_HOURS,
    labelled: true,
    settings: { joint: false, retrain: { wait: '6h', cool_down: '12h', on: [] } },
  });
});

after(() => toy.close());

test('a change that pages nobody asks for one retrain, whatever step a processor dies at', async () => {
  const first = await toy.open();
  await first.advance(timesAt(ASKED_HOUR - 1));
  // All but the window of labels that asks.
  await first.advance({ ...timesAt(ASKED_HOUR), labels: START + (ASKED_HOUR - 1) * HOUR });
  const known = [];
  for (const step of DECISION_STEPS.slice(1)) {
    known.push([(await requests()).length, sent().length]);
    const dying = await toy.open((reached) => {
      if (reached === step) throw new Error(`died at ${step}`);
    });
    await assert.rejects(dying.advance(timesAt(ASKED_HOUR)), /died at/);
  }
  // Nothing was written, then the row, and the next one made its event from it.
  assert.deepEqual(known, [
    [0, 0],
    [0, 0],
    [1, 0],
  ]);
  const last = await toy.open();
  await last.advance(timesAt(END_HOUR));
  const [request, ...more] = await requests();
  assert.deepEqual(more, []);
  assert.deepEqual([request?.incident_id, request?.requested], [null, START + ASKED_HOUR * HOUR]);
  assert.equal(request?.onset, START + CHANGE_HOUR * HOUR);
  assert.match(request?.cause ?? '', /^Rule cost-aware: \d+ nats lost on 1800 rows of 6 windows/);
  assert.deepEqual(new Set(sent().map(({ eventId }) => eventId)), new Set([request?.request_id]));
  assert.deepEqual(new Set(sent().map(({ value }) => value['incident_id'])), new Set([null]));
});

test('the lineage of a version that nobody but the rule asked for says why it was asked for', async () => {
  const [request] = await requests();
  assert.ok(request !== undefined);
  await toy.clickhouse.insert('model_versions', [
    { model: 'toy', version: 'v2', request_id: request.request_id, status: 'accepted', created: new Date(0) },
  ]);
  const lineage = z.object({ incident_id: z.null(), incident: z.literal(''), cause: z.string() });
  const rows = await toy.clickhouse.rows('model-lineage', { model: 'toy', version: 'v2' }, lineage);
  assert.deepEqual(
    rows.map(({ cause }) => cause),
    [request.cause],
  );
});

function sent() {
  return toy.events.filter(({ type }) => type === 'driftwatch.retrain-request');
}

const REQUEST = z.object({
  request_id: z.string(),
  incident_id: z.string().nullable(),
  cause: z.string(),
  requested: instant,
  onset: instant.nullable(),
  train_from: instant,
  train_until: instant,
});

async function requests(): Promise<z.infer<typeof REQUEST>[]> {
  const stored = await toy.clickhouse.rows('request-rows', { model: 'toy' }, REQUEST);
  const [all] = await toy.clickhouse.rows('news-counts', { model: 'toy', until: new Date() }, NEWS);
  assert.equal(all?.pending, stored.length);
  return stored;
}

const NEWS = z.object({ pending: count });

/** From `CHANGE_HOUR` on x says half as much. */
function rowsOf(seed: number): ToyRow[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  return Array.from({ length: END_HOUR * ROWS_PER_HOUR }, (_, at) => {
    const hour = Math.floor(at / ROWS_PER_HOUR);
    const x = normal();
    const odds = (weight: number) => weight * x - 0.5;
    return {
      id: `e${at}`,
      hour,
      eventTimeMs: START + Math.floor((at * HOUR) / ROWS_PER_HOUR),
      x,
      z: 5 + 2 * normal(),
      c: random() < 0.6 ? 'red' : 'green',
      g: random() < 0.5 ? 'a' : 'b',
      y: random() < logistic(odds(hour < CHANGE_HOUR ? 1.5 : 0.5)) ? 1 : 0,
      p: logistic(odds(1.5)),
    };
  });
}
