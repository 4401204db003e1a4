/**
 * Gradient statistics of one tree node: for every column and bin the sum of gradients, the sum of
 * curvatures and the row count, three numbers in a row. Column c starts at offsets[c].
 */
export type Histogram = Float64Array;

export interface BinnedColumns {
  readonly rows: number;
  /** Bin of every row, per column; the last bin of a column is the missing one. */
  readonly bins: readonly Uint8Array[];
  /** Bins per column, the missing one included. */
  readonly binCounts: readonly number[];
  readonly offsets: readonly number[];
  /** Length of a histogram. */
  readonly size: number;
}

export function binnedColumns(rows: number, bins: readonly Uint8Array[], binCounts: readonly number[]) {
  const offsets: number[] = [];
  let size = 0;
  for (const count of binCounts) {
    offsets.push(size);
    size += count * 3;
  }
  return { rows, bins, binCounts, offsets, size } satisfies BinnedColumns;
}

/**
 * Fills `histogram` from rows[start, end) for the given columns. Gradients are first put in row order
 * of the node, so that the inner loop reads them one after the other.
 */
export function buildHistogram(args: {
  histogram: Histogram;
  data: BinnedColumns;
  columns: readonly number[];
  rows: Uint32Array;
  start: number;
  end: number;
  gradient: Float64Array;
  curvature: Float64Array;
  scratch: { readonly gradient: Float64Array; readonly curvature: Float64Array };
}): void {
  const { histogram, data, rows, start, end, scratch } = args;
  histogram.fill(0);
  for (let at = start; at < end; at += 1) {
    const row = rows[at] ?? 0;
    scratch.gradient[at - start] = args.gradient[row] ?? 0;
    scratch.curvature[at - start] = args.curvature[row] ?? 0;
  }
  for (const column of args.columns) {
    addColumn(histogram, data.offsets[column] ?? 0, data.bins[column] ?? EMPTY, rows, start, end, scratch);
  }
}

/** parent - child, in the parent's memory: the sibling's histogram without visiting its rows. */
export function subtractHistogram(parent: Histogram, child: Histogram): void {
  for (let at = 0; at < parent.length; at += 1) parent[at] = (parent[at] ?? 0) - (child[at] ?? 0);
}

const EMPTY = new Uint8Array(0);

function addColumn(
  histogram: Histogram,
  offset: number,
  bins: Uint8Array,
  rows: Uint32Array,
  start: number,
  end: number,
  scratch: { readonly gradient: Float64Array; readonly curvature: Float64Array },
): void {
  const { gradient, curvature } = scratch;
  for (let at = start; at < end; at += 1) {
    const slot = offset + 3 * (bins[rows[at] ?? 0] ?? 0);
    histogram[slot] = (histogram[slot] ?? 0) + (gradient[at - start] ?? 0);
    histogram[slot + 1] = (histogram[slot + 1] ?? 0) + (curvature[at - start] ?? 0);
    histogram[slot + 2] = (histogram[slot + 2] ?? 0) + 1;
  }
}
