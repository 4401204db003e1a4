import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrapInterval } from '../../../src/core/analysis/bootstrap-interval.ts';
import { calibrationCurve } from '../../../src/core/analysis/calibration-curve.ts';
import type { Interval } from '../../../src/core/analysis/percentile-interval.ts';
import { poissonWeight } from '../../../src/core/analysis/poisson-weight.ts';
import { residualsByTime } from '../../../src/core/analysis/residuals-by-time.ts';
import {
  addScores,
  type ScoredBlock,
  type StreamedScores,
  scoresResult,
  startScores,
} from '../../../src/core/analysis/streamed-scores.ts';
import { murmurHash } from '../../../src/core/models/murmur-hash.ts';
import { accuracy } from '../../../src/core/performance/accuracy.ts';
import { brier } from '../../../src/core/performance/brier.ts';
import { confusion } from '../../../src/core/performance/confusion.ts';
import { logLoss } from '../../../src/core/performance/log-loss.ts';
import type { Scored } from '../../../src/core/performance/measured.ts';
import { rocAuc } from '../../../src/core/performance/roc-auc.ts';
import { mix32, seededRandom } from '../../../src/core/random.ts';

const DAY = 86_400_000;

test('weights are Poisson with mean 1, and those of two draws have nothing to do with each other', () => {
  const ids = Array.from({ length: 40_000 }, (_, row) => mix32(murmurHash(`id ${row}`)));
  const [one, other] = [0, 1].map((draw) => ids.map((hash) => poissonWeight(hash, draw)));
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  assert.ok(one !== undefined && other !== undefined);
  // Standard errors: 0.005 of the mean, about 0.0087 of the variance, 0.005 of the correlation.
  assert.ok(Math.abs(mean(one) - 1) < 0.02);
  assert.ok(Math.abs(mean(one.map((w) => (w - 1) ** 2)) - 1) < 0.035);
  assert.ok(Math.abs(mean(one.map((w, row) => (w - 1) * ((other[row] ?? 0) - 1)))) < 0.02);
  assert.ok(Math.abs(one.filter((w) => w === 0).length / one.length - Math.exp(-1)) < 0.01);
});

for (const days of [30, 5]) {
  test(`metrics of rows of ${days} days that came in blocks are those of rows in memory, and so are the intervals`, () => {
    const rows = rowsOf({ rows: 2_000, days, seed: 3 });
    const streamed = resultOf([rows]);
    const scored = { predictions: rows.predictions, labels: rows.labels };
    const clusters = days < 10 ? {} : { clusters: rows.eventTimesMs.map((ms) => Math.floor(ms / DAY)) };
    const metrics = {
      'log-loss': logLoss,
      Brier: brier,
      accuracy: (of: Scored) => accuracy(of),
      'ROC AUC': area,
    };
    for (const [name, metric] of Object.entries(metrics)) {
      const [mine, theirs] = [
        okay(streamed.metrics[name]),
        okay(bootstrapInterval({ scored, metric, random: seededRandom(1), ...clusters })),
      ];
      assert.equal(mine.n, theirs.n);
      assert.ok(
        Math.abs(mine.value - theirs.value) < (name === 'ROC AUC' ? 1e-4 : 1e-9),
        `${name} ${mine.value} ${theirs.value}`,
      );
      // 400 draws leave an end uncertain by about a tenth of the width.
      const width = theirs.high - theirs.low;
      for (const end of ['low', 'high'] as const)
        assert.ok(
          Math.abs(mine[end] - theirs[end]) < 0.25 * width,
          `${name} ${end} ${mine[end]} against ${theirs[end]}, width ${width}`,
        );
    }
    assert.deepEqual(streamed.confusion, confusion(scored));
    assert.deepEqual([streamed.rows, streamed.days], [2_000, days]);
    const residuals = residualsByTime({ scored, eventTimesMs: rows.eventTimesMs, stretchMs: DAY });
    assert.deepEqual(streamed.residuals, residuals);
    const curve = calibrationCurve(scored);
    assert.equal(streamed.calibration.length, curve.length);
    for (const [at, { predicted }] of curve.entries())
      assert.ok(Math.abs((streamed.calibration[at]?.predicted ?? 2) - predicted) < 0.01);
  });
}

