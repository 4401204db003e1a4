import type { Baseline } from './baseline.ts';
import type { Component } from './components.ts';
import { type StandardScore, standardScores } from './standard-scores.ts';

/**
 * Evidence that grows over windows (Shiryaev-Roberts): for every component, direction and size of shift
 * a value R, multiplied each window by how much better the shift explains the window than no shift does,
 * after adding 1 so that a change may begin at any time. The weighted mean of all R is the evidence; with an
 * alarm at `A` the expected number of windows between false alarms is at least A if the scores are valid.
 *
 * `tolerance` is a shift of the baseline itself that must not count: a frozen reference is off by its own
 * sampling error for ever, and that error would otherwise be found again every window (composite null).
 * Source: Shin, Ramdas, Rinaldo, e-detectors (2022), arXiv:2203.03532.
 * Misleads when neighbouring windows depend on each other more than the tolerance allows for.
 */
export function gatherEvidence(args: {
  state: EvidenceState;
  window: readonly Component[];
  season: number;
  baseline: Baseline;
  frozen: boolean;
}): EvidenceState {
  const { baseline, state, window } = args;
  const tolerances = args.frozen ? learnedTolerance(baseline) : () => 0;
  return addEvidence({ state, window, scores: standardScores(args), tolerance: tolerances });
}

/** The same from scores already made. A component without a score starts again from nothing. */
export function addEvidence(args: {
  state: EvidenceState;
  window: readonly Component[];
  scores: readonly StandardScore[];
  tolerance: (name: string) => number;
}): EvidenceState {
  const ratios: Record<string, readonly number[]> = {};
  for (const { name, z } of args.scores) {
    const tolerance = args.tolerance(name);
    const before = args.state.ratios[name] ?? ZERO;
    ratios[name] = before.map((r, index) =>
      Math.min(CEILING, (r + 1) * likelihoodRatio(z, index, tolerance)),
    );
  }
  return summarise({ window: args.window, ratios });
}

export const NO_EVIDENCE: EvidenceState = { ratios: {}, mean: 0, leader: '', direction: 0 };

export interface EvidenceState {
  /** R per component; one value per shift size and direction. */
  readonly ratios: Readonly<Record<string, readonly number[]>>;
  /** Weighted mean of all R: the evidence. */
  readonly mean: number;
  /** Component with the largest R. */
  readonly leader: string;
  /** 1 when the leader rose, -1 when it fell, 0 without evidence. */
  readonly direction: -1 | 0 | 1;
}

/** Three standard errors of the baseline's mean, in units of the sd between windows, dependence included. */
export function learnedTolerance(baseline: Baseline): (name: string) => number {
  return (name) => {
    const rho = baseline.components.get(name)?.autocorrelation ?? 0;
    return 3 * Math.sqrt((1 + rho) / (1 - rho) / Math.max(1, baseline.windows));
  };
}

/**
 * Weight of each component in the evidence; they add up to 1. Of a numeric feature the location has nearly half:
 * means move most often, and a small move is where the evidence is hardest to come by. Elsewhere they are equal.
 */
function weightsOf(window: readonly Component[]): (name: string) => number {
  if (window[0]?.name !== 'location') return () => 1 / Math.max(1, window.length);
  const shares = window.filter(({ law }) => law === 'share').length;
  const forShares = 1 - [...NUMERIC_WEIGHTS.values()].reduce((sum, weight) => sum + weight, 0);
  return (name) => NUMERIC_WEIGHTS.get(name) ?? forShares / shares;
}

function likelihoodRatio(z: number, index: number, tolerance: number): number {
  const shift = SHIFTS[index % SHIFTS.length] ?? 0;
  const signed = index < SHIFTS.length ? z : -z;
  return Math.exp(shift * (signed - tolerance) - (shift * shift) / 2);
}

function summarise(args: {
  window: readonly Component[];
  ratios: Readonly<Record<string, readonly number[]>>;
}): EvidenceState {
  const weight = weightsOf(args.window);
  let [mean, best, leader]: [number, number, string] = [0, 0, ''];
  let direction: -1 | 0 | 1 = 0;
  for (const { name } of args.window) {
    const list = args.ratios[name];
    if (list === undefined) continue;
    let total = 0;
    for (let index = 0; index < list.length; index += 1) {
      const r = list[index] ?? 0;
      total += r;
      if (r <= best) continue;
      best = r;
      leader = name;
      direction = index < SHIFTS.length ? 1 : -1;
    }
    mean += (weight(name) * total) / list.length;
  }
  return { ratios: args.ratios, mean, leader, direction };
}

/** Sizes of shift looked for, in sd between windows. */
const SHIFTS = [1.5, 3, 6] as const;
const ZERO: readonly number[] = new Array(2 * SHIFTS.length).fill(0);
const NUMERIC_WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['location', 0.45],
  ['scale', 0.25],
  ['skew', 0.1],
  ['tail', 0.15],
]);
/** Far beyond any threshold; keeps the products finite. */
const CEILING = 1e200;
