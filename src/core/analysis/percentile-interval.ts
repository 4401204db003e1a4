import type { Measured } from '../performance/measured.ts';

/** A metric with the interval in which it would fall on other rows of the same kind. */
export type Interval =
  | {
      readonly status: 'ok';
      readonly value: number;
      readonly low: number;
      readonly high: number;
      readonly n: number;
    }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

/**
 * The percentile interval of a metric from its value on `draws` bootstrap draws. Draws on which it could not be computed
 * are not among `values`; with fewer than nine in ten left it is insufficient.
 */
export function percentileInterval(args: {
  whole: Measured;
  values: readonly number[];
  draws: number;
  confidence?: number;
}): Interval {
  const { whole, draws } = args;
  if (whole.status === 'insufficient') return whole;
  if (args.values.length < 0.9 * draws) {
    return { status: 'insufficient', need: Math.ceil(0.9 * draws), have: args.values.length };
  }
  const values = args.values.toSorted((a, b) => a - b);
  const tail = (1 - (args.confidence ?? 0.95)) / 2;
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] ?? whole.value;
  return { status: 'ok', value: whole.value, low: at(tail), high: at(1 - tail), n: whole.n };
}
