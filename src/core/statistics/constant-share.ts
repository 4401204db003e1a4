import { type Comparison, insufficient, type Result } from '../statistic.ts';
import { rateDifference } from './rate-difference.ts';
import { valueCounts } from './value-counts.ts';

/**
 * Constant share: for a feature that had one and the same value in the reference, the share of current rows
 * that still have it. Distances divide by a spread of zero there; this does not.
 *
 * Value: the share, 1 when nothing changed. Effect: value minus 1. p-value: exact, given that n reference rows
 * held no other value (the reference's own error included: 1 other value in 100 rows after 50 is no surprise).
 * Misleads by its value alone after a short reference, which may be constant by chance: the p-value knows.
 * Insufficient when the reference has more than one value: take `unseenRate` or any other statistic. Null and
 * NaN left out.
 *
 * Source: see `rateDifference`.
 */
export function constantShare(args: Comparison): Result {
  const reference = constantOf(args.reference);
  if ('status' in reference) return reference;
  const current = rowsOf(args.current, reference.value);
  if (current === undefined) return insufficient(1, 0, 'needs two columns of the same form');
  const result = rateDifference(
    { hits: reference.rows, rows: reference.rows },
    { hits: current.hits, rows: current.rows },
  );
  return result.status === 'insufficient' ? result : { ...result, details: { referenceRate: 1 } };
}

function constantOf(column: Comparison['reference']) {
  if (column.form === 'counts') {
    const at = column.counts.codes.map((code, i) => ({ code, rows: column.counts.counts[i] ?? 0 }));
    const filled = at.filter(({ code, rows }) => code >= 0 && rows > 0);
    const only = filled[0];
    if (only === undefined) return insufficient(1, 0, 'the reference has no value');
    if (filled.length > 1) return insufficient(1, filled.length, 'the reference is not constant');
    return { value: only.code, rows: only.rows };
  }
  const counts = valueCounts(column);
  if (counts === undefined) return insufficient(1, 0, 'needs numbers, categories or counts');
  const [only] = counts;
  if (only === undefined) return insufficient(1, 0, 'the reference has no value');
  if (counts.size > 1) return insufficient(1, counts.size, 'the reference is not constant');
  return { value: only[0], rows: only[1] };
}

function rowsOf(column: Comparison['current'], value: string | number) {
  if (column.form === 'counts') {
    const at = column.counts.codes.map((code, i) => ({ code, rows: column.counts.counts[i] ?? 0 }));
    const rows = at
      .filter(({ code }) => code !== -1 && code !== -2)
      .reduce((sum, each) => sum + each.rows, 0);
    return { hits: at.find(({ code }) => code === value)?.rows ?? 0, rows };
  }
  const counts = valueCounts(column);
  if (counts === undefined) return undefined;
  let rows = 0;
  for (const count of counts.values()) rows += count;
  return { hits: counts.get(value) ?? 0, rows };
}
