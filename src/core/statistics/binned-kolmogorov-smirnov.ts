import { kolmogorovFiniteSf } from '../special/kolmogorov-finite.ts';
import { type BinCounts, CODES, insufficient, type Result } from '../statistic.ts';
import { alignCounts } from '../summaries/counts.ts';
import { effectiveRows } from './kolmogorov-smirnov.ts';

/**
 * Kolmogorov-Smirnov from counts on frozen numeric bins: the largest difference between the shares of rows below
 * an edge. For windows too large to sort.
 *
 * It sees the gap at the edges only, so the statistic of the raw rows is at least the value and at most the value
 * plus `details.resolution`, the largest share that one bin holds on either side. The p-value, by the one-sample
 * law at nm / (n + m) rows, is therefore too large rather than too small. Effect: the value, a share of rows.
 *
 * Null, NaN and unseen rows have no place in the order and are left out; infinities are at its ends.
 * Source: as `kolmogorovSmirnov`; the bound follows from both distribution functions rising within one bin.
 */
export function binnedKolmogorovSmirnov(reference: BinCounts, current: BinCounts): Result {
  const aligned = alignCounts(reference, current);
  const ranked = aligned.codes
    .map((code, i) => ({ code, a: aligned.reference[i] ?? 0, b: aligned.current[i] ?? 0 }))
    .filter(({ code }) => code >= 0 || code === CODES.negativeInfinity || code === CODES.positiveInfinity)
    .sort((x, y) => placeOf(x.code) - placeOf(y.code));
  const n = ranked.reduce((sum, { a }) => sum + a, 0);
  const m = ranked.reduce((sum, { b }) => sum + b, 0);
  if (!(n > 0 && m > 0)) return insufficient(1, Math.min(n, m), 'one side has no rows that can be ordered');
  let below = 0;
  let belowCurrent = 0;
  let value = 0;
  let resolution = 0;
  for (const { a, b } of ranked) {
    below += a;
    belowCurrent += b;
    value = Math.max(value, Math.abs(below / n - belowCurrent / m));
    resolution = Math.max(resolution, a / n, b / m);
  }
  const rows = effectiveRows(n, m);
  return {
    status: 'ok',
    value,
    ...(rows >= 1 ? { pValue: kolmogorovFiniteSf(rows, value) } : {}),
    effect: value,
    effectUnit: 'share of rows',
    n,
    m,
    bins: ranked.length,
    law: 'one-sample law at nm / (n + m) rows, from binned counts: an upper bound',
    details: { resolution },
  };
}

function placeOf(code: number): number {
  return code === CODES.positiveInfinity ? Number.POSITIVE_INFINITY : code;
}
