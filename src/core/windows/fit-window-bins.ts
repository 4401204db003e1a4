import type { Bins } from '../summaries/bins.ts';
import { byBytes } from './by-bytes.ts';
import type { Column } from './column.ts';

/**
 * Fits the bins of a feature on the rows of a reference: what schemas/queries/fit-bins-numeric.sql and
 * fit-bins-categorical.sql do in the database, with the same bins.
 *
 * Numbers: edges at the 5, 10, ... 95% quantiles of the finite values, duplicates removed. The quantile at level q
 * of n values is the value at place floor(q n) in ascending order, counted from 0: an element, never a mean of two.
 * Categories: the 20 most frequent values, ties by the bytes of the text; up to 100,000 further ones share a bin.
 */
export function fitWindowBins(args: {
  kind: 'numeric' | 'categorical';
  column: Column;
  rows: ArrayLike<number>;
  /** Categories kept apart. */
  top?: number;
}): Bins {
  return args.kind === 'numeric' ? fitEdges(args) : fitCategories(args);
}

function fitEdges({ column, rows }: { column: Column; rows: ArrayLike<number> }): Bins {
  const finite = new Float64Array(rows.length);
  let n = 0;
  for (let at = 0; at < rows.length; at += 1) {
    const x = column.number(rows[at] ?? 0);
    if (x === null || !Number.isFinite(x)) continue;
    finite[n] = x;
    n += 1;
  }
  // Quantiles of nothing are 0 in the database; where bins lie does not matter then.
  if (n === 0) return { kind: 'numeric', edges: [0] };
  const sorted = finite.subarray(0, n).sort();
  const edges = LEVELS.map((level) => sorted[Math.floor(level * n)] ?? 0);
  return { kind: 'numeric', edges: edges.filter((edge, i) => i === 0 || edge !== edges[i - 1]) };
}

function fitCategories({
  column,
  rows,
  top = TOP,
}: {
  column: Column;
  rows: ArrayLike<number>;
  top?: number;
}): Bins {
  const frequencies = new Map<string, number>();
  for (let at = 0; at < rows.length; at += 1) {
    const text = column.text(rows[at] ?? 0);
    if (text !== null) frequencies.set(text, (frequencies.get(text) ?? 0) + 1);
  }
  const values = [...frequencies].sort(([a, k], [b, l]) => l - k || byBytes(a, b)).map(([value]) => value);
  return {
    kind: 'categorical',
    categories: values.slice(0, top),
    others: values.slice(top, top + OTHERS),
  };
}

// The literals of the statement: multiples of 0.05 in floating point are not all the same numbers.
const LEVELS = [
  0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95,
] as const;
const TOP = 20;
const OTHERS = 100_000;
