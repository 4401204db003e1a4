import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { ESTIMATED_LOG_LOSS } from '../../../processors/detect/estimate-performance.ts';
import { HOUR, START, type ToyRow } from '../../../src/core/evaluation/toy/toy-rows.ts';
import { binCalibration } from '../../../src/core/performance/bin-calibration.ts';
import { binnedEstimate } from '../../../src/core/performance/binned-estimate.ts';
import { rowLogLoss } from '../../../src/core/performance/row-log-loss.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { type DecidedToy, decidedToy, timesAt } from '../../fixtures/decided-toy.ts';

const TRAINING_HOURS = 10;
const END_HOUR = 14;
const FEW_HOUR = 13;
const rows = rowsOf(5);
const calibration = binCalibration(answersIn(0, TRAINING_HOURS));
const settings = { minimum_rows: 100 };
let toy: DecidedToy;

before(async () => {
  toy = await decidedToy({ rows, trainingHours: TRAINING_HOURS, settings, metrics: { calibration } });
  const evaluator = await toy.open();
  await evaluator.advance(timesAt(END_HOUR));
});

after(() => toy.close());

test('each serving window says what its log-loss should be, from its counted predictions alone', async () => {
  const verdicts = await toy.verdictsOn('prediction');
  assert.equal(verdicts.length, END_HOUR - TRAINING_HOURS);
  for (const { hour, statistic, verdict, value, n, need } of verdicts) {
    const { counts } = binCalibration(answersIn(hour, hour + 1));
    const expected = binnedEstimate({ counts, calibration, minimumRows: 100 });
    assert.equal(statistic, ESTIMATED_LOG_LOSS);
    if (hour === FEW_HOUR) {
      assert.deepEqual([verdict, value, n, need], ['insufficient', null, 20, 100]);
      continue;
    }
    assert.ok(expected.status === 'ok');
    assert.deepEqual([verdict, value, n], ['ok', expected.logLoss.value, expected.n]);
    const { predictions, labels } = answersIn(hour, hour + 1);
    const realised =
      labels.reduce((sum, y, at) => sum + rowLogLoss(predictions[at] ?? 0.5, y), 0) / labels.length;
    assert.ok(realised > expected.logLoss.low && realised < expected.logLoss.high, `${hour}: ${realised}`);
  }
  assert.match(
    verdicts[0]?.evidence ?? '',
    /^log-loss should be 0\.\d+ \(0\.\d+ to 0\.\d+\) on 400 predictions/,
  );
});

test('it pages nobody, and is no verdict on a feature', async () => {
  assert.deepEqual(toy.events, []);
  const x = await toy.verdictsOn('x');
  assert.ok(x.length > 0 && x.every(({ statistic }) => statistic !== ESTIMATED_LOG_LOSS));
});

test('a processor that starts over says the same', async () => {
  const before = await toy.verdictsOn('prediction');
  const evaluator = await toy.open();
  await evaluator.advance(timesAt(END_HOUR));
  assert.deepEqual(await toy.verdictsOn('prediction'), before);
});

test('without counted validation rows it is insufficient', async () => {
  const served = rows.filter(({ hour }) => hour <= TRAINING_HOURS);
  const without = await decidedToy({ rows: served, trainingHours: TRAINING_HOURS, settings });
  try {
    const evaluator = await without.open();
    await evaluator.advance(timesAt(TRAINING_HOURS + 1));
    const said = await without.verdictsOn('prediction');
    assert.deepEqual(
      said.map(({ verdict, evidence }) => [verdict, evidence]),
      [['insufficient', 'insufficient: 0 of 1 validation rows of v1 with a counted prediction']],
    );
  } finally {
    await without.close();
  }
});

test('the dashboard is told the mean of a day with its rows and its band', async () => {
  const params = { model: 'toy', from: new Date(START), until: new Date(START + 48 * HOUR) };
  const days = await toy.clickhouse.rows('dashboard-estimates', params, ESTIMATE);
  const windows = (await toy.verdictsOn('prediction')).filter(({ verdict }) => verdict === 'ok');
  const sum = windows.reduce((total, { value, n }) => total + (value ?? 0) * n, 0);
  assert.equal(days.length, 1);
  assert.equal(Number(days[0]?.rows), 1_200);
  assert.ok(Math.abs((days[0]?.loss ?? 0) - sum / 1_200) < 1e-12);
  assert.ok((days[0]?.low ?? 1) < (days[0]?.loss ?? 0) && (days[0]?.high ?? 0) > (days[0]?.loss ?? 1));
});

const ESTIMATE = z.object({ rows: z.coerce.number(), loss: z.number(), low: z.number(), high: z.number() });

function answersIn(from: number, until: number): { predictions: number[]; labels: number[] } {
  const some = rows.filter(({ hour }) => hour >= from && hour < until);
  return { predictions: some.map(({ p }) => p), labels: some.map(({ y }) => y) };
}

/** Predictions that are too sure of themselves. */
function rowsOf(seed: number): ToyRow[] {
  const random = seededRandom(seed);
  return Array.from({ length: END_HOUR * 400 }, (_, at) => {
    const hour = Math.floor(at / 400);
    const odds = 4 * (random() + random() - 1);
    return {
      id: `e${at}`,
      hour,
      eventTimeMs: START + Math.floor((at * HOUR) / 400),
      x: random(),
      z: random(),
      c: random() < 0.6 ? 'red' : 'green',
      g: random() < 0.5 ? 'a' : 'b',
      y: random() < 1 / (1 + Math.exp(-odds)) ? 1 : 0,
      p: 1 / (1 + Math.exp(-1.4 * odds)),
    };
  }).filter(({ hour }, at) => hour !== FEW_HOUR || at % 20 === 0);
}
