import type { Change, Detector, DetectorState } from '../detector.ts';
import { requireBit } from '../detector.ts';
import { type Corner, evidence, pushCorner, reaches, strongest } from './walk-hull.ts';

export interface FocusOptions {
  /** Evidence, in nats, at which to alarm; see `thresholds/calibration.ts` for the run length it buys. */
  readonly threshold: number;
  /** Weight of the scale penalty, ln of the harmonic split size; 0 is the plain likelihood ratio. */
  readonly penalty: number;
  /** No alarm before this many elements since the start or the last alarm. */
  readonly minElements: number;
}

export interface FocusState extends DetectorState {
  readonly n: number;
  readonly errors: number;
  /** Convex hull of the walk (t, errors so far) from below: candidates for a rise. */
  readonly lower: Corner | null;
  /** The same hull from above: candidates for a fall. */
  readonly upper: Corner | null;
  /** The change behind the alarm of this element, and its evidence in nats. */
  readonly change?: Change;
  readonly evidence?: number;
}

/**
 * FOCuS for error bits: was there any one moment before which the error rate was another?
 *
 * Plain meaning: after every element it compares "one rate throughout" with "one rate up to t, another
 * since" for every t at once, both rates unknown, and alarms when the best t explains the stream better
 * by `threshold` nats. Rises (judged at errors) and falls (judged at right answers) are found alike, and
 * the alarm says when the change was and the rates on both sides. Only the corners of two convex hulls can
 * be the best t, so some tens of points stand for the whole past (about 20 after 100,000 elements).
 *
 * The scale penalty: a split with few elements on one side has far more chances to look striking by
 * luck, so evidence is G + penalty * ln(t (n - t) / n). With penalty 1 small changes after a long time
 * without any are found sooner at the same number of false alarms, large ones a few elements later.
 *
 * Parameters: threshold 18.9 is at most 0.1 false alarms per 100,000 elements at error rates .01 to .5
 * (`driftwatch calibrate` measures it), 15.9 is about 1. minElements 30.
 *
 * Misleads: when elements depend on each other (bursts of errors, a season) the likelihood is too sure
 * and false alarms exceed the table; a slow drift is seen as a step somewhere in its middle; two
 * changes that cancel out may be seen as none. Take `shiryaev-roberts` when twelve numbers a stream are
 * all the memory there is, `adwin` for real numbers.
 *
 * Cost: about 0.2 microseconds an element. A corner's exact evidence is computed only if the chi-squared
 * bound on G, which needs no logarithm, could reach the threshold.
 *
 * Source: Romano, Eckley, Fearnhead, Rigaill (2023), Fast online changepoint detection via functional
 * pruning CUSUM statistics, JMLR 24(81); Ward, Dilillo, Eckley, Fearnhead (2024), Poisson-FOCuS, JASA,
 * doi:10.1080/01621459.2023.2235059.
 */
export function focus(options: Partial<FocusOptions> = {}): Detector<FocusState> {
  const { threshold, penalty, minElements } = { ...FOCUS_DEFAULTS, ...options };
  return {
    name: 'focus',
    reads: 'bit',
    start: () => FRESH,
    update(before, x) {
      requireBit(x, 'focus');
      const state = before.signal === 'drift' ? FRESH : before;
      const n = state.n + 1;
      const errors = state.errors + x;
      // An error can only speak for a rise, and a right answer only for a fall.
      const hull = x === 1 ? state.lower : state.upper;
      if (n >= minElements && reaches(hull, n, errors, threshold, penalty)) {
        return { signal: 'drift', n, errors, lower: null, upper: null, ...found(hull, n, errors, penalty) };
      }
      return {
        signal: 'none',
        n,
        errors,
        lower: pushCorner(state.lower, n, errors, 1),
        upper: pushCorner(state.upper, n, errors, -1),
      };
    },
    change: (state) => state.change,
  };
}

export const FOCUS_DEFAULTS = { threshold: 18.9, penalty: 1, minElements: 30 } satisfies FocusOptions;

/** The likeliest moment of change in what the state has read, alarm or not; undefined before there is a split. */
export function focusChange(state: FocusState, penalty: number = FOCUS_DEFAULTS.penalty): Change | undefined {
  if (state.change !== undefined) return state.change;
  const { lower, upper, n, errors } = state;
  const rise = found(lower, n, errors, penalty);
  const fall = found(upper, n, errors, penalty);
  return (rise.evidence ?? 0) >= (fall.evidence ?? 0) ? rise.change : fall.change;
}

/** Largest evidence over all splits of what the state has read, in nats; what `threshold` is held against. */
export function focusEvidence(state: FocusState, penalty: number = FOCUS_DEFAULTS.penalty): number {
  const { lower, upper, n, errors } = state;
  const found = [lower, upper].map((hull) => {
    const best = strongest(hull, n, errors, penalty);
    return best === null ? 0 : evidence(best, n, errors, penalty);
  });
  return Math.max(0, ...found);
}

function found(hull: Corner | null, n: number, errors: number, penalty: number): Found {
  const corner = strongest(hull, n, errors, penalty);
  if (corner === null) return {};
  const { t, s } = corner;
  const before = { mean: s / t, n: t };
  const after = { mean: (errors - s) / (n - t), n: n - t };
  return { change: { elementsAgo: n - t, before, after }, evidence: evidence(corner, n, errors, penalty) };
}

type Found = Pick<FocusState, 'change' | 'evidence'>;

const FRESH: FocusState = { signal: 'none', n: 0, errors: 0, lower: null, upper: null };
