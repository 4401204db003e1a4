import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardNormal } from '../../../src/core/evaluation/joint-rows.ts';
import { fitWanderingLevel, newsOf } from '../../../src/core/evidence/wandering-level.ts';
import { seededRandom } from '../../../src/core/random.ts';

/** A level of standard deviation 1 with this autocorrelation, seen through noise of this variance. */
function seen(args: { rho: number; noise: number; windows: number; seed: number }): number[] {
  const random = seededRandom(args.seed);
  let level = standardNormal(random);
  return Array.from({ length: args.windows }, () => {
    level = args.rho * level + Math.sqrt(1 - args.rho ** 2) * standardNormal(random);
    return level + Math.sqrt(args.noise) * standardNormal(random);
  });
}

function lagOne(series: readonly number[]): number {
  const products = series.slice(1).reduce((sum, x, at) => sum + x * (series[at] ?? 0), 0);
  return products / series.reduce((sum, x) => sum + x * x, 0);
}

test('an autocorrelation is found behind noise that hides half of it, and what is left of a window is news', () => {
  for (const rho of [0, 0.5, 0.9]) {
    const deviations = seen({ rho, noise: 1, windows: 20_000, seed: 5 });
    const fitted = fitWanderingLevel({ deviations, noise: 1 });
    assert.ok(Math.abs(fitted.rho - rho) < 0.05, `${fitted.rho} for ${rho}`);
    assert.ok(Math.abs(lagOne(newsOf(deviations, fitted).news)) < 0.03);
  }
});

test('with the noise taken as none, neighbouring news depend on each other', () => {
  const deviations = seen({ rho: 0.9, noise: 1, windows: 20_000, seed: 5 });
  const fitted = fitWanderingLevel({ deviations, noise: 0 });
  assert.ok(Math.abs(lagOne(newsOf(deviations, fitted).news)) > 0.08);
});

test('windows that all lie on one side of the level that is claimed depend on each other', () => {
  const deviations = seen({ rho: 0, noise: 0, windows: 60, seed: 6 }).map((x) => x + 3);
  assert.ok(fitWanderingLevel({ deviations, noise: 0 }).rho > 0.8);
});

test('windows that are too few or never differ are taken as independent', () => {
  for (const deviations of [[1, 2, 3], new Array<number>(20).fill(0)]) {
    const fitted = fitWanderingLevel({ deviations, noise: 1 });
    assert.deepEqual(newsOf(deviations, fitted), { news: deviations, next: 0 });
  }
});
