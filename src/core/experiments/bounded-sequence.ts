/** How far below and above 0 a single gain can be, both 0 or more: known before the labels are. */
export interface Reach {
  readonly below: number;
  readonly above: number;
}

/**
 * How far the sum of gains may be above the sum of their means, at all times at once with chance 1 - alpha, when no gain is
 * below -reach. Right for any number of gains, however their sizes are distributed and however they depend on earlier
 * ones, where the normal mixture of confidence-sequence.ts is only right in the long run: with a challenger that answers
 * few ids a gain is seldom and large on one side, and that run is longer than an experiment.
 *
 * For every rate l below 1 / reach, exp(l sum - psi(l) V) has a mean of at most exp(l means), with V the sum of the squared
 * gains and psi(l) = (-ln(1 - reach l) - reach l) / reach^2. So with chance alpha w at most it is ever above
 * 1 / (alpha w), which is a line in V. The rates are powers of two around the one that is best at `tunedFor`, the V that is
 * expected; each has a part w of alpha, and the lowest of the lines counts. About a seventh wider there than the normal
 * mixture at even shares. Misleads when a gain can be below -reach after all.
 * Source: X. Fan, I. Grama and Q. Liu, Electronic Journal of Probability 20 (2015), no. 1, for the inequality; S. Howard and
 * others, Annals of Statistics 49 (2021), on sub-exponential processes; Ville's inequality.
 */
export function boundedBoundary(args: {
  squares: number;
  reach: number;
  alpha: number;
  tunedFor: number;
}): number {
  const { squares, reach, alpha } = args;
  const steps = Array.from({ length: 2 * FURTHEST + 1 }, (_, at) => at - FURTHEST);
  const best = Math.min(Math.sqrt((2 * Math.log(TYPICAL / alpha)) / args.tunedFor), LARGEST / reach);
  const parts = steps.map((step) => 1 / (1 + step * step));
  const all = parts.reduce((sum, part) => sum + part, 0);
  let lowest = Number.POSITIVE_INFINITY;
  for (const [at, step] of steps.entries()) {
    const rate = best * 2 ** step;
    if (rate > LARGEST / reach) continue;
    const price = Math.log(all / ((parts[at] ?? 1) * alpha));
    const psi = (-Math.log1p(-reach * rate) - reach * rate) / (reach * reach);
    lowest = Math.min(lowest, (price + psi * squares) / rate);
  }
  return lowest;
}

/**
 * The reach of gains of losses between 0 and `bound`, with `expected` as the guess: one arm answered, whose chance is the
 * challenger's `share` or the rest, and its surprise counts for as many. With both versions scored on each row the
 * difference of two losses is within the bound itself.
 */
export function reachOf(args: {
  bound: number;
  expected: number;
  shares: readonly number[];
  scored: 'one' | 'both';
}): Reach {
  const { bound, expected } = args;
  if (args.scored === 'both') return { below: bound, above: bound };
  const over = bound - expected;
  const each = args.shares.map((share) => ({
    below: Math.max(over / share, expected / (1 - share)),
    above: Math.max(expected / share, over / (1 - share)),
  }));
  return {
    below: Math.max(0, ...each.map(({ below }) => below)),
    above: Math.max(0, ...each.map(({ above }) => above)),
  };
}

/** Rates go from 2^-8 to 2^8 of the best, and stay below this part of 1 / reach. */
const FURTHEST = 8;
const LARGEST = 0.9;
/** One over the part of alpha that the best rate has. */
const TYPICAL = 3;
