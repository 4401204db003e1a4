import type { Dataset } from '../models/dataset.ts';
import { normalSf } from '../special/normal.ts';

/** Rows that share one or two conditions, and how much worse the model is there than elsewhere. */
export interface Slice {
  /** `carrier = UA`, `hour in [17, 20)`; two for a cross. */
  readonly conditions: readonly string[];
  readonly n: number;
  readonly loss: number;
  /** Mean loss of the slice minus that of all other rows, nats. */
  readonly excess: number;
  /** Smallest excess that the rows still allow, after the number of slices that were looked at. */
  readonly atLeast: number;
  /** Chance of such an excess by chance, times the number of slices that were looked at. */
  readonly pValue: number;
}

export interface SliceSearch {
  /** Slices that are worse beyond chance, the surest large excess first. */
  readonly slices: readonly Slice[];
  /** Slices looked at: those with enough rows. */
  readonly tested: number;
}

/**
 * Searches the slices where a model is weakest: every category with enough rows, quarters of every numeric feature, missing
 * values, and the crosses of two of these. Ranked by the excess that is sure, not by the excess
 * that is largest: among thousands of small slices the worst is bad luck. A cross is shown only when it
 * is surer than each of its two sides. Misleads where rows hang together (one bad evening can be a slice of its own), and a slice is
 * no cause: the rows may simply be harder. Source: Y. Chung and others, Slice Finder, ICDE 2019.
 */
export function weakestSlices(args: {
  rows: Dataset;
  /** Loss of each row. */
  losses: ArrayLike<number>;
  /** Rows a slice needs. */
  minimum: number;
  /** How many are answered at most. */
  most?: number;
}): SliceSearch {
  const { rows, minimum } = args;
  const losses = Float64Array.from(args.losses);
  const singles = conditionsOf(rows).filter(({ members }) => isFit(members.length, rows.rows, minimum));
  const totals = momentsOf(losses, undefined);
  const found = new Map<string, Tested>();
  for (const one of singles) found.set(one.name, judge([one.name], losses, one.members, totals));
  const crosses: Tested[] = [];
  for (const [at, one] of singles.entries()) {
    const inside = new Uint8Array(rows.rows);
    for (const row of one.members) inside[row] = 1;
    for (const other of singles.slice(at + 1)) {
      if (one.feature === other.feature) continue;
      const members = other.members.filter((row) => inside[row] === 1);
      if (!isFit(members.length, rows.rows, minimum)) continue;
      crosses.push(judge([one.name, other.name], losses, members, totals));
    }
  }
  const tested = found.size + crosses.length;
  const z = zOf(LEVEL / Math.max(1, tested));
  const sure = (slice: Tested): number => slice.excess - z * slice.standardError;
  const surer = crosses.filter((cross) =>
    cross.conditions.every((name) => {
      const side = found.get(name);
      return side === undefined || sure(cross) > sure(side);
    }),
  );
  const slices = [...found.values(), ...surer]
    .filter((slice) => sure(slice) > 0)
    .sort((a, b) => sure(b) - sure(a))
    .slice(0, args.most ?? MOST)
    .map(({ standardError, ...slice }) => ({
      ...slice,
      atLeast: slice.excess - z * standardError,
      pValue: Math.min(1, tested * normalSf(slice.excess / standardError)),
    }));
  return { slices, tested };
}

interface Condition {
  readonly feature: string;
  readonly name: string;
  readonly members: readonly number[];
}

interface Tested extends Omit<Slice, 'atLeast' | 'pValue'> {
  readonly standardError: number;
}

function conditionsOf(rows: Dataset): Condition[] {
  const conditions = new Map<string, { feature: string; name: string; members: number[] }>();
  const add = (feature: string, name: string, row: number): void => {
    const known = conditions.get(name);
    if (known === undefined) conditions.set(name, { feature, name, members: [row] });
    else known.members.push(row);
  };
  for (const { name: feature, values } of rows.categorical) {
    for (const [row, value] of values.entries()) {
      add(feature, value === null || value === '' ? `${feature} is missing` : `${feature} = ${value}`, row);
    }
  }
  for (const { name: feature, values } of rows.numeric) {
    const edges = quartiles(values);
    for (const [row, value] of values.entries()) {
      add(feature, Number.isNaN(value) ? `${feature} is missing` : rangeName(feature, value, edges), row);
    }
  }
  return [...conditions.values()];
}

/** Ascending edges between quarters, each once. */
function quartiles(values: Float64Array): number[] {
  const sorted = values.filter(Number.isFinite).sort();
  const edges = [0.25, 0.5, 0.75].map((share) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN);
  return [...new Set(edges)].filter((edge) => Number.isFinite(edge) && edge > (sorted[0] ?? edge));
}

function rangeName(feature: string, value: number, edges: readonly number[]): string {
  const above = edges.findIndex((edge) => value < edge);
  const text = (edge: number | undefined): string => String(Number((edge ?? 0).toPrecision(6)));
  if (edges.length === 0) return `${feature} has a value`;
  if (above === 0) return `${feature} < ${text(edges[0])}`;
  if (above < 0) return `${feature} >= ${text(edges.at(-1))}`;
  return `${feature} in [${text(edges[above - 1])}, ${text(edges[above])})`;
}

function isFit(members: number, rows: number, minimum: number): boolean {
  return members >= minimum && rows - members >= minimum;
}

/** Welch's comparison of the slice with the other rows. */
function judge(
  conditions: readonly string[],
  losses: Float64Array,
  members: readonly number[],
  all: Moments,
): Tested {
  const inside = momentsOf(losses, members);
  const outside = { n: all.n - inside.n, sum: all.sum - inside.sum, squares: all.squares - inside.squares };
  const loss = inside.sum / inside.n;
  const excess = loss - outside.sum / outside.n;
  const standardError = Math.sqrt(varianceOfMean(inside) + varianceOfMean(outside));
  return { conditions, n: inside.n, loss, excess, standardError };
}

interface Moments {
  readonly n: number;
  readonly sum: number;
  readonly squares: number;
}

function momentsOf(losses: Float64Array, members: readonly number[] | undefined): Moments {
  let [n, sum, squares] = [0, 0, 0];
  for (const row of members ?? losses.keys()) {
    const loss = losses[row] ?? 0;
    n += 1;
    sum += loss;
    squares += loss * loss;
  }
  return { n, sum, squares };
}

function varianceOfMean({ n, sum, squares }: Moments): number {
  return Math.max(1e-300, (squares - (sum * sum) / n) / (n - 1) / n);
}

/** The z above which a standard normal variable lies with chance `tail`. */
function zOf(tail: number): number {
  let [low, high] = [0, 40];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normalSf(middle) > tail) low = middle;
    else high = middle;
  }
  return high;
}

const LEVEL = 0.05;
const MOST = 10;
