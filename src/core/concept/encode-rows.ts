/** Rows as they are stored: numbers (NaN for a missing one) and texts (empty for a missing one). */
export interface RawRow {
  readonly numbers: ArrayLike<number>;
  readonly texts: readonly string[];
}

/**
 * Rows as numbers only: every text becomes up to three zero-or-one columns, one for each of its most frequent
 * values that hold 5% to 95% of the reference. The last of two is left out: it says the same.
 */
export function encodeRows(reference: readonly RawRow[]): (row: RawRow) => Float64Array {
  const width = reference[0]?.texts.length ?? 0;
  const values = Array.from({ length: width }, (_, column) => frequentValues(reference, column));
  return ({ numbers, texts }) =>
    Float64Array.from([
      ...Array.from(numbers),
      ...values.flatMap((list, column) => list.map((value) => Number(texts[column] === value))),
    ]);
}

function frequentValues(rows: readonly RawRow[], column: number): string[] {
  const counts = new Map<string, number>();
  for (const { texts } of rows) {
    const value = texts[column] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const least = LEAST_SHARE * rows.length;
  const frequent = [...counts]
    .filter(([, count]) => count >= least && count <= rows.length - least)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([value]) => value);
  return frequent.slice(0, Math.min(MOST_VALUES, Math.max(1, counts.size - 1)));
}

const LEAST_SHARE = 0.05;
const MOST_VALUES = 3;
