import type { Component } from './components.ts';
import { type Distances, EMPTY_DISTANCES, extendDistances } from './share-distance.ts';

/**
 * What windows looked like before: per component a mean for every seasonal class, one variance between
 * windows pooled over the classes, and the correlation of neighbouring windows. The variance is between
 * whole windows, so rows that depend on each other (weather is the same for all flights of an hour)
 * widen it by themselves; it is never taken smaller than independent rows would give.
 */
export interface Baseline {
  readonly windows: number;
  /** Degrees of freedom of the pooled variance. */
  readonly df: number;
  readonly components: ReadonlyMap<string, ComponentBaseline>;
  /** How far past windows lay from those before them, over all shares; see share-distance. */
  readonly distances?: Distances;
}

export interface ComponentBaseline {
  /** By seasonal class; classes not seen yet are empty. */
  readonly means: readonly (SeasonMean | undefined)[];
  readonly variance: number;
  /** Lag-one autocorrelation of the windows' residuals, 0 to 0.95. */
  readonly autocorrelation: number;
  /** Running sums that the numbers above come from; absent where they were not learned window by window. */
  readonly sums?: RunningSums;
}

export interface SeasonMean {
  readonly mean: number;
  readonly windows: number;
  /** Mean rows of these windows; of counts only, which grow with them. */
  readonly rows?: number;
}

export interface RunningSums {
  /** Squared residuals, products of neighbouring ones, and the newest. */
  readonly squares: number;
  readonly products: number;
  readonly residual: number;
  /** Variance that independent rows would give, summed over windows. */
  readonly floors: number;
  /** Component means and rows, summed over windows. */
  readonly total: number;
  readonly rows: number;
}

export interface PastWindow {
  readonly season: number;
  readonly components: readonly Component[];
}

export const EMPTY_BASELINE: Baseline = { windows: 0, df: 0, components: new Map() };

/** Learns a baseline from past windows in order of time. Empty input gives an empty baseline. */
export function learnBaseline(past: readonly PastWindow[]): Baseline {
  return past.reduce(extendBaseline, EMPTY_BASELINE);
}

/**
 * The baseline with one more window in it. Residuals are taken from the windows of the class before this one
 * and scaled by sqrt(K / (K + 1)): their squares add up to the sum of squares within the classes, exactly, and
 * under no change they are independent of each other (Helmert).
 */
export function extendBaseline(before: Baseline, window: PastWindow): Baseline {
  const { season } = window;
  const known = window.components.some(
    ({ name }) => before.components.get(name)?.means[season] !== undefined,
  );
  const windows = before.windows + 1;
  const df = before.df + (known ? 1 : 0);
  const components = new Map<string, ComponentBaseline>();
  for (const component of window.components)
    components.set(
      component.name,
      extendComponent({ before: before.components.get(component.name), component, season, df, windows }),
    );
  const distances = extendDistances(before.distances ?? EMPTY_DISTANCES, { window, baseline: before });
  return { windows, df, components, distances };
}

function extendComponent(args: {
  before: ComponentBaseline | undefined;
  component: Component;
  season: number;
  df: number;
  windows: number;
}): ComponentBaseline {
  const { component, season, windows, df } = args;
  const sums = args.before?.sums ?? NO_SUMS;
  const past = args.before?.means[season];
  const count = past?.windows ?? 0;
  const difference = past === undefined ? 0 : component.mean - past.mean;
  const residual = difference * Math.sqrt(count / (count + 1));
  // A copy of a short array: windows come by the million in a simulation.
  const means = args.before === undefined ? [] : args.before.means.slice();
  means[season] = {
    mean: past === undefined ? component.mean : past.mean + difference / (count + 1),
    windows: count + 1,
    ...(component.law === 'count'
      ? { rows: ((past?.rows ?? 0) * count + component.rows) / (count + 1) }
      : {}),
  };
  const next: RunningSums = {
    squares: sums.squares + residual * residual,
    products: sums.products + residual * sums.residual,
    residual,
    floors: sums.floors + component.rowVariance / Math.max(1, component.rows),
    total: sums.total + component.mean,
    rows: sums.rows + component.rows,
  };
  return {
    means,
    variance: Math.max(next.floors / windows, df === 0 ? 0 : next.squares / df),
    autocorrelation: next.squares === 0 ? 0 : Math.min(0.95, Math.max(0, next.products / next.squares)),
    sums: next,
  };
}

const NO_SUMS: RunningSums = { squares: 0, products: 0, residual: 0, floors: 0, total: 0, rows: 0 };
