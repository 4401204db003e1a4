import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { jointRows } from '../../../src/core/evaluation/joint-rows.ts';
import { fitJointReference, type JointReference } from '../../../src/core/joint/joint-reference.ts';
import { signatureOf } from '../../../src/core/joint/joint-signature.ts';
import { type JointVerdict, judgeJoint } from '../../../src/core/joint/judge-joint.ts';
import { type Axis, numericAxis, scorer } from '../../../src/core/joint/normal-scores.ts';
import { correlation, influence, pairsOf } from '../../../src/core/joint/pair-products.ts';
import { fourierBasis } from '../../../src/core/joint/random-fourier.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { coder, fitNumericBins } from '../../../src/core/summaries/bins.ts';
import { countCodes } from '../../../src/core/summaries/counts.ts';

const COLUMNS = 8;
let reference: JointReference;
let score: (row: Float64Array) => Float64Array;

before(() => {
  const rows = jointRows({ random: seededRandom(11), rows: 5_000, columns: COLUMNS });
  const axes: Axis[] = [];
  for (let column = 0; column < COLUMNS; column += 1) {
    const values = rows.map((row) => row[column] ?? 0);
    const bins = fitNumericBins(values, { bins: 20, outer: false });
    assert.ok(bins !== undefined);
    const axis = numericAxis({ feature: `c${column}`, bins, reference: countCodes(values.map(coder(bins))) });
    assert.ok(axis !== undefined);
    axes.push(axis);
  }
  const scorers = axes.map(scorer);
  score = (row) => Float64Array.from(scorers, (one, at) => one(row[at] ?? 0));
  const fitted = fitJointReference({
    axes,
    fourier: fourierBasis({ axes: COLUMNS, random: seededRandom(1), features: 64 }),
    rows: rows.map(score),
  });
  assert.ok(fitted.status === 'ok');
  reference = fitted.reference;
});

function judge(
  seed: number,
  change: { correlation?: number; curved?: boolean; shift?: number },
): JointVerdict {
  const rows = jointRows({ random: seededRandom(seed), rows: 1_000, columns: COLUMNS, ...change });
  for (const row of rows) row[2] = (row[2] ?? 0) + (change.shift ?? 0);
  const current = signatureOf(rows.map(score), COLUMNS, reference.fourier);
  return judgeJoint({ reference, current });
}

test('a correlation of 0.3 that appears is found in every window and its pair is named', () => {
  for (let seed = 100; seed < 140; seed += 1) {
    const verdict = judge(seed, { correlation: 0.3 });
    assert.equal(verdict.verdict, 'drift');
    assert.ok(verdict.verdict === 'drift');
    assert.deepEqual(verdict.moved.pair, ['c0', 'c1']);
    assert.ok(verdict.effect > 0.15 && verdict.effect < 0.45, String(verdict.effect));
  }
});

test('a dependence without a correlation is found by its shape', () => {
  for (let seed = 200; seed < 220; seed += 1) {
    const verdict = judge(seed, { curved: true });
    assert.ok(verdict.verdict === 'drift');
    assert.equal(verdict.channel, 'shape');
  }
});

test('without a change no window is flagged, and the p-values are small about as often as they should', () => {
  const verdicts = Array.from({ length: 200 }, (_, at) => judge(1_000 + at, {}));
  assert.equal(verdicts.filter(({ verdict }) => verdict !== 'ok').length, 0);
  const small = verdicts.filter((v) => v.verdict !== 'insufficient' && v.pValue < 0.05).length;
  assert.ok(small <= 20, `${small} of 200 below .05`);
});

test('a feature that shifts alone moves no pair, but the shape', () => {
  const verdict = judge(7, { shift: 0.5 });
  assert.ok(verdict.verdict === 'drift');
  assert.equal(verdict.channel, 'shape');
  assert.ok(verdict.pValues.pair > 0.01);
});

test('a change below the effect floor is not drift, however certain', () => {
  const rows = jointRows({ random: seededRandom(3), rows: 30_000, columns: COLUMNS, correlation: 0.08 });
  const current = signatureOf(rows.map(score), COLUMNS, reference.fourier);
  const verdict = judgeJoint({ reference, current, limits: { alpha: 0.05 } });
  assert.ok(verdict.verdict === 'ok');
  assert.ok(verdict.pValue < 0.05);
});

test('rows that depend on each other count for fewer', () => {
  const rows = jointRows({ random: seededRandom(100), rows: 1_000, columns: COLUMNS, correlation: 0.3 });
  const current = signatureOf(rows.map(score), COLUMNS, reference.fourier);
  const alone = judgeJoint({ reference, current });
  const weak = judgeJoint({ reference, current, effectiveRows: 300 });
  assert.ok(alone.verdict !== 'insufficient' && weak.verdict !== 'insufficient');
  assert.ok(weak.pValue > alone.pValue);
  assert.equal(weak.effect.toFixed(9), alone.effect.toFixed(9));
});

test('too few rows are insufficient, in the window and in the reference', () => {
  const few = signatureOf([], COLUMNS, reference.fourier);
  assert.deepEqual(judgeJoint({ reference, current: few }), {
    verdict: 'insufficient',
    need: 300,
    have: 0,
    why: 'rows in the current window',
    n: 5_000,
    m: 0,
  });
  const fitted = fitJointReference({ axes: reference.axes, fourier: reference.fourier, rows: [] });
  assert.deepEqual(fitted, { status: 'insufficient', need: 640, have: 0, why: 'rows in the reference' });
});

test('two categories of one feature are no pair, and a constant has no correlation', () => {
  const category = { kind: 'indicator', feature: 'c', hit: 1, miss: -1 } as const;
  const axes: Axis[] = [
    { ...category, category: 'a' },
    { ...category, category: 'b' },
  ];
  assert.deepEqual(pairsOf(axes), []);
  const constant = signatureOf(
    [
      [1, 2],
      [1, 3],
    ],
    2,
    fourierBasis({ axes: 0, random: seededRandom(1) }),
  );
  assert.equal(correlation(constant, { first: 0, second: 1 }), undefined);
});

test('the influence of a row on uncorrelated axes is the product of its scores', () => {
  assert.equal(influence(2, 3, 0), 6);
  assert.equal(influence(1, 1, 0.5), (1 - 0.5) / 0.75);
});

test('the level check fails for a law that forgets the window is small', () => {
  // Ten times the rows claimed: the p-values must come out far too small.
  const verdicts = Array.from({ length: 40 }, (_, at) => {
    const rows = jointRows({ random: seededRandom(1_000 + at), rows: 1_000, columns: COLUMNS });
    const { n, sums, products, fourier } = signatureOf(rows.map(score), COLUMNS, reference.fourier);
    const ten = (values: readonly number[]): number[] => values.map((value) => value * 10);
    return judgeJoint({
      reference,
      current: { n: n * 10, sums: ten(sums), products: ten(products), fourier: ten(fourier) },
    });
  });
  const small = verdicts.filter((v) => v.verdict !== 'insufficient' && v.pValue < 0.05).length;
  assert.ok(small > 20, `${small} of 40 below .05`);
});
