import type { Measured, Scored } from '../performance/measured.ts';
import { type Random, randomBelow } from '../random.ts';
import { type Interval, percentileInterval } from './percentile-interval.ts';

/**
 * Bootstrap interval of any metric of scored rows (percentiles). Whole `clusters` are drawn where they are given (days,
 * for rows that share their weather): rows drawn one by one would make the interval of clustered rows too narrow.
 * Draws on which the metric cannot be computed are left out; with fewer than nine in ten left, or fewer than 10
 * clusters, it is insufficient. Misleads for extremes and for under 30 rows.
 * Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
 */
export function bootstrapInterval(args: {
  scored: Scored;
  metric: (scored: Scored) => Measured;
  random: Random;
  clusters?: ArrayLike<number>;
  draws?: number;
  confidence?: number;
}): Interval {
  const { scored, metric, random } = args;
  const whole = metric(scored);
  if (whole.status === 'insufficient') return whole;
  const groups = groupsOf(scored.labels.length, args.clusters);
  if (groups.length < SMALLEST) return { status: 'insufficient', need: SMALLEST, have: groups.length };
  const draws = args.draws ?? DRAWS;
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw += 1) {
    const rows: number[] = [];
    for (let at = 0; at < groups.length; at += 1) {
      for (const row of groups[randomBelow(random, groups.length)] ?? []) rows.push(row);
    }
    const measured = metric({
      predictions: pick(scored.predictions, rows),
      labels: pick(scored.labels, rows),
    });
    if (measured.status === 'ok') values.push(measured.value);
  }
  const { confidence } = args;
  return percentileInterval({ whole, values, draws, ...(confidence === undefined ? {} : { confidence }) });
}

function groupsOf(rows: number, clusters: ArrayLike<number> | undefined): number[][] {
  if (clusters === undefined) return Array.from({ length: rows }, (_, row) => [row]);
  const groups = new Map<number, number[]>();
  for (let row = 0; row < rows; row += 1) {
    const key = clusters[row] ?? 0;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function pick(values: ArrayLike<number>, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (row) => values[row] ?? Number.NaN);
}

const DRAWS = 400;
const SMALLEST = 10;
