/**
 * Mean and spread of numbers as a mergeable summary. Deviations from the running mean are kept, not squares of
 * the values, so a mean of 1e12 does not drown a spread of 1.
 *
 * Numbers that are not finite, and those beyond 1e150 whose squares would overflow, are counted in `beyond`
 * and enter nothing else.
 *
 * Source: T. Chan, G. Golub and R. LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample
 * Variances (1979); B. Welford (1962), doi 10.1080/00401706.1962.10490022.
 */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Sum of squared deviations from the mean. */
  readonly squares: number;
  /** Null while n is 0. */
  readonly min: number | null;
  readonly max: number | null;
  readonly beyond: number;
}

export const emptyMoments: Moments = { n: 0, mean: 0, squares: 0, min: null, max: null, beyond: 0 };

/** One more value. */
export function addMoment(moments: Moments, x: number): Moments {
  if (!(Math.abs(x) <= LARGEST)) return { ...moments, beyond: moments.beyond + 1 };
  return mergeMoments(moments, { n: 1, mean: x, squares: 0, min: x, max: x, beyond: 0 });
}

/** The moments of both together. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  const beyond = a.beyond + b.beyond;
  if (a.n === 0) return { ...b, beyond };
  if (b.n === 0) return { ...a, beyond };
  const n = a.n + b.n;
  const gap = b.mean - a.mean;
  return {
    n,
    // Weighted rather than shifted when the sides are alike: merging must not depend on which comes first.
    mean: (a.n * a.mean + b.n * b.mean) / n,
    squares: a.squares + b.squares + gap * gap * ((a.n * b.n) / n),
    min: smaller(a.min, b.min),
    max: larger(a.max, b.max),
    beyond,
  };
}

/** Moments of an array. */
export function momentsOf(values: Iterable<number>): Moments {
  let moments = emptyMoments;
  for (const x of values) moments = addMoment(moments, x);
  return moments;
}

/** Sample variance (divided by n - 1), undefined below two values. */
export function varianceOf(moments: Moments): number | undefined {
  return moments.n < 2 ? undefined : moments.squares / (moments.n - 1);
}

/** Text form; `decodeMoments` gives the same moments back, bit for bit. */
export function encodeMoments(moments: Moments): string {
  const { n, mean, squares, min, max, beyond } = moments;
  return JSON.stringify([n, mean, squares, min, max, beyond]);
}

/** Moments from their text form, or undefined when it is not one. */
export function decodeMoments(text: string): Moments | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 6) return undefined;
  const [n, mean, squares, min, max, beyond] = value;
  if (!isNumber(n) || !isNumber(mean) || !isNumber(squares) || !isNumber(beyond)) return undefined;
  if (!(min === null || isNumber(min)) || !(max === null || isNumber(max))) return undefined;
  return { n, mean, squares, min, max, beyond };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null || (b !== null && b < a) ? b : a;
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || (b !== null && b > a) ? b : a;
}

const LARGEST = 1e150;
