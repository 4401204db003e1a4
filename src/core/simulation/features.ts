import type { Random } from '../random.ts';
import { normalQuantile } from '../special/normal.ts';
import type { PaneCounts } from '../windows/pane-counts.ts';
import { NORMALS } from './rows.ts';

/**
 * How latent rows become the bins of a feature. A grid of 8,192 cells over -8 to 8 stands for the values, so a row
 * is binned by one look into a table.
 */
export interface FeatureShape {
  readonly kind: 'numeric' | 'categorical';
  /** Bin of every cell of the grid. */
  readonly codes: Uint16Array;
  readonly bins: number;
}

/** Numeric, in 20 bins whose edges are the quantiles of a sample of latent rows, as a live reference has them. */
export function numericShape(sample: Float64Array): FeatureShape {
  const sorted = Float64Array.from(sample).sort();
  const edges = Array.from(
    { length: BINS - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / BINS)] ?? 0,
  );
  return shapeOf({ kind: 'numeric', edges });
}

/** Categories of the given shares: each is a stretch of the latent distribution. */
export function categoricalShape(
  shares: readonly number[],
  kind: FeatureShape['kind'] = 'categorical',
): FeatureShape {
  const total = shares.reduce((sum, share) => sum + share, 0);
  let below = 0;
  const edges = shares.slice(0, -1).map((share) => {
    below += share / total;
    return normalQuantile(below);
  });
  return shapeOf({ kind, edges });
}

/**
 * The features of the report card: 14 continuous ones, a count with eight values, and categories of 3, 5 and 10
 * equal shares, and of 50 and 200 with shares like 1/k. Bins are those of the reference, one sample per feature.
 */
export function cardFeatures(samples: readonly Float64Array[]): FeatureShape[] {
  const equal = (length: number): number[] => new Array<number>(length).fill(1);
  const falling = (length: number): number[] => Array.from({ length }, (_, at) => 1 / (at + 1));
  return [
    ...samples.slice(0, 14).map(numericShape),
    categoricalShape([2, 7, 15, 20, 20, 16, 10, 10], 'numeric'),
    ...[equal(3), equal(5), equal(10), falling(50), falling(200)].map((shares) => categoricalShape(shares)),
  ];
}

/** Counts of latent rows, each moved by `shift` and spread by `spread` first. */
export function countRows(args: {
  shape: FeatureShape;
  rows: Float64Array;
  shift?: number;
  spread?: number;
}): PaneCounts {
  const { shape, rows, shift = 0, spread = 1 } = args;
  const counts = new Int32Array(shape.bins);
  for (let at = 0; at < rows.length; at += 1) {
    const code = shape.codes[cellOf((rows[at] ?? 0) * spread + shift)] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return paneOfCounts(shape, Array.from(counts));
}

/**
 * The counts that `countRows` gives for rows of `latentRows` without memory, drawn from the same random numbers: the
 * bin of each of the 65,536 quantiles is looked up once per shift, and no row is written down. At most 256 bins.
 */
export function independentCounts(args: {
  shape: FeatureShape;
  random: Random;
  rows: number;
}): (shift: number) => PaneCounts {
  const { shape, random, rows } = args;
  const tables = new Map<number, Uint8Array>();
  return (shift) => {
    const table = tables.get(shift) ?? Uint8Array.from(NORMALS, (z) => shape.codes[cellOf(z + shift)] ?? 0);
    tables.set(shift, table);
    const counts = new Int32Array(shape.bins);
    for (let at = 0; at < rows; at += 2) {
      const bits = random() * 4_294_967_296;
      const [first, second] = [table[bits >>> 16] ?? 0, table[bits & 65_535] ?? 0];
      counts[first] = (counts[first] ?? 0) + 1;
      if (at + 1 < rows) counts[second] = (counts[second] ?? 0) + 1;
    }
    return paneOfCounts(shape, Array.from(counts));
  };
}

/** The window with `share` of its rows moved from one category to another. */
export function moveRows(args: {
  shape: FeatureShape;
  pane: PaneCounts;
  from: number;
  to: number;
  rows: number;
}): PaneCounts {
  const counts = [...args.pane.counts];
  counts[args.from] = (counts[args.from] ?? 0) - args.rows;
  counts[args.to] = (counts[args.to] ?? 0) + args.rows;
  return paneOfCounts(args.shape, counts);
}

function paneOfCounts(shape: FeatureShape, counts: readonly number[]): PaneCounts {
  const n = counts.reduce((sum, count) => sum + count, 0);
  const pane = { n, codes: codesOf(shape.bins), counts, finite: 0, total: 0, squares: 0 };
  if (shape.kind === 'numeric') return pane;
  return { ...pane, distinct: counts.filter((count) => count > 0).length };
}

function shapeOf(args: { kind: FeatureShape['kind']; edges: readonly number[] }): FeatureShape {
  const codes = new Uint16Array(CELLS);
  let code = 0;
  for (let cell = 0; cell < CELLS; cell += 1) {
    const middle = ((cell + 0.5) * 2 * REACH) / CELLS - REACH;
    while (code < args.edges.length && middle >= (args.edges[code] ?? 0)) code += 1;
    codes[cell] = code;
  }
  return { kind: args.kind, codes, bins: args.edges.length + 1 };
}

function cellOf(x: number): number {
  const cell = Math.floor(((x + REACH) * CELLS) / (2 * REACH));
  return cell < 0 ? 0 : cell >= CELLS ? CELLS - 1 : cell;
}

/** One array for all panes of a feature: equal codes are then recognised at once. */
function codesOf(bins: number): readonly number[] {
  const known = CODES_OF.get(bins);
  if (known !== undefined) return known;
  const codes = Array.from({ length: bins }, (_, at) => at);
  CODES_OF.set(bins, codes);
  return codes;
}

const CODES_OF = new Map<number, readonly number[]>();
const BINS = 20;
const CELLS = 8_192;
const REACH = 8;
