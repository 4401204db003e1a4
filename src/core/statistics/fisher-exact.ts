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
  if (n + m > Number.MAX_SAFE_INTEGER) return insufficient(1, 0, 'more rows than a double can count');
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
 * Two-sided p-value that a of n and b of m rows have the same rate. The tail of the table is summed outwards
 * until nothing more adds up; the other tail begins at the first table no more likely, found by bisection.
 * So the cost follows the spread of the law, not the number of rows.
 */
export function fisherTwoSided(a: number, n: number, b: number, m: number): number {
  const marked = a + b;
  const args = { total: n + m, marked: n, draws: marked };
  const low = Math.max(0, marked - m);
  const high = Math.min(n, marked);
  const mass = (k: number): number => hypergeometricMass(k, args);
  const mode = Math.min(high, Math.max(low, Math.floor(((marked + 1) * (n + 1)) / (n + m + 2))));
  const observed = mass(a) * (1 + TOLERANCE);
  if (mass(mode) <= observed) return 1;
  const below = a < mode ? a : lastRare(low, mode, mass, observed);
  const above = a > mode ? a : -lastRare(-high, -mode, (k) => mass(-k), observed);
  return Math.min(1, outwards(below, low, -1, mass) + outwards(above, high, 1, mass));
}

/** Largest k from `low` on, below the mode, that is no more likely than `observed`; low - 1 if none is. */
function lastRare(low: number, mode: number, mass: (k: number) => number, observed: number): number {
  let rare = low - 1;
  let common = mode;
  while (common - rare > 1) {
    const middle = Math.floor((rare + common) / 2);
    if (mass(middle) <= observed) rare = middle;
    else common = middle;
  }
  return rare;
}

function outwards(from: number, end: number, step: 1 | -1, mass: (k: number) => number): number {
  let sum = 0;
  for (let k = from; step > 0 ? k <= end : k >= end; k += step) {
    const term = mass(k);
    sum += term;
    if (term <= sum * 1e-18) break;
  }
  return sum;
}

/** Tables whose probabilities agree to rounding count as equally likely. */
const TOLERANCE = 1e-12;
