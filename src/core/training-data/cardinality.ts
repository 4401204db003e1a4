import { type CheckResult, percent } from './check.ts';

/**
 * Has the number of distinct values of a categorical feature changed, at equal numbers of rows? The larger
 * side is thinned to the rows of the smaller one in expectation (rarefaction), because more rows always hold
 * more values. A finding from a factor of 2 on; also when nearly every row has a value of its own, which is an
 * id and no category. Misleads where a few values hold nearly all rows: the distinct count is then made by the
 * rare ones alone.
 * Source: H. L. Sanders (1968); S. H. Hurlbert, Ecology 52:577 (1971), eq. 14, drawn with replacement.
 */
export function cardinality(args: {
  feature: string;
  before: readonly (string | null)[];
  now: readonly (string | null)[];
  factor?: number;
}): CheckResult {
  const { feature } = args;
  const before = frequencies(args.before);
  const now = frequencies(args.now);
  const rows = Math.min(before.rows, now.rows);
  const base = { check: 'cardinality', feature } as const;
  if (rows < NEEDED)
    return { ...base, status: 'insufficient', need: NEEDED, have: rows, why: 'rows with a value' };
  const n = now.rows;
  const own = now.counts.length / now.rows;
  if (own >= IDENTIFIER && before.counts.length / before.rows < IDENTIFIER) {
    return {
      ...base,
      status: 'finding',
      detail: `${feature}: ${now.counts.length} distinct values in ${n} rows (${percent(own)}) are an id, not a category`,
      numbers: { distinct: now.counts.length, distinctBefore: before.counts.length, share: own },
      n,
    };
  }
  const expectedBefore = distinctAmong(before, rows);
  const expectedNow = distinctAmong(now, rows);
  const ratio = expectedNow / expectedBefore;
  const factor = args.factor ?? 2;
  const moved =
    Math.max(ratio, 1 / ratio) >= factor && Math.abs(expectedNow - expectedBefore) >= LEAST_VALUES;
  if (!moved) return { ...base, status: 'ok', n };
  return {
    ...base,
    status: 'finding',
    detail: `${feature}: ${expectedNow.toFixed(0)} distinct values in ${rows} rows, where there were ${expectedBefore.toFixed(0)}`,
    numbers: { distinct: expectedNow, distinctBefore: expectedBefore, ratio, rows },
    n,
  };
}

interface Frequencies {
  readonly counts: readonly number[];
  readonly rows: number;
}

function frequencies(values: readonly (string | null)[]): Frequencies {
  const counts = new Map<string, number>();
  let rows = 0;
  for (const value of values) {
    if (value === null || value === '') continue;
    rows += 1;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return { counts: [...counts.values()], rows };
}

/** Distinct values expected among `rows` of the rows. */
function distinctAmong({ counts, rows: all }: Frequencies, rows: number): number {
  if (rows >= all) return counts.length;
  return counts.reduce((sum, count) => sum + 1 - (1 - rows / all) ** count, 0);
}

const NEEDED = 100;
const LEAST_VALUES = 3;
const IDENTIFIER = 0.95;
