import type { BinCounts } from '../statistic.ts';

/**
 * Rows per bin code: the summary that most statistics read. Adding rows and merging slices of time commute, so
 * a window of any length is the sum of its slices.
 */
export const emptyCounts: BinCounts = { codes: [], counts: [] };

/** Counts of a sequence of codes. */
export function countCodes(codes: Iterable<number>): BinCounts {
  const byCode = new Map<number, number>();
  for (const code of codes) byCode.set(code, (byCode.get(code) ?? 0) + 1);
  return fromMap(byCode);
}

/** One more row (or `rows` more) with a code. */
export function addCount(counts: BinCounts, code: number, rows = 1): BinCounts {
  return mergeCounts(counts, { codes: [code], counts: [rows] });
}

/** The counts of both together. */
export function mergeCounts(a: BinCounts, b: BinCounts): BinCounts {
  const byCode = new Map<number, number>();
  for (const side of [a, b]) {
    side.codes.forEach((code, i) => {
      byCode.set(code, (byCode.get(code) ?? 0) + (side.counts[i] ?? 0));
    });
  }
  return fromMap(byCode);
}

/** Rows in all bins, those without an ordinary value included. */
export function totalOf(counts: BinCounts): number {
  return counts.counts.reduce((sum, count) => sum + count, 0);
}

/** Rows with one code. */
export function countOf(counts: BinCounts, code: number): number {
  const at = counts.codes.indexOf(code);
  return at < 0 ? 0 : (counts.counts[at] ?? 0);
}

/** Two arrays of counts over the same codes, for the statistics that compare bin by bin. */
export function alignCounts(
  a: BinCounts,
  b: BinCounts,
): { readonly codes: number[]; readonly reference: number[]; readonly current: number[] } {
  const codes = mergeCounts({ codes: a.codes, counts: a.codes.map(() => 1) }, b).codes.slice();
  const lookA = new Map(a.codes.map((code, i) => [code, a.counts[i] ?? 0]));
  const lookB = new Map(b.codes.map((code, i) => [code, b.counts[i] ?? 0]));
  return {
    codes,
    reference: codes.map((code) => lookA.get(code) ?? 0),
    current: codes.map((code) => lookB.get(code) ?? 0),
  };
}

/** Text form; `decodeCounts` gives the same counts back. */
export function encodeCounts(counts: BinCounts): string {
  return JSON.stringify([counts.codes, counts.counts]);
}

/** Counts from their text form, or undefined when it is not one. */
export function decodeCounts(text: string): BinCounts | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [codes, counts] = value;
  if (!isWholeNumbers(codes) || !isWholeNumbers(counts) || codes.length !== counts.length) return undefined;
  return mergeCounts(emptyCounts, { codes, counts });
}

function isWholeNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item));
}

function fromMap(byCode: ReadonlyMap<number, number>): BinCounts {
  const kept = [...byCode].filter(([, rows]) => rows !== 0).sort(([a], [b]) => a - b);
  return { codes: kept.map(([code]) => code), counts: kept.map(([, rows]) => rows) };
}
