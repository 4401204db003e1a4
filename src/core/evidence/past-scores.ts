import type { Baseline } from './baseline.ts';
import { normalScore } from './standard-scores.ts';
import { STILL, type WanderingLevel, wanderingLevel } from './wandering-level.ts';

/**
 * How the scores of one component have varied and followed each other in the windows judged so far: running sums, in
 * which a window 512 windows ago counts a third. Scores are in standard deviations that independent rows would have, so
 * that the noise of the rows is 1 and what is beyond it is the windows' own. Plain data.
 *
 * A reference of a few windows cannot tell this: 28 days that depend on each other hold two or three excursions, and
 * its spread is one day half of what it is on another.
 */
export interface PastScore {
  readonly windows: number;
  /** Second and fourth powers, products of neighbours, squares of what each added to those before it. */
  readonly squares: number;
  readonly fourths: number;
  readonly products: number;
  readonly news: number;
}

/** A score, what it added to those before it, and the one just before it, 0 where there was none. */
export interface SeenScore {
  readonly score: number;
  readonly added: number;
  readonly before: number;
}

/** What the windows of a reference say, before any other was judged: as if their residuals had been the scores. */
export function startPast({ components, df, windows }: Baseline, name: string): PastScore {
  const sums = components.get(name)?.sums;
  if (sums === undefined || sums.floors === 0 || df === 0) return NOTHING;
  const squares = sums.squares / (sums.floors / windows);
  const lagOne = sums.squares === 0 ? 0 : sums.products / sums.squares;
  return {
    windows: df,
    squares,
    fourths: (3 * squares * squares) / df,
    products: lagOne * squares,
    news: squares * (1 - lagOne * lagOne),
  };
}

/** With one more score. */
export function extendPast(past: PastScore, { score, added, before }: SeenScore): PastScore {
  return {
    windows: past.windows * KEPT + 1,
    squares: past.squares * KEPT + score ** 2,
    fourths: past.fourths * KEPT + score ** 4,
    products: past.products * KEPT + score * before,
    news: past.news * KEPT + added ** 2,
  };
}

/** What scores without a change would be like. */
export interface ScoreLaw {
  readonly variance: number;
  /** How far the windows before say what the next one shows. */
  readonly level: WanderingLevel;
  readonly newsVariance: number;
  /** Degrees of freedom of a Student law with the kurtosis seen beyond two standard errors of it; infinite for a normal one. */
  readonly tails: number;
}

/** The law; with fewer than 8 windows that of independent rows. */
export function scoreLaw({ windows, squares, fourths, products, news }: PastScore): ScoreLaw {
  if (windows < LEAST || squares === 0)
    return { variance: 1, level: STILL, newsVariance: 1, tails: Number.POSITIVE_INFINITY };
  const variance = Math.max(1, squares / windows);
  const lagOne = products / squares;
  // Kendall (1954): taken from a mean of few windows, the autocorrelation is too low by (1 + 3 rho) / n.
  const unbiased = lagOne + (1 + 3 * lagOne) / windows;
  const level = wanderingLevel({ lagOne: unbiased, windows, noise: 1 / variance });
  const kurtosis = (windows * fourths) / (squares * squares) - 3 - 2 * Math.sqrt(24 / windows);
  return {
    variance,
    level,
    newsVariance: Math.max(variance * level.news, news / windows),
    tails: kurtosis <= 0 ? Number.POSITIVE_INFINITY : 4 + 6 / kurtosis,
  };
}

/** Normal score of a value that has this variance and a Student law. */
export function scoreOf(value: number, args: { variance: number; tails: number }): number {
  const { variance, tails } = args;
  const z = value / Math.sqrt(variance);
  return Number.isFinite(tails) ? normalScore(z * Math.sqrt(tails / (tails - 2)), tails) : z;
}

const NOTHING: PastScore = { windows: 0, squares: 0, fourths: 0, products: 0, news: 0 };
const LEAST = 8;
const KEPT = 1 - 1 / 512;
