import { hypergeometricMass } from '../special/hypergeometric.ts';
import { insufficient, type Result } from '../statistic.ts';

/**
 * Fisher's exact test of two shares: are a out of n and b out of m rows the same rate? Right at any sample
 * size, where chi-squared needs at least 5 expected rows per cell.
 *
 * Arguments: counts [with, without] of each side. Value: the sample odds ratio; insufficient where it has
 * none (a zero in the other diagonal). p-value: two-sided, the probability of all tables with these margins
 * that are no more likely than this one. Effect: the difference of the rates, current minus reference.
 * Conservative: its real level is below the nominal one, most of all for small tables.
 *
 * Source: R. Fisher, Statistical Methods for Research Workers (1934), section 21.02.
 */
export function fisherExact(
  reference: readonly [number, number],
  current: readonly [number, number],
): Result {
  const [a, b] = reference;
  const [c, d] = current;
  const n = a + b;
  const m = c + d;
  if (!(n > 0 && m > 0)) return insufficient(1, Math.min(n, m), 'one side has no rows');
  if (b * c === 0) return insufficient(1, 0, 'the odds ratio is not finite: a cell of its divisor is empty');
  return {
    status: 'ok',
    value: (a * d) / (b * c),
    pValue: fisherTwoSided(a, n, c, m),
    effect: c / m - a / n,
    effectUnit: 'share of rows',
    n,
    m,
    bins: 2,
    law: 'hypergeometric, given both margins',
  };
}

/**
 * Two-sided p-value that a of n and b of m rows have the same rate. Sums the tables that are no more likely,
 * from both ends inwards, so it costs no more than the smaller margin.
 */
export function fisherTwoSided(a: number, n: number, b: number, m: number): number {
  const marked = a + b;
  const args = { total: n + m, marked: n, draws: marked };
  const low = Math.max(0, marked - m);
  const high = Math.min(n, marked);
  const observed = hypergeometricMass(a, args) * (1 + TOLERANCE);
  let sum = 0;
  let k = low;
  for (; k <= high; k += 1) {
    const mass = hypergeometricMass(k, args);
    if (mass > observed) break;
    sum += mass;
  }
  if (k > high) return 1;
  for (let j = high; j > k; j -= 1) {
    const mass = hypergeometricMass(j, args);
    if (mass > observed) break;
    sum += mass;
  }
  return Math.min(1, sum);
}

/** Tables whose probabilities agree to rounding count as equally likely. */
const TOLERANCE = 1e-12;
