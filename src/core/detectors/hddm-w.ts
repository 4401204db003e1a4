import type { Detector, DetectorState } from '../detector.ts';
import { requireBit } from '../detector.ts';

export interface HddmWOptions {
  readonly driftConfidence: number;
  readonly warningConfidence: number;
  /** Weight of the newest element. */
  readonly lambda: number;
  /** Rises only, or falls as well. */
  readonly sides: 'rise' | 'both';
}

/** A weighted mean and the sum of its squared weights, which McDiarmid's bound needs. */
interface Sample {
  readonly n: number;
  readonly mean: number;
  readonly weight: number;
}

interface Side {
  /** Extreme bound so far; null before the first element. */
  readonly cut: number | null;
  readonly upTo: Sample;
  readonly since: Sample;
}

export interface HddmWState extends DetectorState {
  readonly total: Sample;
  readonly rise: Side;
  readonly fall: Side;
}

/**
 * HDDM-W: compares exponentially weighted means before and after the best cut, by McDiarmid's
 * inequality.
 *
 * Plain meaning: HDDM-A with a short memory: quick on large changes, nearly blind to small ones, because
 * at lambda 0.05 about twenty elements carry the weight. Gives River's alarms (MOA's differ by an element
 * on some streams); rises only by default.
 *
 * Misleads: its false alarm rate depends strongly on the error rate: measured 0 at .05 and 3.6 per
 * 100,000 averaged over streams, while small rises took thousands of elements. Take `focus`.
 *
 * Source: Frias-Blanco et al. (2015), IEEE TKDE 27, doi:10.1109/TKDE.2014.2345382.
 */
export function hddmW(options: Partial<HddmWOptions> = {}): Detector<HddmWState> {
  const settings = { ...HDDM_W_DEFAULTS, ...options };
  const { lambda, driftConfidence, warningConfidence } = settings;
  return {
    name: 'hddm-w',
    reads: 'bit',
    start: () => FRESH,
    update(before, x) {
      requireBit(x, 'hddm-w');
      const state = before.signal === 'drift' ? FRESH : before;
      const total = add(state.total, x, lambda);
      const eps = bound(total.weight, driftConfidence);
      const rise = follow(state.rise, total, total.mean + eps, 1, x, lambda);
      const fall =
        settings.sides === 'both' ? follow(state.fall, total, total.mean - eps, -1, x, lambda) : state.fall;
      const over = (confidence: number): boolean =>
        exceeds(rise, 1, confidence) || (settings.sides === 'both' && exceeds(fall, -1, confidence));
      const signal = over(driftConfidence) ? 'drift' : over(warningConfidence) ? 'warning' : 'none';
      return { signal, total, rise, fall };
    },
  };
}

export const HDDM_W_DEFAULTS: HddmWOptions = {
  driftConfidence: 0.001,
  warningConfidence: 0.005,
  lambda: 0.05,
  sides: 'rise',
};

/** Moves the cut here when the bound is a new extreme; otherwise the element belongs to what came since. */
function follow(side: Side, total: Sample, edge: number, sign: 1 | -1, x: number, lambda: number): Side {
  const extreme = side.cut === null || sign * edge < sign * side.cut;
  if (extreme) return { cut: edge, upTo: total, since: NOTHING };
  return { cut: side.cut, upTo: side.upTo, since: add(side.since, x, lambda) };
}

function exceeds(side: Side, sign: 1 | -1, confidence: number): boolean {
  if (side.upTo.n === 0 || side.since.n === 0) return false;
  const gap = sign * (side.since.mean - side.upTo.mean);
  return gap > bound(side.upTo.weight + side.since.weight, confidence);
}

function add(sample: Sample, x: number, lambda: number): Sample {
  const mean = sample.n === 0 ? x : lambda * x + (1 - lambda) * sample.mean;
  const weight = lambda * lambda + (1 - lambda) ** 2 * sample.weight;
  return { n: sample.n + 1, mean, weight };
}

function bound(weight: number, confidence: number): number {
  return Math.sqrt((weight * Math.log(1 / confidence)) / 2);
}

const NOTHING: Sample = { n: 0, mean: 0, weight: 1 };
const UNCUT: Side = { cut: null, upTo: NOTHING, since: NOTHING };
const FRESH: HddmWState = { signal: 'none', total: NOTHING, rise: UNCUT, fall: UNCUT };