test('blocks and their order change nothing, and what is kept does not grow with the rows', () => {
  const rows = rowsOf({ rows: 3_000, days: 12, seed: 5 });
  const parts = [700, 100, 1_500, 700].map((length, at, all) => {
    const from = all.slice(0, at).reduce((a, b) => a + b, 0);
    return cut(rows, from, from + length);
  });
  const whole = resultOf([rows]);
  const blocks = resultOf(parts.toReversed());
  assert.deepEqual(blocks.confusion, whole.confusion);
  for (const [name, metric] of Object.entries(whole.metrics)) {
    const [one, other] = [okay(metric), okay(blocks.metrics[name])];
    for (const end of ['value', 'low', 'high'] as const)
      assert.ok(Math.abs(one[end] - other[end]) < 1e-9, name);
  }
  const state = startScores({ seed: 1 });
  addScores(state, rows);
  const size = sizeOf(state);
  for (let more = 0; more < 5; more += 1) addScores(state, rowsOf({ rows: 3_000, days: 12, seed: 6 + more }));
  assert.equal(sizeOf(state), size);
});

test('rows of one id are drawn together: repeating every row does not make an interval narrower', () => {
  const rows = rowsOf({ rows: 500, days: 3, seed: 7 });
  const once = okay(resultOf([rows]).metrics['log-loss']);
  const fourTimes = okay(resultOf([rows, rows, rows, rows]).metrics['log-loss']);
  assert.equal(fourTimes.n, 2_000);
  assert.ok(Math.abs(fourTimes.low - once.low) < 1e-9 && Math.abs(fourTimes.high - once.high) < 1e-9);
  const others = { ...rows, hashes: rows.hashes.map((hash) => mix32(hash)) };
  const independent = okay(resultOf([rows, others]).metrics['log-loss']);
  assert.ok(independent.high - independent.low < 0.85 * (once.high - once.low));
});

test('too few rows, and rows of one class, are insufficient', () => {
  const none = resultOf([]);
  assert.equal(none.metrics['log-loss']?.status, 'insufficient');
  assert.deepEqual(resultOf([rowsOf({ rows: 9, days: 1, seed: 1 })]).metrics['Brier'], {
    status: 'insufficient',
    need: 10,
    have: 9,
  });
  const rows = rowsOf({ rows: 100, days: 2, seed: 1 });
  const ones = resultOf([{ ...rows, labels: rows.labels.map(() => 1) }]);
  assert.deepEqual(ones.metrics['ROC AUC'], { status: 'insufficient', need: 1, have: 0 });
  assert.equal(ones.metrics['accuracy']?.status, 'ok');
});

/** Predictions that are right on average, on days that have something in common. */
function rowsOf(args: { rows: number; days: number; seed: number }) {
  const random = seededRandom(args.seed);
  const moods = Array.from({ length: args.days }, () => 1.2 * (random() - 0.5));
  const all = Array.from({ length: args.rows }, (_, row) => {
    const day = Math.floor((row * args.days) / args.rows);
    const score = 4 * random() - 2;
    const chance = 1 / (1 + Math.exp(-score - (moods[day] ?? 0)));
    return {
      prediction: Math.fround(1 / (1 + Math.exp(-score))),
      label: random() < chance ? 1 : 0,
      eventTimeMs: day * DAY + Math.floor(random() * DAY),
      hash: murmurHash(`${args.seed} ${row}`),
    };
  });
  return {
    predictions: all.map(({ prediction }) => prediction),
    labels: all.map(({ label }) => label),
    eventTimesMs: all.map(({ eventTimeMs }) => eventTimeMs),
    hashes: all.map(({ hash }) => hash),
  };
}

function cut(rows: ReturnType<typeof rowsOf>, from: number, until: number): ScoredBlock {
  return {
    predictions: rows.predictions.slice(from, until),
    labels: rows.labels.slice(from, until),
    eventTimesMs: rows.eventTimesMs.slice(from, until),
    hashes: rows.hashes.slice(from, until),
  };
}

function resultOf(blocks: readonly ScoredBlock[]) {
  const state = startScores({ seed: 1 });
  for (const block of blocks) addScores(state, block);
  return scoresResult(state);
}

function area(scored: Scored) {
  const measured = rocAuc(scored);
  return measured.status === 'ok' ? { ...measured, n: measured.positives + measured.negatives } : measured;
}

function okay(interval: Interval | undefined): Extract<Interval, { status: 'ok' }> {
  assert.ok(interval?.status === 'ok');
  return interval;
}

/** Numbers that are kept. */
function sizeOf(state: StreamedScores): number {
  const bins = [state.fine, ...[...state.days.values()].map((day) => day.bins), ...(state.rows?.bins ?? [])];
  return bins.reduce((sum, { zeros, ones }) => sum + zeros.length + ones.length, state.said.length);
}
