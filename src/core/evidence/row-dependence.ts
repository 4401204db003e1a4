import { chiSquaredSf } from '../special/chi-squared-tail.ts';
import type { Reference } from './reference.ts';

/**
 * Do the windows of a reference differ as windows of independent rows would?
 *
 * For every cell the squared residuals of its rank mean (of its most frequent category) between windows are held
 * against what independent rows give, a chi-squared sum; all cells together at 1%, and each alone at .1% divided by
 * their number, since one autocorrelated column drowns among many. `inflation` is how many times more windows differ,
 * over all cells: 1 for independent rows, (1 + phi) / (1 - phi) for AR(1).
 *
 * Misleads with few windows: with 10 windows of 15 columns a first-order autocorrelation of .1 passes about every other
 * time. Says nothing about what the windows to come are like. Insufficient below three windows.
 */
export function rowDependence(references: readonly Reference[]): RowDependence {
  const sums = references.flatMap((reference) => residualsOf(reference) ?? []);
  const df = sums.reduce((total, sum) => total + sum.df, 0);
  const have = Math.max(0, ...references.map(({ windows }) => windows));
  if (df === 0 || have < MINIMUM) return { status: 'insufficient', need: MINIMUM, have };
  const value = sums.reduce((total, sum) => total + sum.value, 0);
  const together = chiSquaredSf(value, df);
  const alone = Math.min(1, ...sums.map((sum) => chiSquaredSf(sum.value, sum.df) * sums.length));
  return {
    status: 'ok',
    independent: together >= TOGETHER && alone >= ALONE,
    inflation: value / df,
    df,
  };
}

export type RowDependence =
  | { readonly status: 'ok'; readonly independent: boolean; readonly inflation: number; readonly df: number }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

/** What someone says of rows: that they do or do not depend on each other or on the time, or that the reference shall tell. */
export const ROWS_ARE = ['auto', 'independent', 'dependent'] as const;
export type RowsAre = (typeof ROWS_ARE)[number];

function residualsOf({ baseline }: Reference): { value: number; df: number } | undefined {
  const [first] = baseline.components.values();
  if (first?.sums === undefined || baseline.df < 1 || !(first.sums.floors > 0)) return undefined;
  return { value: (first.sums.squares * baseline.windows) / first.sums.floors, df: baseline.df };
}

const [TOGETHER, ALONE] = [0.01, 0.001];
const MINIMUM = 3;
