import { equalMeans, innerProduct, type MeanOf, meanOf } from './mean-difference.ts';
import { linear, logistic } from './ridge-logit.ts';

/**
 * Labelled rows: features, what the model answered, what was true. Rows without a label are left out by the
 * caller.
 */
export interface ConceptRows {
  readonly x: readonly ArrayLike<number>[];
  /** P(label = 1) by the model, 0 to 1. */
  readonly p: ArrayLike<number>;
  /** 0 or 1. */
  readonly y: ArrayLike<number>;
}

/** Labelled rows in the terms that the tests work in. */
export interface Prepared {
  readonly features: readonly Float64Array[];
  /** 1, the model's log-odds, features, their products. */
  readonly moments: readonly Float64Array[];
  /** Features, squares, products: what P(x) is compared by. */
  readonly shapes: readonly Float64Array[];
  readonly labels: ArrayLike<number>;
}

export function prepare(
  rows: ConceptRows,
  scale: (row: ArrayLike<number>) => Float64Array,
  products: boolean,
): Prepared {
  const features = rows.x.map(scale);
  const crossed = features.map((row) => (products ? pairProducts(row) : []));
  return {
    features,
    moments: features.map((row, at) =>
      Float64Array.from([1, logOdds(rows.p[at] ?? 0.5), ...row, ...(crossed[at] ?? [])]),
    ),
    shapes: features.map((row, at) =>
      Float64Array.from([...row, ...row.map((value) => value * value), ...(crossed[at] ?? [])]),
    ),
    labels: rows.y,
  };
}

/**
 * All residual moments together, and their plain mean alone, which a moved intercept shows in best; Bonferroni
 * over the two.
 */
export function equalResiduals(
  reference: Prepared,
  current: Prepared,
  beta: Float64Array,
  weights: Float64Array,
): number {
  const before = residualMoments(reference, beta, 0);
  const after = residualMoments(current, beta, 0);
  const plain = (moments: readonly Float64Array[]): Float64Array[] => moments.map((row) => row.slice(0, 1));
  const all = equalMeans(meanOf(before, weights), meanOf(after));
  const one = equalMeans(meanOf(plain(before), weights), meanOf(plain(after)));
  return Math.min(1, 2 * Math.min(all, one));
}

/** (label - recalibrated probability) times each moment; the log-odds of the probability moved by `offset`. */
export function residualMoments(rows: Prepared, beta: Float64Array, offset: number): Float64Array[] {
  return rows.moments.map((moments, at) => {
    const residual = (rows.labels[at] ?? 0) - logistic(linear(beta, moments) + offset);
    return moments.map((moment) => residual * moment);
  });
}

/**
 * The offset of the log-odds that brings the window's residual moments closest to the reference's:
 * Gauss-Newton.
 */
export function fitOffset(before: MeanOf, current: Prepared, beta: Float64Array): number {
  let offset = 0;
  for (let round = 0; round < 10; round += 1) {
    const after = meanOf(residualMoments(current, beta, offset));
    const slope = meanOf(
      current.moments.map((moments) => {
        const p = logistic(linear(beta, moments) + offset);
        return moments.map((moment) => p * (1 - p) * moment);
      }),
    ).mean;
    const difference = after.mean.map((value, i) => value - (before.mean[i] ?? 0));
    const along = innerProduct(before, after, slope, slope);
    if (!(along > 0)) break;
    const step = innerProduct(before, after, slope, difference) / along;
    offset += Math.max(-2, Math.min(2, step));
    if (Math.abs(step) < 1e-6) break;
  }
  return offset;
}

/** Products of features only while the window has 20 rows for every moment. */
export function productsAffordable(features: number, rows: number): boolean {
  return 20 * (2 + 2 * features + (features * (features - 1)) / 2) <= rows;
}

function pairProducts(row: Float64Array): number[] {
  const out: number[] = [];
  for (let i = 0; i < row.length; i += 1) {
    for (let j = 0; j < i; j += 1) out.push((row[i] ?? 0) * (row[j] ?? 0));
  }
  return out;
}

function logOdds(p: number): number {
  const held = Math.min(1 - 1e-4, Math.max(1e-4, p));
  return Math.log(held / (1 - held));
}
