import type { Component } from './components.ts';

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
}

export interface ComponentBaseline {
  readonly means: ReadonlyMap<number, { readonly mean: number; readonly windows: number }>;
  readonly variance: number;
  /** Lag-one autocorrelation of the windows' residuals, 0 to 0.95. */
  readonly autocorrelation: number;
}

export interface PastWindow {
  readonly season: number;
  readonly components: readonly Component[];
}

/** Learns a baseline from past windows in order of time. Empty input gives an empty baseline. */
export function learnBaseline(past: readonly PastWindow[]): Baseline {
  const seasons = new Map<number, number>();
  for (const window of past) seasons.set(window.season, (seasons.get(window.season) ?? 0) + 1);
  const df = Math.max(0, past.length - seasons.size);
  const names = past[0]?.components.map((component) => component.name) ?? [];
  const components = new Map(names.map((name, index) => [name, learnComponent({ past, index, df })]));
  return { windows: past.length, df, components };
}

function learnComponent(args: { past: readonly PastWindow[]; index: number; df: number }): ComponentBaseline {
  const points = args.past.map(({ season, components }) => {
    const { mean = 0, rowVariance = 1, rows = 0 } = components[args.index] ?? {};
    return { season, mean, floor: rowVariance / Math.max(1, rows) };
  });
  const means = seasonalMeans(points);
  const residuals = points.map((point) => point.mean - (means.get(point.season)?.mean ?? 0));
  const squares = residuals.reduce((sum, r) => sum + r * r, 0);
  const floor = points.reduce((sum, point) => sum + point.floor, 0) / Math.max(1, points.length);
  const variance = Math.max(floor, args.df === 0 ? 0 : squares / args.df);
  return { means, variance, autocorrelation: lagOne(residuals, squares) };
}

function seasonalMeans(
  points: readonly { season: number; mean: number }[],
): Map<number, { mean: number; windows: number }> {
  const sums = new Map<number, { total: number; windows: number }>();
  for (const { season, mean } of points) {
    const { total, windows } = sums.get(season) ?? { total: 0, windows: 0 };
    sums.set(season, { total: total + mean, windows: windows + 1 });
  }
  return new Map(
    [...sums].map(([season, { total, windows }]) => [season, { mean: total / windows, windows }]),
  );
}

function lagOne(residuals: readonly number[], squares: number): number {
  if (squares === 0) return 0;
  let products = 0;
  for (let i = 1; i < residuals.length; i += 1) products += (residuals[i] ?? 0) * (residuals[i - 1] ?? 0);
  return Math.min(0.95, Math.max(0, products / squares));
}
