import type { Random } from '../random.ts';

/**
 * Rows of standard normal columns for measuring joint detectors: every marginal is N(0, 1) whatever the
 * dependence. `correlation` ties columns 0 and 1 together linearly; `curved` makes column 1 follow the square
 * of column 0 without being correlated with it (only its sign is kept random, so the marginal stays normal).
 * `standing` is the correlation of columns 2 and 3, 0 where it is not given.
 */
export function jointRows(args: {
  random: Random;
  rows: number;
  columns: number;
  correlation?: number;
  curved?: boolean;
  standing?: number;
}): Float64Array[] {
  const { random, rows, columns } = args;
  const r = args.correlation ?? 0;
  const rest = Math.sqrt(1 - r * r);
  const standing = args.standing ?? 0;
  return Array.from({ length: rows }, () => {
    const row = Float64Array.from({ length: columns }, () => standardNormal(random));
    const [a = 0, b = 0] = row;
    // The same size, a sign of its own: uncorrelated, far from independent.
    row[1] = args.curved === true ? Math.sign(b) * Math.abs(a) : r * a + rest * b;
    if (standing !== 0) row[3] = standing * (row[2] ?? 0) + Math.sqrt(1 - standing ** 2) * (row[3] ?? 0);
    return row;
  });
}

/** One draw from N(0, 1), by Box and Muller's transform. */
export function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
