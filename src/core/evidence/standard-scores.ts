import { deviance } from '../special/deviance.ts';
import type { Baseline, ComponentBaseline, SeasonMean } from './baseline.ts';
import type { Component } from './components.ts';
import { usualDistinct } from './distinct-shift.ts';

/**
 * Normal scores of a window's components: what each would be in standard deviations if its law were normal.
 *
 * Against a learned baseline: z = (window - mean of its seasonal class) / (sd between windows * sqrt(1 + 1/K)),
 * with Student tails of nu = min(q, m / IF) degrees of freedom mapped to normal ones; q are the degrees of
 * freedom of the pooled variance, IF = m s2 the inflation by dependent rows, m / IF the effective rows.
 * Without one, for rows known to be independent: against all `pooled` rows, variance 1/m + 1/N per row.
 * Shares are scored by the signed root of their binomial deviance, drawn half a row towards the expectation,
 * divided by the same inflation: a rare category has no normal tail.
 * A count of different values is scored by how far it is outside of what its rows allow (see `usualDistinct`).
 *
 * A component without a law has no score: class never seen, skew and tail of fewer than 20 effective rows, a count
 * of different values against pooled rows.
 * Source: D. L. Wallace (1959), eq. 3; signed roots: McCullagh and Nelder, Generalized Linear Models, 2.4.3.
 */
export function standardScores(args: {
  window: readonly Component[];
  season: number;
  baseline: Baseline;
  /** Components of all rows so far, for independent rows only. */
  pooled?: readonly Component[];
}): StandardScore[] {
  const { window, pooled } = args;
  if (pooled !== undefined)
    return window.flatMap((component, at) => pooledScore(component, pooled[at]) ?? []);
  return window.flatMap((component) => learnedScore({ ...args, component }) ?? []);
}

export interface StandardScore {
  readonly name: string;
  readonly z: number;
  /** Independent rows that would vary between windows as much as these do. */
  readonly effectiveRows: number;
  /** How many times more windows vary than independent rows would make them, at least 1. */
  readonly inflation: number;
}

function pooledScore(component: Component, pooled: Component | undefined): StandardScore | undefined {
  if (pooled === undefined || component.rows === 0 || pooled.rows === 0) return undefined;
  if (component.law === 'count') return undefined;
  const error = 1 + component.rows / pooled.rows;
  const z =
    component.law === 'share'
      ? signedRoot({ component, expected: pooled.mean, past: pooled.rows, inflation: error })
      : (component.mean - pooled.mean) / Math.sqrt((pooled.rowVariance / component.rows) * error);
  return Number.isFinite(z)
    ? { name: component.name, z, effectiveRows: component.rows, inflation: 1 }
    : undefined;
}

function learnedScore(args: {
  component: Component;
  season: number;
  baseline: Baseline;
}): StandardScore | undefined {
  const { component, baseline } = args;
  const known = baseline.components.get(component.name);
  const past = known?.means[args.season];
  if (known === undefined || past === undefined || baseline.df < 2 || component.rows === 0) return undefined;
  const perRow = component.rowVariance / component.rows;
  const variance = Math.max(perRow, known.variance * fewerRows({ component, known, baseline }));
  const error = 1 + 1 / past.windows;
  if (component.law === 'share') {
    const overall = known.sums === undefined ? past.mean : known.sums.total / baseline.windows;
    const binomial = Math.max(overall * (1 - overall), component.rowVariance) / component.rows;
    const inflation = Math.max(1, variance / binomial);
    const effectiveRows = component.rows / inflation;
    const z = signedRoot({
      component,
      expected: past.mean,
      past: past.windows * component.rows,
      inflation: inflation * error,
    });
    return {
      name: component.name,
      z: normalScore(z, Math.min(baseline.df, effectiveRows)),
      effectiveRows,
      inflation,
    };
  }
  // Dependence widens the location most, so it sets the tails of the other polynomials too.
  const effectiveRows = 1 / Math.max(variance / component.rowVariance, locationVariance(baseline));
  if (HIGHER.has(component.name) && effectiveRows < EFFECTIVE_ROWS) return undefined;
  const t = beyondUsual(component, past) / Math.sqrt(variance * error);
  // A mean of ranks is bounded: few effective rows make its tail shorter, not longer.
  const bounded = component.name === 'location';
  const z = normalScore(t, bounded ? baseline.df : Math.min(baseline.df, effectiveRows));
  return { name: component.name, z, effectiveRows, inflation: variance / perRow };
}

/** How far off its usual value; of counts, off what is usual for its rows. */
function beyondUsual(component: Component, past: SeasonMean): number {
  const { mean, rows } = component;
  if (component.law !== 'count') return mean - past.mean;
  const { low, high } = usualDistinct({ past, rows });
  return mean > high ? mean - high : Math.min(0, mean - low);
}

/** A window of fewer rows than past ones varies more; the worst case is that all of the variance is in the rows. */
function fewerRows(args: { component: Component; known: ComponentBaseline; baseline: Baseline }): number {
  const { sums } = args.known;
  return sums === undefined ? 1 : Math.max(1, sums.rows / args.baseline.windows / args.component.rows);
}

function locationVariance(baseline: Baseline): number {
  return baseline.components.get('location')?.variance ?? 0;
}

function signedRoot(args: {
  component: Component;
  expected: number;
  past: number;
  inflation: number;
}): number {
  const { rows } = args.component;
  // Jeffreys: what was never seen may still come.
  const share = (args.expected * args.past + 0.5) / (args.past + 1);
  const mean = share * rows;
  const difference = args.component.mean * rows - mean;
  const count = mean + Math.sign(difference) * Math.max(0, Math.abs(difference) - 0.5);
  const exponent = deviance(count, mean) + deviance(rows - count, rows - mean);
  return Math.sign(difference) * Math.sqrt((2 * Math.max(0, exponent)) / args.inflation);
}

/** Normal score of a t value with `df` degrees of freedom. */
export function normalScore(t: number, df: number): number {
  return ((Math.sign(t) * (8 * df + 1)) / (8 * df + 3)) * Math.sqrt(df * Math.log1p((t * t) / df));
}

const HIGHER: ReadonlySet<string> = new Set(['skew', 'tail']);
/** Effective rows below which skew and tail say nothing. */
const EFFECTIVE_ROWS = 20;
