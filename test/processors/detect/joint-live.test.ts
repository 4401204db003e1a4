import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { JOINT_FEATURE } from '../../../processors/detect/judge-joint.ts';
import { HOUR, START, type ToyRow } from '../../../src/core/evaluation/toy/toy-rows.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { type DecidedToy, decidedToy, timesAt } from '../../fixtures/decided-toy.ts';

const TRAINING_HOURS = 20;
const CHANGE_HOUR = 50;
const END_HOUR = 56;
const ROWS_PER_HOUR = 400;
let toy: DecidedToy;

before(async () => {
  toy = await decidedToy({ rows: rowsOf(3), trainingHours: TRAINING_HOURS });
  const evaluator = await toy.open();
  await evaluator.advance(timesAt(END_HOUR));
});

after(() => toy.close());

test('a correlation that appears between two unchanged features is found in its first window', async () => {
  const verdicts = await verdictsOf('data-drift');
  assert.equal(verdicts.length, END_HOUR - TRAINING_HOURS);
  const drift = verdicts.filter(({ verdict }) => verdict === 'drift');
  assert.equal(drift[0]?.hour, CHANGE_HOUR);
  assert.equal(drift.length, END_HOUR - CHANGE_HOUR);
  assert.match(drift[0]?.evidence ?? '', /^x and z go together differently: correlation 0\.[56]/);
  const calm = verdicts.filter(({ hour, verdict }) => verdict === 'ok' && hour < CHANGE_HOUR);
  assert.equal(calm.length, CHANGE_HOUR - TRAINING_HOURS - 14, 'the first 14 windows are insufficient');
});

test('it is distribution skew too: the training snapshot did not have it', async () => {
  const verdicts = await verdictsOf('distribution-skew');
  assert.equal(verdicts.length, END_HOUR - TRAINING_HOURS);
  const calm = verdicts.filter(({ hour }) => hour < CHANGE_HOUR);
  assert.ok(
    calm.every(({ verdict }) => verdict === 'ok'),
    'judged from the first window on',
  );
  assert.ok(verdicts.filter(({ hour }) => hour >= CHANGE_HOUR).every(({ verdict }) => verdict === 'drift'));
});

test('no verdict on a single feature sees it', async () => {
  for (const feature of ['x', 'z', 'c', 'g']) {
    const verdicts = await toy.verdictsOn(feature);
    assert.ok(verdicts.some(({ verdict }) => verdict === 'ok'));
    assert.deepEqual(
      verdicts.filter(({ verdict }) => verdict === 'drift'),
      [],
    );
  }
});

test('both are one incident, named after the distance from training', () => {
  const alerts = toy.events.filter(({ type }) => type === 'driftwatch.incident.open');
  assert.equal(alerts.length, 1);
  assert.equal(alerts[0]?.value['kind'], 'distribution-skew');
  assert.deepEqual(alerts[0]?.value['features'], [JOINT_FEATURE]);
});

test('a processor that starts over decides the same', async () => {
  const before = await toy.verdictsOn(JOINT_FEATURE);
  const evaluator = await toy.open();
  await evaluator.advance(timesAt(END_HOUR));
  assert.deepEqual(await toy.verdictsOn(JOINT_FEATURE), before);
});

test('with joint: false there is neither a verdict nor a signature', async () => {
  const without = await decidedToy({
    rows: rowsOf(3).filter(({ hour }) => hour < TRAINING_HOURS + 3),
    trainingHours: TRAINING_HOURS,
    settings: { joint: false },
  });
  try {
    const evaluator = await without.open();
    await evaluator.advance(timesAt(TRAINING_HOURS + 3));
    assert.deepEqual(await without.verdictsOn(JOINT_FEATURE), []);
    assert.ok((await without.verdictsOn('x')).length > 0);
    const params = {
      model: 'toy',
      stream: 'serving',
      bins_id: '',
      from: new Date(0),
      until: new Date(START + 10_000 * HOUR),
    };
    assert.deepEqual(await without.clickhouse.rows('joint-signatures', params, z.unknown()), []);
  } finally {
    await without.close();
  }
});

async function verdictsOf(kind: string) {
  return (await toy.verdictsOn(JOINT_FEATURE)).filter((verdict) => verdict.kind === kind);
}

/** From `CHANGE_HOUR` on z follows x with correlation 0.6; every feature stays as it was. */
function rowsOf(seed: number): ToyRow[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: END_HOUR * ROWS_PER_HOUR }, (_, at) => {
    const hour = Math.floor(at / ROWS_PER_HOUR);
    const r = hour >= CHANGE_HOUR ? 0.6 : 0;
    const x = normal();
    return {
      id: `e${at}`,
      hour,
      eventTimeMs: START + Math.floor((at * HOUR) / ROWS_PER_HOUR),
      x,
      z: 5 + 2 * (r * x + Math.sqrt(1 - r * r) * normal()),
      c: random() < 0.6 ? 'red' : 'green',
      g: random() < 0.5 ? 'a' : 'b',
      y: random() < 0.5 ? 1 : 0,
      p: 0.5,
    };
  });
}
