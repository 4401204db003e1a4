import type { Measured } from '../performance/measured.ts';
import { mix32 } from '../random.ts';
import { type Interval, percentileInterval } from './percentile-interval.ts';
import { poissonWeight } from './poisson-weight.ts';
import { type Residual, residualOf } from './residuals-by-time.ts';

/**
 * Sums over rows that come in blocks and once, with those of every bootstrap draw: whatever metric is a function of
 * the sums gets an interval. Plain data that `addRow` changes; it grows with the days, not with the rows.
 */
export interface StreamedSums {
  readonly seed: number;
  readonly draws: number;
  readonly whole: Float64Array;
  readonly days: Map<number, Float64Array>;
  /** Sums of each draw by rows; gone as soon as there are enough days to draw days. */
  rows: readonly Float64Array[] | undefined;
}

/** Nothing read yet; `size` sums are kept. */
export function startSums(args: { seed: number; size: number; draws?: number }): StreamedSums {
  const { seed, size, draws = DRAWS } = args;
  return {
    seed,
    draws,
    whole: new Float64Array(size),
    days: new Map(),
    rows: Array.from({ length: draws }, () => new Float64Array(size)),
  };
}

/** Takes in one row: its parts by place among the sums, its event time, and the hash of its id, 0 to 2^32 - 1. */
export function addRow(
  state: StreamedSums,
  row: { readonly parts: readonly (readonly [number, number])[]; eventTimeMs: number; hash: number },
): void {
  const { parts } = row;
  const day = Math.floor(row.eventTimeMs / DAY_MS);
  const sums = state.days.get(day) ?? new Float64Array(state.whole.length);
  state.days.set(day, sums);
  add(state.whole, parts, 1);
  add(sums, parts, 1);
  if (state.days.size >= FEW_DAYS) state.rows = undefined;
  if (state.rows === undefined) return;
  const hash = mix32(row.hash ^ state.seed);
  for (const [draw, drawn] of state.rows.entries()) add(drawn, parts, poissonWeight(hash, draw));
}

/** Mean residual of every day in order of time, from the places of the rows, residuals and their squares among the sums. */
export function dailyResiduals(
  { days }: StreamedSums,
  { n, total, squares }: { n: number; total: number; squares: number },
): Residual[] {
  return [...days]
    .sort(([a], [b]) => a - b)
    .map(([day, own]) =>
      residualOf(day * DAY_MS, { n: own[n] ?? 0, total: own[total] ?? 0, squares: own[squares] ?? 0 }),
    );
}

/**
 * Metrics of all rows with percentile intervals of the Poisson bootstrap: days are drawn where there are at least ten,
 * because rows of one day share their weather, and ids where there are fewer. `n` rows that are fewer than ten are
 * insufficient.
 */
export function intervalsOf<Name extends string>(
  state: StreamedSums,
  n: number,
  metrics: (sums: Float64Array) => Readonly<Record<Name, Measured>>,
): Record<string, Interval> {
  const whole = Object.entries<Measured>(metrics(state.whole));
  const drawn = drawnSums(state).map((sums) => new Map(Object.entries<Measured>(metrics(sums))));
  const interval = (name: string, of: Measured): Interval => {
    if (n > 0 && n < FEW_ROWS) return { status: 'insufficient', need: FEW_ROWS, have: n };
    const values = drawn.flatMap((draw) => {
      const measured = draw.get(name);
      return measured?.status === 'ok' ? [measured.value] : [];
    });
    return percentileInterval({ whole: of, draws: state.draws, values });
  };
  return Object.fromEntries(whole.map(([name, of]) => [name, interval(name, of)]));
}

/** Sums of every draw. */
function drawnSums({ days, draws, seed, rows, whole }: StreamedSums): readonly Float64Array[] {
  if (rows !== undefined) return rows;
  return Array.from({ length: draws }, (_, draw) => {
    const sums = new Float64Array(whole.length);
    for (const [day, own] of days) {
      const weight = poissonWeight(mix32(mix32(day) ^ seed), draw);
      if (weight === 0) continue;
      for (const [at, value] of own.entries()) sums[at] = (sums[at] ?? 0) + weight * value;
    }
    return sums;
  });
}

function add(sums: Float64Array, parts: readonly (readonly [number, number])[], weight: number): void {
  if (weight === 0) return;
  for (const [at, value] of parts) sums[at] = (sums[at] ?? 0) + weight * value;
}

export const DAY_MS = 86_400_000;
/** Days from which on days are drawn instead of ids. */
const FEW_DAYS = 10;
const FEW_ROWS = 10;
const DRAWS = 400;
