import { chiSquaredSf } from '../special/chi-squared-tail.ts';
import { normalSf } from '../special/normal.ts';
import type { Baseline, PastWindow } from './baseline.ts';
import { type Component, DISTINCT } from './components.ts';
import { pearson, shareDistance } from './share-distance.ts';
import type { StandardScore } from './standard-scores.ts';

/**
 * p-value of one window on its own, with no memory of the windows before: what finds a large change at once.
 *
 * Several statistics are tried and their p-values divided by fixed weights that add up to 1 (Bonferroni), so
 * that the smallest quotient is a p-value. numeric: the rank mean and the scale, .45 each, the shares of
 * missing and of NaN rows, .05 each. categorical: Pearson's chi-squared over all shares, .9 (see
 * share-distance), and the largest single share or the distinct count, .1, which see rare and unseen categories.
 * Against a frozen reference the scores are taken less its tolerance, and without the chi-squared sum: the error of
 * one unlucky reference would otherwise page again and again. Statistics with fewer than 20 effective rows are left out: a window is then hardly more than one observation,
 * and no law for its tail holds. Insufficient where none is left.
 */
export function oneShot(args: {
  window: PastWindow;
  baseline: Baseline;
  scores: readonly StandardScore[];
  pooled?: readonly Component[];
  /** Error of a frozen reference, in standard scores: a window must be further off than that. */
  tolerance?: (name: string) => number;
}): OneShot {
  const { tolerance } = args;
  const usable = args.scores.filter(({ effectiveRows }) => effectiveRows >= EFFECTIVE_ROWS);
  const scores =
    tolerance === undefined ? usable : usable.map((score) => shrink(score, tolerance(score.name)));
  if (scores.length === 0) {
    const have = args.scores.reduce((most, score) => Math.max(most, score.effectiveRows), 0);
    return { status: 'insufficient', need: EFFECTIVE_ROWS, have };
  }
  const numeric = args.window.components[0]?.law === 'mean';
  const tests = numeric ? numericTests(scores) : categoricalTests({ ...args, scores });
  const best = tests.reduce((a, b) => (b.pValue < a.pValue ? b : a), NONE);
  return { status: 'ok', ...best };
}

export type OneShot =
  | { readonly status: 'ok'; readonly pValue: number; readonly law: string }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

interface Test {
  readonly pValue: number;
  readonly law: string;
}

function numericTests(scores: readonly StandardScore[]): Test[] {
  return scores.flatMap(({ name, z }) => {
    const weight = WEIGHTS.get(name);
    return weight === undefined
      ? []
      : [{ pValue: Math.min(1, twoSided(z) / weight), law: LAWS.get(name) ?? name }];
  });
}

function categoricalTests(args: {
  window: PastWindow;
  baseline: Baseline;
  scores: readonly StandardScore[];
  pooled?: readonly Component[];
  tolerance?: (name: string) => number;
}): Test[] {
  const largest = args.scores.reduce((most, score) => (Math.abs(score.z) > Math.abs(most.z) ? score : most));
  const together = args.tolerance === undefined ? chiOf(args) : undefined;
  // Which tests there are depends on past windows only, so the one may have all of the weight.
  const single = {
    pValue: Math.min(1, (args.scores.length * twoSided(largest.z)) / (together === undefined ? 1 : SINGLE)),
    law:
      largest.name === DISTINCT
        ? 'distinct count, Student tails'
        : `largest of ${args.scores.length} shares, binomial deviance`,
  };
  return together === undefined
    ? [single]
    : [single, { ...together, pValue: Math.min(1, together.pValue / TOGETHER) }];
}

function chiOf(args: {
  window: PastWindow;
  baseline: Baseline;
  pooled?: readonly Component[];
}): Test | undefined {
  return args.pooled === undefined ? learnedChi(args) : pooledChi(args.window.components, args.pooled);
}

/** Only where past windows say that rows are nearly independent: no correction of its mean and spread gets the far tail right. */
function learnedChi(args: { window: PastWindow; baseline: Baseline }): Test | undefined {
  const distance = shareDistance(args);
  if (distance.status === 'insufficient' || distance.designEffect > NEARLY_INDEPENDENT) return undefined;
  const { degrees, windows, designEffect, pValue } = distance;
  return {
    pValue,
    law: `chi-squared of shares, F(${degrees.toPrecision(3)}, ${windows - 1}), design effect ${designEffect.toPrecision(3)}`,
  };
}

/** Two-sample chi-squared of independent rows. */
function pooledChi(window: readonly Component[], pooled: readonly Component[]): Test | undefined {
  const shares = window.filter(({ law }) => law === 'share');
  const rows = shares[0]?.rows ?? 0;
  const past = pooled[0]?.rows ?? 0;
  // Expectations from both samples together, as in the table of counts.
  const chi = pearson(
    shares.map(({ mean }, at) => {
      const share = (mean * rows + (pooled[at]?.mean ?? 0) * past) / (rows + past);
      return { expected: share * rows, observed: mean * rows };
    }),
  );
  if (chi === undefined) return undefined;
  return {
    pValue: chiSquaredSf(chi.value * (1 + rows / past), chi.degrees),
    law: `two-sample chi-squared of shares, ${chi.degrees} degrees of freedom`,
  };
}

/** Composite null: every shift up to the tolerance is allowed. */
function shrink(score: StandardScore, tolerance: number): StandardScore {
  return { ...score, z: Math.sign(score.z) * Math.max(0, Math.abs(score.z) - tolerance) };
}

function twoSided(z: number): number {
  return 2 * normalSf(Math.abs(z));
}

const NONE: Test = { pValue: 1, law: 'none' };
const WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['location', 0.45],
  ['scale', 0.45],
  ['share:-1', 0.05],
  ['share:-2', 0.05],
]);
const LAWS: ReadonlyMap<string, string> = new Map([
  ['location', 'rank mean, Student tails'],
  ['scale', 'mean of the second rank polynomial, Student tails'],
  ['share:-1', 'missing rows, binomial deviance'],
  ['share:-2', 'NaN rows, binomial deviance'],
]);
const [TOGETHER, SINGLE] = [0.9, 0.1];
/** Largest design effect for which a chi-squared sum keeps its law. */
const NEARLY_INDEPENDENT = 1.2;
/** Effective rows below which a single window is not judged alone. */
const EFFECTIVE_ROWS = 20;
