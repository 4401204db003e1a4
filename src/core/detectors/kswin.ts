import type { Detector, DetectorState } from '../detector.ts';
import { requireFinite } from '../detector.ts';
import { nextRandom } from './random.ts';

export interface KswinOptions {
  /** Level of the two-sample Kolmogorov-Smirnov test that every element repeats. */
  readonly alpha: number;
  readonly windowSize: number;
  /** Newest elements compared with as many drawn from the rest of the window. */
  readonly statSize: number;
  /** Start of the draws; the same seed on the same stream gives the same alarms. */
  readonly seed: number;
}

export interface KswinState extends DetectorState {
  readonly random: number;
  /** The newest elements, oldest first. */
  readonly window: readonly number[];
}

/**
 * KSWIN: tests whether the last 30 elements and 30 drawn at random from the 70 before them have one
 * distribution (Kolmogorov-Smirnov, exact p-value).
 *
 * Plain meaning: the only one here that sees a change of shape with an unchanged mean, within a hundred
 * elements. The draws come from the seed in the state, so a replay gives the same alarms; River draws
 * from another generator, so alarms agree in rate, not one by one.
 *
 * Misleads: it repeats a level .005 test at every element, so on real numbers without any change it
 * alarms every few hundred elements; on 0/1 errors it is nearly blind (one step of .3 to see). Nothing
 * older than a hundred elements is remembered. Take windowed statistics for shape, `focus` for errors.
 *
 * Source: Raab, Heusinger, Schleif (2020), Reactive soft prototype computing for concept drift streams,
 * Neurocomputing 416, doi:10.1016/j.neucom.2019.11.111.
 */
export function kswin(options: Partial<KswinOptions> = {}): Detector<KswinState> {
  const { alpha, windowSize, statSize, seed } = { ...KSWIN_DEFAULTS, ...options };
  const least = smallestSignificantGap(statSize, alpha);
  return {
    name: 'kswin',
    reads: 'real',
    start: () => ({ signal: 'none', random: seed >>> 0, window: [] }),
    update(before, x) {
      requireFinite(x, 'kswin');
      const full = before.window.length === windowSize && before.signal !== 'drift';
      const window = before.signal === 'drift' ? [] : full ? before.window.slice(1) : before.window.slice();
      window.push(x);
      if (window.length < windowSize) return { signal: 'none', random: before.random, window };
      const older = window.slice(0, windowSize - statSize);
      const { drawn, random } = draw(older, statSize, before.random);
      const gap = largestGap(drawn, window.slice(windowSize - statSize));
      return { signal: gap >= least ? 'drift' : 'none', random, window };
    },
  };
}

export const KSWIN_DEFAULTS: KswinOptions = { alpha: 0.005, windowSize: 100, statSize: 30, seed: 1 };

/** `count` of the values without replacement: the first steps of a Fisher-Yates shuffle. */
function draw(values: number[], count: number, from: number): { drawn: number[]; random: number } {
  let random = from;
  for (let i = 0; i < count; i += 1) {
    const next = nextRandom(random);
    random = next.state;
    const j = i + Math.floor(next.value * (values.length - i));
    const swap = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = swap;
  }
  return { drawn: values.slice(0, count), random };
}

/** Kolmogorov-Smirnov distance of two samples of one size, in steps of 1 / size. */
function largestGap(a: number[], b: number[]): number {
  const left = a.sort((p, q) => p - q);
  const right = b.sort((p, q) => p - q);
  let i = 0;
  let j = 0;
  let most = 0;
  while (i < left.length && j < right.length) {
    const at = Math.min(left[i] ?? 0, right[j] ?? 0);
    while (i < left.length && left[i] === at) i += 1;
    while (j < right.length && right[j] === at) j += 1;
    most = Math.max(most, Math.abs(i - j));
  }
  return most;
}

/** Smallest gap, in steps, whose exact two-sided p-value is at most alpha and that exceeds .1. */
function smallestSignificantGap(size: number, alpha: number): number {
  for (let gap = Math.floor(size / 10) + 1; gap <= size; gap += 1) {
    if (exactP(gap, size) <= alpha) return gap;
  }
  return Number.POSITIVE_INFINITY;
}

/** P(D >= gap / size) for two samples of one size without ties, by reflection (Gnedenko, Korolyuk 1951). */
function exactP(gap: number, size: number): number {
  let p = 0;
  for (let k = 1; k * gap <= size; k += 1) {
    let ratio = 1;
    for (let i = 0; i < k * gap; i += 1) ratio *= (size - i) / (size + k * gap - i);
    p += (k % 2 === 1 ? 2 : -2) * ratio;
  }
  return p;
}
