import { fSf } from '../special/f-tail.ts';
import type { Baseline, PastWindow } from './baseline.ts';

/**
 * One-shot law for all shares of a window together: Pearson's chi-squared of the window against the past
 * windows of its seasonal class, divided by its degrees of freedom and by what it was on average for past
 * windows held against those before them. For independent rows that average is 1; dependence raises it, and
 * the same division takes it out (first-order correction). The degrees of freedom are those that explain how
 * widely past windows spread (second order). p-value from F, as the average itself was estimated.
 *
 * Cells of fewer than 5 expected rows are pooled. Insufficient until a few windows were held against others.
 * Source: Rao and Scott (1981), doi:10.2307/2287815; the correction is estimated between windows.
 */
export function shareDistance(args: { window: PastWindow; baseline: Baseline }): ShareDistance {
  const { distances } = args.baseline;
  const measured = pearsonPerDegree(args);
  const have = distances?.windows ?? 0;
  if (distances === undefined || measured === undefined || have < LEAST_WINDOWS)
    return { status: 'insufficient', need: LEAST_WINDOWS, have };
  const variance = distances.squares / (have - 1);
  const spread = variance > 0 ? (2 * distances.mean ** 2) / variance : measured.degrees;
  const degrees = Math.max(LEAST_DEGREES, Math.min(measured.degrees, spread));
  const designEffect = Math.max(1, distances.mean);
  const pValue = fSf(measured.value / designEffect, degrees, have - 1);
  return { status: 'ok', pValue, degrees, designEffect, windows: have };
}

export type ShareDistance =
  | {
      readonly status: 'ok';
      readonly pValue: number;
      readonly degrees: number;
      readonly designEffect: number;
      readonly windows: number;
    }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

/** Number, mean and sum of squared deviations of the distances of past windows. */
export interface Distances {
  readonly windows: number;
  readonly mean: number;
  readonly squares: number;
}

export const EMPTY_DISTANCES: Distances = { windows: 0, mean: 0, squares: 0 };

/** One more window, measured against the baseline as it was before. */
export function extendDistances(
  before: Distances,
  args: { window: PastWindow; baseline: Baseline },
): Distances {
  const measured = pearsonPerDegree(args);
  if (measured === undefined) return before;
  const windows = before.windows + 1;
  const step = measured.value - before.mean;
  const mean = before.mean + step / windows;
  return { windows, mean, squares: before.squares + step * (measured.value - mean) };
}

function pearsonPerDegree(args: {
  window: PastWindow;
  baseline: Baseline;
}): { value: number; degrees: number } | undefined {
  const { season } = args.window;
  const components = args.window.components.filter(({ law }) => law !== 'count');
  if (components[0]?.law !== 'share') return undefined;
  const cells: Cell[] = [];
  let [rows, past] = [0, 0];
  for (const component of components) {
    const known = args.baseline.components.get(component.name)?.means[season];
    if (known === undefined) return undefined;
    rows = component.rows;
    past = known.windows;
    cells.push({ expected: known.mean * rows, observed: component.mean * rows });
  }
  const chi = pearson(cells);
  if (chi === undefined) return undefined;
  return { value: chi.value / chi.degrees / (1 + 1 / past), degrees: chi.degrees };
}

export interface Cell {
  readonly expected: number;
  readonly observed: number;
}

/** Pearson's sum with small cells pooled, and its degrees of freedom; undefined when one cell is left. */
export function pearson(cells: readonly Cell[]): { value: number; degrees: number } | undefined {
  const large = cells.filter(({ expected }) => expected >= LEAST_EXPECTED);
  const small = cells.filter(({ expected }) => expected < LEAST_EXPECTED);
  const rest: Cell = {
    expected: small.reduce((sum, cell) => sum + cell.expected, 0),
    observed: small.reduce((sum, cell) => sum + cell.observed, 0),
  };
  if (rest.expected >= LEAST_EXPECTED) large.push(rest);
  if (large.length < 2) return undefined;
  // Too few expected for a cell of its own: with the smallest of the others.
  const least = rest.expected >= LEAST_EXPECTED ? undefined : smallest(large);
  let value = 0;
  for (const cell of large) {
    const add = cell === least ? rest : NOTHING;
    value +=
      (cell.observed + add.observed - cell.expected - add.expected) ** 2 / (cell.expected + add.expected);
  }
  return { value, degrees: large.length - 1 };
}

function smallest(cells: readonly Cell[]): Cell | undefined {
  return cells.reduce<Cell | undefined>(
    (best, cell) => (best === undefined || cell.expected < best.expected ? cell : best),
    undefined,
  );
}

const NOTHING: Cell = { expected: 0, observed: 0 };
const LEAST_EXPECTED = 5;
/** Windows measured against others, below which their average says little. */
const LEAST_WINDOWS = 3;
/** A few wild windows among many calm ones: hardly a degree of freedom, and a very long tail. */
const LEAST_DEGREES = 0.05;
