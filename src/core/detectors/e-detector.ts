import { DriftwatchError } from '../../errors.ts';
import type { Detector, DetectorState } from '../detector.ts';

export interface EDetectorOptions {
  /** Mean number of elements between false alarms that is bought; at least 1. */
  readonly runLength: number;
  /** What comes in: p-values in [0, 1], or e-values (evidence with mean at most 1 without a change). */
  readonly evidence: 'p-value' | 'e-value';
}

export interface EDetectorState extends DetectorState {
  /** The Shiryaev-Roberts sum: expected to grow by at most 1 an element while nothing changes. */
  readonly sum: number;
}

/**
 * E-detector: adds up evidence from any test, renewed at every element, and alarms when the sum reaches
 * the wanted run length.
 *
 * Plain meaning: R becomes (R + 1) times e. While nothing changes its mean is at most the number of
 * elements read, so false alarms come at most once in `runLength` elements, whatever the test behind it
 * and at any moment one looks. P-values become evidence by .5 p^(-1/2), which pays most for small ones.
 *
 * Misleads: the promise holds only for evidence valid GIVEN THE PAST. P-values of a two-sample test
 * against one frozen reference are not: the reference's own error is in each of them, and the promise
 * was broken ninefold when that was tried. For pages take evidence from windows whose expected value is
 * learned from matched past windows; for streams of errors take `focus`.
 *
 * Source: Shin, Ramdas, Rinaldo (2023), E-detectors: a nonparametric framework for sequential change
 * detection, arXiv:2203.03532; calibrator: Vovk, Wang (2021), Ann. Statist. 49, doi:10.1214/20-AOS2020.
 */
export function eDetector(options: Partial<EDetectorOptions> = {}): Detector<EDetectorState> {
  const { runLength, evidence } = { ...E_DETECTOR_DEFAULTS, ...options };
  return {
    name: 'e-detector',
    reads: 'evidence',
    start: () => FRESH,
    update(before, x) {
      requireEvidence(x, evidence);
      const state = before.signal === 'drift' ? FRESH : before;
      const e = evidence === 'p-value' ? calibrate(x) : x;
      const sum = Math.min(MOST, (state.sum + 1) * e);
      return { signal: sum >= runLength ? 'drift' : 'none', sum };
    },
  };
}

export const E_DETECTOR_DEFAULTS: EDetectorOptions = { runLength: 1_000_000, evidence: 'p-value' };

/** Evidence against the null from a p-value; mean 1 when p is uniform. */
export function calibrate(p: number): number {
  return 0.5 / Math.sqrt(Math.max(p, Number.MIN_VALUE));
}

function requireEvidence(x: number, kind: 'p-value' | 'e-value'): void {
  if (Number.isFinite(x) && x >= 0 && (kind === 'e-value' || x <= 1)) return;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The e-detector expected ${kind === 'p-value' ? 'a p-value in [0, 1]' : 'a finite e-value of at least 0'} and received ${x}.`,
    next: 'An undefined test is no evidence: leave the element out, or pass an e-value of 1.',
  });
}

/** Keeps the sum finite, and with that the state JSON. */
const MOST = 1e300;
const FRESH: EDetectorState = { signal: 'none', sum: 0 };
