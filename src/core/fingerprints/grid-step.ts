/**
 * The step of the decimal grid that values lie on: 0.1 for 20.5 and 18.3, 1 for counts, 1000 for whole
 * thousands. The largest power of ten of which at least `share` of the values are multiples; 0 when they lie
 * on none down to 1e-9 of the largest, so for measured reals and for values with jitter.
 *
 * Misleads on fewer than ten values, where a coarse grid can be luck.
 */
export function gridStep(all: readonly number[], share = 0.7): number {
  // Zero is on every grid and says nothing.
  const values = all.filter((value) => value !== 0);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (values.length === 0 || largest === 0 || !Number.isFinite(largest)) return 0;
  const top = Math.floor(Math.log10(largest));
  for (let power = top; power >= top - DECADES; power -= 1) {
    const on = values.filter((value) => isOnGrid(value, power)).length;
    if (on >= share * values.length) return 10 ** power;
  }
  return 0;
}

/** The point of the grid that is nearest, to fifteen digits: 0.3 and not 0.30000000000000004. */
export function toGrid(x: number, step: number): number {
  return Number((Math.round(x / step) * step).toPrecision(15));
}

function isOnGrid(value: number, power: number): boolean {
  // Dividing by 10^-k multiplies exactly; multiplying by 0.1 would not.
  const steps = power < 0 ? value * 10 ** -power : value / 10 ** power;
  return Math.abs(steps - Math.round(steps)) <= 1e-9 * Math.max(1, Math.abs(steps));
}

const DECADES = 6;
