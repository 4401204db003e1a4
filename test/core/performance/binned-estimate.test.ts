import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { binCalibration } from '../../../src/core/performance/bin-calibration.ts';
import { type BinnedEstimate, binnedEstimate } from '../../../src/core/performance/binned-estimate.ts';
import { estimatedPerformance } from '../../../src/core/performance/estimated-performance.ts';
import { middleOf, PREDICTION_BINS } from '../../../src/core/performance/prediction-bins.ts';
import { rowLogLoss } from '../../../src/core/performance/row-log-loss.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { coder } from '../../../src/core/summaries/bins.ts';

const BINS = PREDICTION_BINS.edges.length + 1;

test('the bins are fixed, have an edge at one half, and each holds its middle', () => {
  assert.deepEqual([BINS, PREDICTION_BINS.edges[0], PREDICTION_BINS.edges[24]], [50, 0.00247262315663, 0.5]);
  const codeOf = coder(PREDICTION_BINS);
  for (let bin = 0; bin < BINS; bin += 1) assert.equal(codeOf(middleOf(bin)), bin);
});

test('counts give what the rows give, within the blur of the bins', () => {
  const rows = answers({ seed: 1, rows: 4_000, tilt: 0.7 });
  const binned = ok(estimate(rows, answers({ seed: 2, rows: 400_000, tilt: 0 })));
  const exact = estimatedPerformance({ predictions: rows.predictions, probabilities: rows.chances });
  assert.ok(exact.status === 'ok' && exact.auc !== undefined && binned.auc !== undefined);
  near(binned.logLoss.value, exact.logLoss.value, 0.004);
  near(binned.accuracy.value, exact.accuracy.value, 0.005);
  near(binned.auc, exact.auc.value, 0.005);
  near(binned.logLoss.high - binned.logLoss.low, exact.logLoss.high - exact.logLoss.low, 0.006);
  assert.deepEqual([binned.n, binned.m, binned.extrapolated], [4_000, 400_000, 0]);
});

test('the band holds the realised log-loss of nearly all windows, other inputs and few validation rows included', () => {
  let held = 0;
  for (let seed = 0; seed < 100; seed += 1) {
    const calibration = answers({ seed: 1_000 + seed, rows: 1_000, tilt: 0 });
    const window = answers({ seed, rows: 1_000, tilt: 0.4 });
    const { logLoss } = ok(estimate(window, calibration));
    const losses = window.labels.map((label, row) => rowLogLoss(window.predictions[row] ?? 0.5, label));
    const realised = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    if (realised >= logLoss.low && realised <= logLoss.high) held += 1;
  }
  assert.ok(held >= 95, `${held} of 100 windows`);
});

test('a change of the relation is what it cannot see', () => {
  const window = answers({ seed: 5, rows: 2_000, tilt: 0 });
  const calibration = answers({ seed: 6, rows: 4_000, tilt: 0 });
  const turned = { ...window, labels: window.labels.map((label) => 1 - label) };
  assert.deepEqual(estimate(turned, calibration), estimate(window, calibration));
});

test('too few rows, labelled rows, or rows like them are insufficient with the number needed', () => {
  const window = answers({ seed: 7, rows: 99, tilt: 0 });
  const calibration = answers({ seed: 8, rows: 2_000, tilt: 0 });
  assert.deepEqual(estimate(window, calibration), {
    status: 'insufficient',
    need: 100,
    have: 99,
    why: 'predictions',
  });
  const more = answers({ seed: 7, rows: 500, tilt: 0 });
  assert.deepEqual(estimate(more, answers({ seed: 8, rows: 199, tilt: 0 })), {
    status: 'insufficient',
    need: 200,
    have: 199,
    why: 'validation rows',
  });
  const elsewhere = { ...calibration, predictions: calibration.predictions.map((p) => p / 1_000) };
  const strange = estimate(more, elsewhere);
  assert.deepEqual(strange.status === 'insufficient' && [strange.need, strange.why], [
    450,
    'predictions like those of the validation rows',
  ]);
});

test('chances never fall as the prediction rises, a bin without labelled rows goes with its neighbour', () => {
  const counts = new Array<number>(BINS).fill(0);
  const positives = new Array<number>(BINS).fill(0);
  // 10 and 12 are out of order and pooled: 150 of 300; 11 held nothing.
  for (const [bin, rows, ones] of [
    [10, 100, 80],
    [12, 200, 70],
    [40, 100, 90],
  ] as const) {
    counts[bin] = rows;
    positives[bin] = ones;
  }
  const at = (bin: number, known: number): BinnedEstimate => {
    const window = new Array<number>(BINS).fill(0);
    window[bin] = 10;
    window[known] = (window[known] ?? 0) + 90;
    return binnedEstimate({ counts: window, calibration: { counts, positives }, minimumRows: 100 });
  };
  const loss = (bin: number, chance: number): number =>
    chance * rowLogLoss(middleOf(bin), 1) + (1 - chance) * rowLogLoss(middleOf(bin), 0);
  near(ok(at(11, 10)).logLoss.value, 0.1 * loss(11, 0.5) + 0.9 * loss(10, 0.5), 1e-12);
  near(ok(at(3, 40)).logLoss.value, 0.1 * loss(3, 0.5) + 0.9 * loss(40, 0.9), 1e-12);
  assert.equal(ok(at(3, 40)).extrapolated, 0.1);
  assert.equal(ok(at(12, 12)).auc, undefined);
});

test('no counts give NaN, and a band holds its value', () => {
  const some = fc.array(fc.nat(400), { minLength: BINS, maxLength: BINS });
  fc.assert(
    fc.property(some, some, fc.double({ min: 0, max: 1, noNaN: true }), (counts, known, share) => {
      const positives = known.map((rows) => Math.floor(rows * share));
      const said = binnedEstimate({ counts, calibration: { counts: known, positives }, minimumRows: 100 });
      if (said.status === 'insufficient') return;
      for (const { low, value, high } of [said.logLoss, said.accuracy])
        assert.ok(low <= value + 1e-12 && value <= high + 1e-12, JSON.stringify(said));
      assert.ok(said.auc === undefined || (said.auc >= 0 && said.auc <= 1));
    }),
  );
});

interface Answers {
  readonly predictions: number[];
  /** What they should have been. */
  readonly chances: number[];
  readonly labels: number[];
}

/** A model that is too sure of itself: log-odds 1.4 times too large. */
function answers(args: { seed: number; rows: number; tilt: number }): Answers {
  const random = seededRandom(args.seed);
  const odds = Array.from({ length: args.rows }, () => 5 * (random() + random() - 1) + args.tilt);
  const chances = odds.map((x) => 1 / (1 + Math.exp(-x)));
  return {
    chances,
    predictions: odds.map((x) => 1 / (1 + Math.exp(-1.4 * x))),
    labels: chances.map((chance) => Number(random() < chance)),
  };
}

function estimate(window: Answers, calibration: Answers): BinnedEstimate {
  const { counts } = binCalibration(window);
  return binnedEstimate({ counts, calibration: binCalibration(calibration), minimumRows: 100 });
}

function ok(said: BinnedEstimate): Extract<BinnedEstimate, { status: 'ok' }> {
  return said.status === 'ok' ? said : assert.fail(JSON.stringify(said));
}

function near(found: number, expected: number, within: number): void {
  assert.ok(Math.abs(found - expected) <= within, `${found} is not ${expected}`);
}
