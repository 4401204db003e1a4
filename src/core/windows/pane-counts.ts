import type { BinCounts } from '../statistic.ts';

/** One feature and segment of one pane, or of several panes merged. Plain counts and sums: it merges by addition. */
export interface PaneCounts extends BinCounts {
  /** Rows, those without a value included. */
  readonly n: number;
  /** Rows with a finite number; 0 for categories. */
  readonly finite: number;
  readonly total: number;
  readonly squares: number;
  /** Different values, of categories in one window. Merging does not know it: the same value may be in both. */
  readonly distinct?: number;
}

/** Counts of several panes as if they were one. Merging none gives an empty one. */
export function mergePanes(panes: readonly PaneCounts[]): PaneCounts {
  const byCode = new Map<number, number>();
  let [n, finite, total, squares] = [0, 0, 0, 0];
  for (const pane of panes) {
    n += pane.n;
    finite += pane.finite;
    total += pane.total;
    squares += pane.squares;
    for (const [index, code] of pane.codes.entries()) {
      byCode.set(code, (byCode.get(code) ?? 0) + (pane.counts[index] ?? 0));
    }
  }
  const codes = [...byCode.keys()].sort((a, b) => a - b);
  return { n, codes, counts: codes.map((code) => byCode.get(code) ?? 0), finite, total, squares };
}

/** The merged counts without one of the panes that went into them. */
export function withoutPane(merged: PaneCounts, pane: PaneCounts): PaneCounts {
  const gone = new Map(pane.codes.map((code, index) => [code, pane.counts[index] ?? 0]));
  return {
    n: merged.n - pane.n,
    codes: merged.codes,
    counts: merged.codes.map((code, index) => (merged.counts[index] ?? 0) - (gone.get(code) ?? 0)),
    finite: merged.finite - pane.finite,
    total: merged.total - pane.total,
    squares: merged.squares - pane.squares,
  };
}

/** Two sets of counts on the union of their codes, in one order. */
export function alignCounts(
  a: BinCounts,
  b: BinCounts,
): { codes: readonly number[]; a: readonly number[]; b: readonly number[] } {
  // Nearly always the case, and there is nothing to do then.
  if (sameCodes(a.codes, b.codes)) return { codes: a.codes, a: a.counts, b: b.counts };
  const ofA = new Map(a.codes.map((code, index) => [code, a.counts[index] ?? 0]));
  const ofB = new Map(b.codes.map((code, index) => [code, b.counts[index] ?? 0]));
  const codes = [...new Set([...ofA.keys(), ...ofB.keys()])].sort((x, y) => x - y);
  return { codes, a: codes.map((code) => ofA.get(code) ?? 0), b: codes.map((code) => ofB.get(code) ?? 0) };
}

/** Whether two sets of counts have the same codes in the same order. */
export function sameCodes(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((code, index) => code === b[index]);
}
