import { type Dataset, takeRows } from '../models/dataset.ts';
import { type FeatureValue, featureValue, replaceColumn } from '../models/replace-column.ts';
import { columnOf } from '../performance/class-scores.ts';
import { type Random, shuffledPositions } from '../random.ts';

/** How the prediction follows one feature when all else in the rows stays as it is. */
export interface PartialDependence {
  readonly feature: string;
  /** Class whose probability it is, of a model of classes. */
  readonly of?: string;
  readonly kind: 'numeric' | 'categorical';
  readonly points: readonly DependencePoint[];
  /** Individual conditional expectation: the prediction of single rows at each point, row by row. */
  readonly curves: readonly (readonly number[])[];
  /** Rows behind each point. */
  readonly n: number;
}

export interface DependencePoint {
  readonly value: FeatureValue;
  /** Mean prediction with every row at this value: 0 to 1, or in the label's unit. */
  readonly mean: number;
  /** Share of the rows that have about this value: numeric points stand for equal shares. */
  readonly share: number;
}

/**
 * Partial dependence of the prediction on one feature (Friedman), with the curves of single rows (individual
 * conditional expectation, Goldstein and others). Every row is scored with the feature set to each of at most
 * `grid` values: numeric ones are quantiles of the rows, categorical ones the most frequent values. `score` is called
 * once per point. Undefined without rows or for an unknown feature.
 *
 * Misleads where the feature moves together with others: the rows are then set to combinations that never
 * occur, and the model is asked about what it has not seen. A flat mean over curves that cross says that the
 * effect depends on another feature, not that there is none: look at the curves.
 * Source: J. Friedman (2001), doi 10.1214/aos/1013203451, section 8.2; A. Goldstein and others (2015), doi
 * 10.1080/10618600.2014.907095.
 */
export async function partialDependence(args: {
  rows: Dataset;
  feature: string;
  score: (rows: Dataset) => Promise<ArrayLike<number>>;
  random: Random;
  /** Points, at most. */
  grid?: number;
  /** Rows that are scored, drawn at random when there are more. */
  most?: number;
  /** Single rows whose curves are kept. */
  curves?: number;
}): Promise<PartialDependence | undefined> {
  const [only] = await partialDependences({ ...args, width: 1, outputs: [{ at: 0 }] });
  return only;
}

/** The same for some of the numbers that a model answers with per row; nothing is scored twice. */
export async function partialDependences(
  args: Parameters<typeof partialDependence>[0] & {
    /** Numbers per row. */
    width: number;
    /** Which of them, and what class each is of. */
    outputs: readonly { readonly at: number; readonly of?: string }[];
  },
): Promise<PartialDependence[]> {
  const { feature, grid = 16, most = 1000, curves = 30, width } = args;
  const order = shuffledPositions(args.random, args.rows.rows).subarray(0, most);
  const rows = takeRows(args.rows, order);
  const values = Array.from({ length: rows.rows }, (_, row) => featureValue(rows, feature, row));
  const known = values.filter(
    (value): value is string | number =>
      typeof value === 'number' || (typeof value === 'string' && value !== ''),
  );
  if (known.length === 0) return [];
  const kind = rows.numeric.some(({ name }) => name === feature) ? 'numeric' : 'categorical';
  const places = kind === 'numeric' ? quantiles(known, grid) : mostFrequent(known, grid);
  const scored: ArrayLike<number>[] = [];
  for (const { value } of places) {
    const set = replaceColumn(rows, feature, () => value);
    if (set === undefined) return [];
    scored.push(await args.score(set));
  }
  return args.outputs.map(({ at, of }) => {
    const columns = scored.map((scores) => Array.from(columnOf({ scores, width }, at)));
    const points = places.map(({ value, share }, place): DependencePoint => {
      const predictions = columns[place] ?? [];
      return { value, mean: predictions.reduce((sum, p) => sum + p, 0) / predictions.length, share };
    });
    const lines = Array.from({ length: Math.min(curves, rows.rows) }, (_, row) =>
      columns.map((predictions) => predictions[row] ?? 0),
    );
    return { feature, ...(of === undefined ? {} : { of }), kind, points, curves: lines, n: rows.rows };
  });
}

function quantiles(values: readonly FeatureValue[], grid: number): { value: number; share: number }[] {
  const sorted = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  const steps = Math.min(grid, sorted.length);
  const at = Array.from(
    { length: steps },
    (_, step) => sorted[Math.round(((sorted.length - 1) * step) / Math.max(1, steps - 1))] ?? 0,
  );
  const counts = Map.groupBy(at, (value) => value);
  return [...counts].map(([value, same]) => ({ value, share: same.length / steps }));
}

function mostFrequent(
  values: readonly FeatureValue[],
  grid: number,
): { value: FeatureValue; share: number }[] {
  const counts = [...Map.groupBy(values, (value) => value)].map(([value, same]) => ({
    value,
    share: same.length / values.length,
  }));
  return counts.sort((a, b) => b.share - a.share || (`${a.value}` < `${b.value}` ? -1 : 1)).slice(0, grid);
}
