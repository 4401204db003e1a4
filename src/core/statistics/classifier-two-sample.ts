import { solvePositiveDefinite } from '../models/solve-positive-definite.ts';
import type { Random } from '../random.ts';
import { normalSf } from '../special/normal.ts';
import { type Column, finiteOr, insufficient, type Result } from '../statistic.ts';
import { rankedPool } from './ranked-pool.ts';
import { standardisedVectors } from './vectors.ts';

/**
 * Classifier two-sample test: can a model tell rows of the reference from rows of the current sample? The value
 * is the area under the ROC curve of a logistic regression on the coordinates, their squares and their
 * products, each half of the rows scored by the model fitted on the other half: 0.5 when it cannot, 1 when it
 * always can.
 *
 * p-value, one-sided: on rows that the model has not seen the area is a Mann-Whitney count, normal with known
 * variance when nothing changed. The two halves are taken as fully correlated, which they nearly are: adding
 * them as independent flagged 10% of quiet pairs at a level of 5%. Effect: the area minus one half.
 *
 * Reads all coordinates together and so finds changed correlations that leave every single feature unchanged.
 * Misleads when the change is one that such a model cannot express (take `maximumMeanDiscrepancy`), and with
 * many coordinates, since the half that is fitted must be large (10 rows per term). `random` splits the rows.
 * Products are used up to 12 coordinates. Insufficient below 50 rows a side.
 *
 * Source: D. Lopez-Paz and M. Oquab (2017), arXiv 1610.06545; the law as in Mann and Whitney (1947).
 */
export function classifierTwoSample(
  reference: Column,
  current: Column,
  options: { readonly random: Random },
): Result {
  const rows = standardisedVectors(reference, current);
  if (rows === undefined) return insufficient(NEEDED, 0, 'needs numbers or vectors');
  const n = rows.reference.length;
  const m = rows.current.length;
  if (Math.min(n, m) < NEEDED) return insufficient(NEEDED, Math.min(n, m), 'too few usable rows');
  const halves = [halve(rows.reference, options.random), halve(rows.current, options.random)] as const;
  const folds = [0, 1].map((fold) => {
    const weights = fitLogistic(halves[0][1 - fold] ?? [], halves[1][1 - fold] ?? []);
    return area(weights, halves[0][fold] ?? [], halves[1][fold] ?? []);
  });
  const value = folds.reduce((sum, fold) => sum + fold.value, 0) / folds.length;
  // Without a change both halves measure nearly the same chance difference: their errors add like equals.
  const error = folds.reduce((sum, fold) => sum + Math.sqrt(fold.variance), 0) / folds.length;
  return finiteOr({
    status: 'ok',
    value,
    pValue: error > 0 ? normalSf((value - 0.5) / error) : 1,
    effect: value - 0.5,
    effectUnit: 'area under the ROC curve beyond one half',
    n,
    m,
    law: 'normal, Mann-Whitney variance on held-out halves',
  });
}

/** Two random halves, by shuffling. */
function halve(rows: readonly Float64Array[], random: Random): readonly [Float64Array[], Float64Array[]] {
  const keyed = rows.map((row) => ({ row, key: random() })).sort((a, b) => a.key - b.key);
  const shuffled = keyed.map(({ row }) => row);
  const middle = Math.floor(shuffled.length / 2);
  return [shuffled.slice(0, middle), shuffled.slice(middle)];
}

/** 1, coordinates, squares, and products of pairs while there are few; far outliers are held at 20 sd. */
function terms(row: Float64Array): Float64Array {
  const held = row.map((x) => Math.max(-FARTHEST, Math.min(FARTHEST, x)));
  const out: number[] = [1, ...held, ...held.map((x) => x * x)];
  if (held.length <= MOST_PAIRED) {
    for (let i = 0; i < held.length; i += 1) {
      for (let j = 0; j < i; j += 1) out.push((held[i] ?? 0) * (held[j] ?? 0));
    }
  }
  return Float64Array.from(out);
}

/** Ridge-penalised logistic regression by Newton steps, both sides weighted equally. */
function fitLogistic(reference: readonly Float64Array[], current: readonly Float64Array[]): Float64Array {
  const inputs = [...reference.map(terms), ...current.map(terms)];
  const size = inputs[0]?.length ?? 1;
  const total = inputs.length;
  const importance = (i: number): number =>
    i < reference.length ? total / 2 / reference.length : total / 2 / current.length;
  let weights = new Float64Array(size);
  for (let round = 0; round < ROUNDS; round += 1) {
    const gradient = weights.map((w) => RIDGE * w);
    const curvature = new Float64Array(size * size);
    for (let i = 0; i < size; i += 1) curvature[i * size + i] = RIDGE;
    inputs.forEach((x, row) => {
      const p = 1 / (1 + Math.exp(-dot(weights, x)));
      const residual = importance(row) * (p - (row < reference.length ? 0 : 1));
      const weight = importance(row) * Math.max(1e-6, p * (1 - p));
      for (let i = 0; i < size; i += 1) {
        const xi = x[i] ?? 0;
        gradient[i] = (gradient[i] ?? 0) + residual * xi;
        for (let j = 0; j <= i; j += 1) {
          curvature[i * size + j] = (curvature[i * size + j] ?? 0) + weight * xi * (x[j] ?? 0);
        }
      }
    });
    const step = solvePositiveDefinite(curvature, gradient);
    if (step === undefined) break;
    weights = weights.map((w, i) => w - (step[i] ?? 0));
    if (step.every((s) => Math.abs(s) < 1e-6)) break;
  }
  return weights;
}

/** Area under the curve of the scores, and its variance when both sides have the same source. */
function area(
  weights: Float64Array,
  reference: readonly Float64Array[],
  current: readonly Float64Array[],
): { readonly value: number; readonly variance: number } {
  const score = (row: Float64Array): number => dot(weights, terms(row));
  const n = reference.length;
  const m = current.length;
  const pool = rankedPool(Float64Array.from(reference, score), Float64Array.from(current, score));
  let below = 0;
  let wins = 0;
  let ties = 0;
  pool.values.forEach((_, i) => {
    const a = pool.reference[i] ?? 0;
    const b = pool.current[i] ?? 0;
    wins += b * (below + a / 2);
    below += a;
    ties += (a + b) ** 3 - (a + b);
  });
  const total = n + m;
  const variance = (total + 1 - ties / (total * (total - 1))) / (12 * n * m);
  return { value: wins / n / m, variance: Math.max(0, variance) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

const NEEDED = 50;
const RIDGE = 1;
const ROUNDS = 15;
const FARTHEST = 20;
const MOST_PAIRED = 12;
