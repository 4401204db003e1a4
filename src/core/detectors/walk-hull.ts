/** A place where the stream may have changed: `s` errors among the first `t` elements; newest first. */
export interface Corner {
  readonly t: number;
  readonly s: number;
  readonly next: Corner | null;
}

/** Twice-log likelihood ratio without the 2: how much better two rates, split after t, explain the bits. */
export function splitGain(t: number, s: number, n: number, errors: number): number {
  return binomial(s, t) + binomial(errors - s, n - t) - binomial(errors, n);
}

/** Whether any corner's evidence reaches the threshold; nearly all are dismissed without a logarithm. */
export function reaches(
  hull: Corner | null,
  n: number,
  errors: number,
  threshold: number,
  penalty: number,
): boolean {
  // KL(q, p) <= (q - p)^2 / (p (1 - p)) bounds G by d^2 n / (t (n - t) S (n - S)) with d = s n - t S, and the
  // penalty is at most ln(n / 4): a corner below that line cannot alarm, whatever its exact G.
  const spread = errors * (n - errors);
  if (spread === 0) return false;
  const least = (threshold - penalty * Math.log(Math.max(1, n / 4))) * spread;
  for (let corner = hull; corner !== null; corner = corner.next) {
    const { t, s } = corner;
    const d = s * n - t * errors;
    const sides = t * (n - t);
    if (d * d * n < least * sides) continue;
    const bound = (d * d * n) / (sides * spread) + penalty * Math.log(sides / n);
    if (bound >= threshold && evidence(corner, n, errors, penalty) >= threshold) return true;
  }
  return false;
}

/** The corner with the largest evidence; null when there is no split yet. */
export function strongest(hull: Corner | null, n: number, errors: number, penalty: number): Corner | null {
  let best: Corner | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (let corner = hull; corner !== null; corner = corner.next) {
    // The newest corner of a state is its own end, which splits nothing.
    const found = corner.t < n ? evidence(corner, n, errors, penalty) : Number.NEGATIVE_INFINITY;
    if (found <= most) continue;
    best = corner;
    most = found;
  }
  return best;
}

/** Evidence of a split in nats: its gain plus penalty times the log of its harmonic size. */
export function evidence(corner: Corner, n: number, errors: number, penalty: number): number {
  const { t, s } = corner;
  return splitGain(t, s, n, errors) + penalty * Math.log((t * (n - t)) / n);
}

/** Adds (n, errors) and drops the corners that a straight line now passes; exact below 94 million elements. */
export function pushCorner(hull: Corner | null, n: number, errors: number, side: 1 | -1): Corner {
  let top = hull;
  while (top !== null) {
    // The walk starts in (0, 0), which is a hull point but never a split.
    const t0 = top.next === null ? 0 : top.next.t;
    const s0 = top.next === null ? 0 : top.next.s;
    const turn = (top.t - t0) * (errors - top.s) - (top.s - s0) * (n - top.t);
    if (side * turn > 0) break;
    top = top.next;
  }
  return { t: n, s: errors, next: top };
}

/** Largest log-likelihood of m bits with k ones. */
function binomial(k: number, m: number): number {
  return xlogx(k) + xlogx(m - k) - xlogx(m);
}

function xlogx(k: number): number {
  return k === 0 ? 0 : k * Math.log(k);
}
