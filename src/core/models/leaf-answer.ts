/** Bounds that monotone splits above a node put on its answers. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export const UNBOUNDED: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** What a leaf would answer before the learning rate, within its bounds. */
export function answer(gradient: number, curvature: number, l2: number, { low, high }: Bounds): number {
  return Math.min(high, Math.max(low, -gradient / (curvature + l2)));
}

/** What the loss falls by, to second order, times two, when a leaf answers within its bounds. */
export function boundedGain(gradient: number, curvature: number, l2: number, bounds: Bounds): number {
  const value = answer(gradient, curvature, l2, bounds);
  return -(2 * gradient * value + (curvature + l2) * value * value);
}
