import type { Calibration } from './model.ts';

type Isotonic = Extract<Calibration, { method: 'isotonic' }>;

/** Score distance below which two knots become one: float32 noise in a score must not move a probability. */
const MIN_GAP = 0.01;

/**
 * Isotonic calibration: the non-decreasing function of the score that is closest to the labels, by pooling
 * adjacent violators; between the mean scores of the pools it runs straight. Probabilities keep half a row
 * away from 0 and 1, because certainty makes one mistake infinitely expensive.
 * Needs more rows than Platt scaling (about 1,000); below that it follows noise.
 * Sources: Barlow et al., Statistical Inference under Order Restrictions (1972); Zadrozny and Elkan
 * (KDD 2002), doi:10.1145/775047.775151.
 */
export function fitIsotonic(scores: ArrayLike<number>, labels: ArrayLike<number>): Isotonic {
  const order = Uint32Array.from({ length: scores.length }, (_, at) => at);
  order.sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b);
  const pools: Pool[] = [];
  for (const row of order) {
    const score = scores[row] ?? 0;
    const last = pools[pools.length - 1];
    // Equal scores are one pool whatever their labels are.
    if (last !== undefined && last.highest === score) join(last, labels[row] ?? 0, score, 1, score);
    else pools.push({ ones: labels[row] ?? 0, scoreSum: score, rows: 1, highest: score });
    mergeViolators(pools);
  }
  const knots = spread(pools);
  const margin = 0.5 / Math.max(1, scores.length);
  return {
    method: 'isotonic',
    scores: knots.map((pool) => Math.fround(pool.scoreSum / pool.rows)),
    probabilities: knots.map((pool) =>
      Math.fround(Math.min(1 - margin, Math.max(margin, pool.ones / pool.rows))),
    ),
  };
}

/** Value of the piecewise straight line at a score; flat beyond the first and last knot. */
export function interpolate(line: Isotonic, score: number): number {
  const { scores, probabilities } = line;
  let low = 0;
  let high = scores.length - 1;
  if (high < 0 || score <= (scores[0] ?? 0)) return probabilities[0] ?? 0.5;
  if (score >= (scores[high] ?? 0)) return probabilities[high] ?? 0.5;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((scores[middle] ?? 0) <= score) low = middle;
    else high = middle;
  }
  const from = scores[low] ?? 0;
  const start = probabilities[low] ?? 0;
  const share = (score - from) / ((scores[high] ?? 0) - from);
  return start + share * ((probabilities[high] ?? 0) - start);
}

interface Pool {
  ones: number;
  scoreSum: number;
  rows: number;
  highest: number;
}

function join(pool: Pool, ones: number, scoreSum: number, rows: number, highest: number): void {
  pool.ones += ones;
  pool.scoreSum += scoreSum;
  pool.rows += rows;
  pool.highest = highest;
}

function mergeViolators(pools: Pool[]): void {
  for (;;) {
    const last = pools[pools.length - 1];
    const before = pools[pools.length - 2];
    if (last === undefined || before === undefined) return;
    if (before.ones * last.rows < last.ones * before.rows) return;
    join(before, last.ones, last.scoreSum, last.rows, last.highest);
    pools.pop();
  }
}

/** Joins pools whose mean scores are closer than the smallest gap. */
function spread(pools: readonly Pool[]): readonly Pool[] {
  const kept: Pool[] = [];
  for (const pool of pools) {
    const last = kept[kept.length - 1];
    if (last !== undefined && pool.scoreSum / pool.rows - last.scoreSum / last.rows < MIN_GAP) {
      join(last, pool.ones, pool.scoreSum, pool.rows, pool.highest);
    } else kept.push({ ...pool });
  }
  return kept;
}
