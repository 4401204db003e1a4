import { normalQuantile } from '../special/normal.ts';
import type { Interval } from './percentile-interval.ts';

/** A share with the interval of the chance behind it. */
export type Share = Interval;

/**
 * Share of hits among n independent rows with Wilson's interval. Source: E. Wilson, JASA 22 (1927) 209.
 */
export function wilsonShare(hits: number, n: number, confidence = 0.95): Share {
  if (n === 0) return { status: 'insufficient', need: 1, have: 0 };
  const z = -normalQuantile((1 - confidence) / 2);
  const value = hits / n;
  const middle = (value + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((value * (1 - value)) / n + (z * z) / (4 * n * n));
  return { status: 'ok', value, low: Math.max(0, middle - half), high: Math.min(1, middle + half), n };
}

/**
 * Difference a - b of two independent shares, with the interval made of their Wilson intervals.
 * Source: R. Newcombe, Statistics in Medicine 17 (1998) 873, method 10.
 */
export function shareDifference(a: Share, b: Share): Share {
  if (a.status === 'insufficient') return a;
  if (b.status === 'insufficient') return b;
  const value = a.value - b.value;
  return {
    status: 'ok',
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
    n: Math.min(a.n, b.n),
  };
}
