import { logGamma } from '../special/log-gamma.ts';
import { normalSf } from '../special/normal.ts';
import { type Comparison, insufficient, type Result } from '../statistic.ts';
import { valueCounts } from './value-counts.ts';

/**
 * Distinct count: how many different values the current sample holds, against what a sample of its size from
 * the same source would hold.
 *
 * The raw numbers of samples of different sizes cannot be compared. The expectation is that of m rows drawn at
 * random from both samples together; p-value: normal, two-sided, with the variance of independent values, which
 * is larger than the true one, so the test is careful. Effect: observed over expected, minus 1. Misleads when as
 * many values go as come, since the count stays: take `unseenRate`. Needs raw values. Null and NaN left out.
 *
 * Source: S. Hurlbert (1971), doi 10.2307/1934145 (rarefaction).
 */
export function distinctCount(args: Comparison): Result {
  const reference = valueCounts(args.reference);
  const current = valueCounts(args.current);
  if (reference === undefined || current === undefined) return insufficient(1, 0, 'needs raw values');
  const n = sum(reference);
  const m = sum(current);
  if (!(n > 0 && m > 0)) return insufficient(1, Math.min(n, m), 'one side has no rows with a value');
  const pooled = new Map(reference);
  for (const [value, rows] of current) pooled.set(value, (pooled.get(value) ?? 0) + rows);
  let expected = 0;
  let variance = 0;
  for (const rows of pooled.values()) {
    const present = 1 - absence(n + m, rows, m);
    expected += present;
    variance += present * (1 - present);
  }
  const value = current.size;
  // Half a value of continuity, never past zero.
  const gap = Math.max(0, Math.abs(value - expected) - 0.5);
  return {
    status: 'ok',
    value,
    pValue: variance > 0 ? Math.min(1, 2 * normalSf(gap / Math.sqrt(variance))) : 1,
    effect: value / expected - 1,
    effectUnit: 'relative to the expected count',
    n,
    m,
    law: 'normal, by rarefaction of both samples together',
    details: { expected, referenceDistinct: reference.size },
  };
}

/** Probability that none of `rows` marked rows is among `draws` out of `total`. */
function absence(total: number, rows: number, draws: number): number {
  if (rows > total - draws) return 0;
  const ways = (n: number): number => logGamma(n + 1);
  return Math.exp(ways(total - rows) + ways(total - draws) - ways(total - rows - draws) - ways(total));
}

function sum(counts: ReadonlyMap<string | number, number>): number {
  let total = 0;
  for (const rows of counts.values()) total += rows;
  return total;
}
