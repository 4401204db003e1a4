import { type CheckResult, percent } from './check.ts';

/**
 * Do the new rows hold categories that the data before never held? A model has learnt nothing about those. A
 * finding from `most` of the rows on (default 1%), and from 5 rows. Missing values count on neither side.
 * Misleads for features that are meant to grow (ids, campaigns): every new value is a new category; see
 * cardinality.
 */
export function categoryRange(args: {
  feature: string;
  before: readonly (string | null)[];
  now: readonly (string | null)[];
  most?: number;
}): CheckResult {
  const { feature, before, now } = args;
  const known = new Set(before.filter((value) => value !== null && value !== ''));
  const unseen = new Map<string, number>();
  let n = 0;
  for (const value of now) {
    if (value === null || value === '') continue;
    n += 1;
    if (!known.has(value)) unseen.set(value, (unseen.get(value) ?? 0) + 1);
  }
  const base = { check: 'category-range', feature } as const;
  const fewer = Math.min(n, known.size === 0 ? 0 : before.length);
  if (fewer < NEEDED) {
    return { ...base, status: 'insufficient', need: NEEDED, have: fewer, why: 'rows with a value' };
  }
  const rows = [...unseen.values()].reduce((sum, count) => sum + count, 0);
  if (rows < LEAST_ROWS || rows / n < (args.most ?? 0.01)) return { ...base, status: 'ok', n };
  const ranked = [...unseen].sort(([a, k], [b, l]) => l - k || (a < b ? -1 : 1));
  const named = ranked.slice(0, 3).map(([value]) => value);
  return {
    ...base,
    status: 'finding',
    detail: `${feature}: ${percent(rows / n)} of ${n} rows hold ${unseen.size} categories never seen before (${named.join(', ')})`,
    numbers: { rows, share: rows / n, categories: unseen.size, known: known.size },
    n,
  };
}

const NEEDED = 30;
const LEAST_ROWS = 5;
