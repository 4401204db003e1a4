import { type Insufficient, insufficient } from '../statistic.ts';

/** Two samples of numbers, in the order given, without what cannot be compared. */
export interface TwoSamples {
  readonly reference: Float64Array;
  readonly current: Float64Array;
  readonly n: number;
  readonly m: number;
  /** Values left out on both sides: null, NaN, and infinities where they have no meaning. */
  readonly dropped: number;
}

/**
 * Takes two columns of numbers apart: null and NaN are left out and counted. Infinities have a rank but no
 * distance: they stay for statistics of ranks (`infinities: true`) and are left out and counted elsewhere.
 * Insufficient when either side keeps fewer than `need` values.
 */
export function twoSamples(
  reference: ArrayLike<number | null>,
  current: ArrayLike<number | null>,
  options: { readonly need: number; readonly infinities: boolean },
): TwoSamples | Insufficient {
  const a = keep(reference, options.infinities);
  const b = keep(current, options.infinities);
  const have = Math.min(a.length, b.length);
  if (have < options.need) {
    return insufficient(options.need, have, 'too few values that are present and can be compared');
  }
  const dropped = reference.length - a.length + current.length - b.length;
  return { reference: a, current: b, n: a.length, m: b.length, dropped };
}

function keep(values: ArrayLike<number | null>, infinities: boolean): Float64Array {
  const kept: number[] = [];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (typeof value !== 'number' || Number.isNaN(value)) continue;
    if (infinities || Number.isFinite(value)) kept.push(value);
  }
  return Float64Array.from(kept);
}
