import { type BinCounts, CODES } from '../statistic.ts';

/**
 * Four sums that tell how a column's location, scale, skew and tails differ from a reference, whatever its
 * distribution: every value is replaced by its mid-rank u in the reference (the share below it plus half the
 * share equal to it), and u by the first four orthonormal Legendre polynomials on [0, 1], centred and scaled so
 * that each has mean 0 and variance 1 over the reference rows.
 *
 * The sums add up over slices of time. With independent rows and no change each mean has variance 1/m (plus
 * 1/n for the reference's own error); a shift of a normal feature by 0.25 standard deviations moves the first
 * one by about 0.24. Nulls and NaN are left out; infinities take the extreme ranks.
 *
 * Misleads for a reference with few distinct values: the four scores are then no longer independent, and one
 * that does not vary is 0 throughout.
 *
 * Source: J. Neyman, Smooth test for goodness of fit (1937); polynomials in Abramowitz and Stegun 22.3.8.
 */
export interface LegendreSums {
  readonly n: number;
  readonly sums: readonly [number, number, number, number];
}

export type Scores = readonly [number, number, number, number];

export const emptyLegendre: LegendreSums = { n: 0, sums: [0, 0, 0, 0] };

/** Scores per bin code, frozen on the counts of a reference. Undefined when it holds no ranked value. */
export function fitLegendreOnCounts(
  reference: BinCounts,
): ((code: number) => Scores | undefined) | undefined {
  const ranked = rankable(reference);
  const total = ranked.reduce((sum, { rows }) => sum + rows, 0);
  if (total === 0) return undefined;
  let below = 0;
  const atoms = ranked.map(({ code, rows }) => {
    const rank = (below + rows / 2) / total;
    below += rows;
    return { code, rank, rows };
  });
  const standardise = standardiser(atoms, total);
  return (code) => {
    if (!isRanked(code)) return undefined;
    const place = placeOf(code);
    const atom = atoms.find((candidate) => candidate.code === code);
    if (atom !== undefined) return standardise(atom.rank);
    // A bin the reference never filled lies between two that it did: the share below it is its rank.
    const under = atoms.reduce((sum, other) => (placeOf(other.code) < place ? sum + other.rows : sum), 0);
    return standardise(under / total);
  };
}

/** Scores per value, frozen on the sorted finite values of a reference. Undefined when it is empty. */
export function fitLegendreOnValues(
  sorted: ArrayLike<number>,
): ((value: number) => Scores | undefined) | undefined {
  const n = sorted.length;
  if (n === 0) return undefined;
  const rankOf = (x: number): number => (firstAbove(sorted, x, false) + firstAbove(sorted, x, true)) / 2 / n;
  const atoms: { rank: number; rows: number }[] = [];
  for (let i = 0; i < n; ) {
    const end = firstAbove(sorted, sorted[i] ?? 0, true);
    atoms.push({ rank: (i + end) / 2 / n, rows: end - i });
    i = end;
  }
  const standardise = standardiser(atoms, n);
  return (value) => (Number.isNaN(value) ? undefined : standardise(rankOf(value)));
}

/** One more row with these scores, or `rows` more. */
export function addLegendre(sums: LegendreSums, scores: Scores, rows = 1): LegendreSums {
  return mergeLegendre(sums, {
    n: rows,
    sums: [scores[0] * rows, scores[1] * rows, scores[2] * rows, scores[3] * rows],
  });
}

/** The sums of both together. */
export function mergeLegendre(a: LegendreSums, b: LegendreSums): LegendreSums {
  const [a0, a1, a2, a3] = a.sums;
  const [b0, b1, b2, b3] = b.sums;
  return { n: a.n + b.n, sums: [a0 + b0, a1 + b1, a2 + b2, a3 + b3] };
}

/** The sums of a window given as counts. */
export function legendreOfCounts(
  counts: BinCounts,
  scoresOf: (code: number) => Scores | undefined,
): LegendreSums {
  let [n, s0, s1, s2, s3] = [0, 0, 0, 0, 0];
  for (let i = 0; i < counts.codes.length; i += 1) {
    const scores = scoresOf(counts.codes[i] ?? 0);
    if (scores === undefined) continue;
    const rows = counts.counts[i] ?? 0;
    n += rows;
    s0 += scores[0] * rows;
    s1 += scores[1] * rows;
    s2 += scores[2] * rows;
    s3 += scores[3] * rows;
  }
  return { n, sums: [s0, s1, s2, s3] };
}

/** The four polynomials at u, before centring: location, scale, skew, tails. */
export function legendrePolynomials(u: number): Scores {
  const v = 2 * u - 1;
  const v2 = v * v;
  return [
    Math.sqrt(3) * v,
    (Math.sqrt(5) * (3 * v2 - 1)) / 2,
    (Math.sqrt(7) * v * (5 * v2 - 3)) / 2,
    (3 * (35 * v2 * v2 - 30 * v2 + 3)) / 8,
  ];
}

function standardiser(
  atoms: readonly { readonly rank: number; readonly rows: number }[],
  total: number,
): (rank: number) => Scores {
  const scored = atoms.map(({ rank, rows }) => ({ scores: legendrePolynomials(rank), share: rows / total }));
  const centre = (k: 0 | 1 | 2 | 3): number =>
    scored.reduce((sum, { scores, share }) => sum + share * scores[k], 0);
  const means: Scores = [centre(0), centre(1), centre(2), centre(3)];
  const spread = (k: 0 | 1 | 2 | 3): number =>
    Math.sqrt(scored.reduce((sum, { scores, share }) => sum + share * (scores[k] - means[k]) ** 2, 0));
  const sds: Scores = [spread(0), spread(1), spread(2), spread(3)];
  const one = (x: number, k: 0 | 1 | 2 | 3): number => (sds[k] > 1e-9 ? (x - means[k]) / sds[k] : 0);
  return (rank) => {
    const p = legendrePolynomials(rank);
    return [one(p[0], 0), one(p[1], 1), one(p[2], 2), one(p[3], 3)];
  };
}

function rankable(counts: BinCounts): { code: number; rows: number }[] {
  const ranked = counts.codes
    .map((code, i) => ({ code, rows: counts.counts[i] ?? 0 }))
    .filter(({ code, rows }) => isRanked(code) && rows > 0);
  return ranked.sort((a, b) => placeOf(a.code) - placeOf(b.code));
}

function isRanked(code: number): boolean {
  return code >= 0 || code === CODES.negativeInfinity || code === CODES.positiveInfinity;
}

/** Where a code stands in the order of values. */
function placeOf(code: number): number {
  return code === CODES.positiveInfinity ? Number.POSITIVE_INFINITY : code;
}

/** Index of the first element above x, or at least x when `strict` is false. */
function firstAbove(sorted: ArrayLike<number>, x: number, strict: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] ?? 0;
    if (value < x || (strict && value === x)) low = middle + 1;
    else high = middle;
  }
  return low;
}
