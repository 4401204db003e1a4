import assert from 'node:assert/strict';
import { test } from 'node:test';
import { designMatrix, designWidth } from '../../../src/core/models/design-matrix.ts';
import { trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import { bucketsOf } from '../../../src/core/models/hashing.ts';
import { murmurHash } from '../../../src/core/models/murmur-hash.ts';
import { predict } from '../../../src/core/models/predict.ts';
import { timeParts } from '../../../src/core/models/time-parts.ts';
import { seededRandom } from '../../../src/core/random.ts';

test('MurmurHash3 gives the published values', () => {
  // From the verification of SMHasher and the test vectors of other implementations, seed 0.
  assert.equal(murmurHash(''), 0);
  assert.equal(murmurHash('', 1), 0x514e28b7);
  assert.equal(murmurHash('a'), 0x3c2569b2);
  assert.equal(murmurHash('hello'), 0x248bfa47);
  assert.equal(murmurHash('hello, world'), 0x149bbb7f);
  assert.equal(murmurHash('The quick brown fox jumps over the lazy dog'), 0x2e4ff723);
});

test('the same category has the same bucket wherever it stands, missing has its own', () => {
  const buckets = bucketsOf(['AA', null, 'UA', 'AA', '', 'new'], 8);
  assert.equal(buckets[0], buckets[3]);
  assert.deepEqual([buckets[1], buckets[4]], [8, 8]);
  assert.ok(buckets.every((bucket) => bucket >= 0 && bucket <= 8));
});

test('hour and weekday by hand, full hours to the hour they begin, missing stays missing', () => {
  const times = [
    Date.UTC(2013, 0, 1, 5, 15),
    Date.UTC(2013, 0, 6, 23, 55),
    Date.UTC(1970, 0, 1),
    Date.UTC(2024, 1, 29, 12),
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ];
  const { hour, weekday } = timeParts(Float64Array.from(times));
  assert.deepEqual([...hour], [5, 23, 0, 12, Number.NaN, Number.NaN]);
  // Tuesday, Sunday, Thursday, Thursday.
  assert.deepEqual([...weekday], [1, 6, 3, 3, Number.NaN, Number.NaN]);
  const hours = Float64Array.from({ length: 24 * 365 }, (_, at) => Date.UTC(2025, 0, 1) + at * 3_600_000);
  const parts = timeParts(hours);
  hours.forEach((ms, at) => {
    const date = new Date(ms);
    assert.equal(parts.hour[at], date.getUTCHours());
    assert.equal(parts.weekday[at], (date.getUTCDay() + 6) % 7);
  });
});

test('one-hot and hashed columns of boosting learn what codes learn, for categories never seen too', () => {
  const random = seededRandom(4);
  const values = Array.from({ length: 1000 }, () => `c${Math.floor(random() * 6)}`);
  const label = Float64Array.from(values, (value) => (random() < (value < 'c3' ? 0.9 : 0.1) ? 1 : 0));
  const train = { rows: 1000, numeric: [], categorical: [{ name: 'c', values }], label };
  for (const encoding of ['one-hot', 'hashing', 'target', 'frequency'] as const) {
    const options = { encoding, buckets: 101, rounds: 40 };
    const trained = trainGradientBoosting({ train, options, random: seededRandom(1) });
    assert.ok(trained.status === 'trained');
    const { model } = trained;
    assert.equal(designMatrix(model, train).length, designWidth(model));
    const asked = { ...train, rows: 4, categorical: [{ name: 'c', values: ['c0', 'c5', 'unseen', null] }] };
    const [low = 0, high = 0, ...others] = predict(model, asked);
    if (encoding !== 'frequency') assert.ok(low > 0.8 && high < 0.2, `${encoding}: ${low} ${high}`);
    assert.ok(others.every((p) => p > 0 && p < 1));
  }
});

test('a time feature finds what depends on the hour', () => {
  const random = seededRandom(9);
  const start = Date.UTC(2024, 0, 1);
  const at = Float64Array.from({ length: 2000 }, () => start + Math.floor(random() * 365 * 24) * 3_600_000);
  const label = at.map((ms) => (random() < (new Date(ms).getUTCHours() > 17 ? 0.9 : 0.1) ? 1 : 0));
  const train = { rows: 2000, numeric: [{ name: 'at', values: at }], categorical: [], label };
  const options = { timeFeatures: ['at'], rounds: 30 };
  const trained = trainGradientBoosting({ train, options, random: seededRandom(1) });
  assert.ok(trained.status === 'trained');
  // A year later: a tree over the time itself would answer with its last leaf.
  const later = Float64Array.from([10, 20], (hour) => Date.UTC(2025, 5, 3, hour));
  const [morning = 1, evening = 0] = predict(trained.model, {
    ...train,
    rows: 2,
    numeric: [{ name: 'at', values: later }],
  });
  assert.ok(morning < 0.2 && evening > 0.8, `${morning} ${evening}`);
});
