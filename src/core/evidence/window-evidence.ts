import type { Baseline } from './baseline.ts';
import type { Component } from './components.ts';

/**
 * Evidence that grows over windows (Shiryaev-Roberts): for every component, direction and size of shift
 * a value R, multiplied each window by how much better the shift explains the window than no shift does,
 * after adding 1 so that a change may begin at any time. The mean of all R is the evidence; with an alarm
 * at `A` the expected number of windows between false alarms is at least A if the z are valid.
 *
 * z = (window - mean of its seasonal class) / (sd between windows * sqrt(1 + 1/K)), mapped to a normal
 * score with Student tails of the pooled degrees of freedom. `tolerance` is a shift of the baseline itself
 * that must not count: a frozen reference is off by its own sampling error for ever, and that error would
 * otherwise be found again every window. Source: Shin, Ramdas, Rinaldo, e-detectors (2022); Hoadley-style
 * normal scores of t from Wallace (1959).
 * Misleads when neighbouring windows depend on each other more than the tolerance allows for.
 */
export function gatherEvidence(args: {
  state: EvidenceState;
  window: readonly Component[];
  season: number;
  baseline: Baseline;
  frozen: boolean;
}): EvidenceState {
  const { baseline, season } = args;
  const ratios: Record<string, readonly number[]> = {};
  for (const component of args.window) {
    const z = standardise({ component, baseline, season });
    if (z === undefined) continue;
    const tolerance = args.frozen ? toleranceOf({ baseline, name: component.name }) : 0;
    const before = args.state.ratios[component.name] ?? ZERO;
    ratios[component.name] = before.map((r, index) =>
      Math.min(CEILING, (r + 1) * likelihoodRatio(z, index, tolerance)),
    );
  }
  return summarise(ratios);
}

export const NO_EVIDENCE: EvidenceState = { ratios: {}, mean: 0, leader: '', direction: 0 };

export interface EvidenceState {
  /** R per component; one value per shift size and direction. */
  readonly ratios: Readonly<Record<string, readonly number[]>>;
  /** Mean of all R: the evidence. */
  readonly mean: number;
  /** Component with the largest R. */
  readonly leader: string;
  /** 1 when the leader rose, -1 when it fell, 0 without evidence. */
  readonly direction: -1 | 0 | 1;
}

function standardise(args: { component: Component; baseline: Baseline; season: number }): number | undefined {
  const { component, baseline } = args;
  const known = baseline.components.get(component.name);
  const past = known?.means.get(args.season);
  if (known === undefined || past === undefined || baseline.df < 2 || component.rows === 0) return undefined;
  const variance = Math.max(known.variance, component.rowVariance / component.rows);
  const effective = effectiveRows({ component, baseline, variance });
  // With few effective rows the means of the higher polynomials are far from normal: no law, no evidence.
  if (HIGHER.has(component.name) && effective < EFFECTIVE_ROWS) return undefined;
  const t = (component.mean - past.mean) / Math.sqrt(variance * (1 + 1 / past.windows));
  const bounded = component.name === 'location';
  return normalScore(t, bounded ? baseline.df : Math.min(baseline.df, effective));
}

/**
 * Independent rows that would vary between windows as much as these do: they set the tail of a window's mean.
 * For the polynomials it is the location's, which dependence widens most. The location itself is bounded, so a
 * small number of effective rows makes its tail shorter, not longer.
 */
function effectiveRows(args: { component: Component; baseline: Baseline; variance: number }): number {
  const { component, baseline, variance } = args;
  const location = component.name.startsWith('share:') ? undefined : baseline.components.get('location');
  return location === undefined ? component.rowVariance / variance : 1 / location.variance;
}

/** Normal score of a t value with `df` degrees of freedom. Source: D. L. Wallace (1959), eq. 3. */
function normalScore(t: number, df: number): number {
  return ((Math.sign(t) * (8 * df + 1)) / (8 * df + 3)) * Math.sqrt(df * Math.log1p((t * t) / df));
}

/** Three standard errors of the baseline's mean, in units of the sd between windows, dependence included. */
function toleranceOf(args: { baseline: Baseline; name: string }): number {
  const rho = args.baseline.components.get(args.name)?.autocorrelation ?? 0;
  return 3 * Math.sqrt((1 + rho) / (1 - rho) / Math.max(1, args.baseline.windows));
}

function likelihoodRatio(z: number, index: number, tolerance: number): number {
  const shift = SHIFTS[index % SHIFTS.length] ?? 0;
  const signed = index < SHIFTS.length ? z : -z;
  return Math.exp(shift * (signed - tolerance) - (shift * shift) / 2);
}

function summarise(ratios: Readonly<Record<string, readonly number[]>>): EvidenceState {
  let [total, values, best, leader]: [number, number, number, string] = [0, 0, 0, ''];
  let direction: -1 | 0 | 1 = 0;
  for (const [name, list] of Object.entries(ratios)) {
    for (const [index, r] of list.entries()) {
      total += r;
      values += 1;
      if (r <= best) continue;
      best = r;
      leader = name;
      direction = index < SHIFTS.length ? 1 : -1;
    }
  }
  return { ratios, mean: values === 0 ? 0 : total / values, leader, direction };
}

/** Sizes of shift looked for, in sd between windows. */
const SHIFTS = [0.75, 1.5, 3, 6] as const;
const HIGHER: ReadonlySet<string> = new Set(['skew', 'tail']);
/** Effective rows below which skew and tail say nothing. */
const EFFECTIVE_ROWS = 20;
const ZERO: readonly number[] = new Array(2 * SHIFTS.length).fill(0);
/** Far beyond any threshold; keeps the products finite. */
const CEILING = 1e200;
