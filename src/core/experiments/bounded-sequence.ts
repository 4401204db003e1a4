/** How far below and above 0 a single gain can be, both 0 or more: known before the labels are. */
export interface Reach {
  readonly below: number;
  readonly above: number;
}

/** Sums of powers of gains. */
export interface Powers {
  readonly squares: number;
  readonly cubes: number;
  readonly fourths: number;
}

/**
 * How far the sum of gains may be above the sum of their means, at all times at once with chance 1 - alpha, when no gain is
 * below -reach. Right for any number of gains, however their sizes are distributed and however they depend on earlier
 * ones, where the normal mixture of confidence-sequence.ts is only right in the long run: with a challenger that answers
 * few ids a gain is seldom and large on one side, and that run is longer than an experiment.
 *
 * For a rate l below 1 / reach, 1 + l gain is above 0, and the product of these is at most exp(l means) on average. Its
 * logarithm is at least l sum - l^2 squares / 2 + l^3 cubes / 3 - c l^4 fourths, with c = (-ln(1 - m) - m - m^2 / 2 - m^3 / 3) /
 * m^4 at m = reach l: the remainder of the series is largest where the gain is lowest. So with chance alpha w at most the sum
 * is ever above the means by (ln(1 / (alpha w)) + l^2 squares / 2 - l^3 cubes / 3 + c l^4 fourths) / l. The rates are powers
 * of two around the one that is best at `tunedFor`, the sum of squares that is expected; each has a part w of alpha, and the
 * lowest of the bounds counts. The reach itself costs only what large gains there are: where they are small the bound is
 * about as wide as the normal mixture.
 *
 * A reach that was not known before is the largest so far. Then the rates are fixed without it, and one that has become too
 * large for it is out of the game. This stays a martingale as long as how far a row reaches does not depend on who answered
 * it: a label of either arm says how much the other would have lost. Exact for two versions that lose the same row by row,
 * whatever they lose; of two that do not, as good as the largest losses of one tell those of the other.
 * Misleads when a gain can be below -reach after all.
 * Source: X. Fan, I. Grama and Q. Liu, Electronic Journal of Probability 20 (2015), no. 1, for the inequality with the series
 * cut after the first term; S. Howard and others, Annals of Statistics 49 (2021), on mixtures; Ville's inequality.
 */
export function boundedBoundary(
  args: Powers & { reach: number; alpha: number; tunedFor: number; known: 'before' | 'so far' },
): number {
  const { squares, cubes, fourths, reach, alpha } = args;
  const tuned = Math.sqrt((2 * Math.log(TYPICAL / alpha)) / args.tunedFor);
  const best = args.known === 'before' ? Math.min(tuned, LARGEST / reach) : tuned;
  const doubt = -Math.log(alpha);
  let lowest = Number.POSITIVE_INFINITY;
  for (const { factor, share } of RATES) {
    const rate = best * factor;
    if (rate > LARGEST / reach) continue;
    const price = doubt - share;
    const series = squares / 2 - (rate * cubes) / 3 + remainder(reach * rate) * rate ** 2 * fourths;
    lowest = Math.min(lowest, price / rate + rate * series);
  }
  return lowest;
}

/** What is left of -ln(1 - m) after m^3 / 3, over m^4; from its series where the difference would be lost. */
function remainder(m: number): number {
  if (m < 0.05) return 1 / 4 + m / 5 + (m * m) / 6 + m ** 3 / 7;
  return (-Math.log1p(-m) - m - (m * m) / 2 - m ** 3 / 3) / m ** 4;
}

/**
 * The reach of weighted gains of losses between 0 and `bound`, with `expected` as the guess: one arm answered, whose chance
 * is the challenger's `share` or the rest, and its surprise counts for as many. With both versions scored on each row the
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
    below: weightOfShare(share) * Math.max(over / share, expected / (1 - share)),
    above: weightOfShare(share) * Math.max(expected / share, over / (1 - share)),
  }));
  return {
    below: Math.max(0, ...each.map(({ below }) => below)),
    above: Math.max(0, ...each.map(({ above }) => above)),
  };
}

/**
 * How much a label that one arm alone has scored counts when the challenger has this share of the ids, 0 to 1: as much as it
 * tells, since a gain varies by 1 / (share (1 - share)). At an even split it is 1. Without it a first step of 5 % of the ids
 * would leave gains behind that reach ten times as far as all later ones.
 */
export function weightOfShare(share: number): number {
  return 4 * share * (1 - share);
}

/** Rates go from 2^-8 to 2^8 of the best, and stay below this part of 1 / reach. */
const FURTHEST = 8;
const LARGEST = 0.9;
/** Factors of the best rate, and the logarithms of their parts of alpha. */
const RATES = Array.from({ length: 2 * FURTHEST + 1 }, (_, at) => at - FURTHEST).map((step, _, steps) => ({
  factor: 2 ** step,
  share: -Math.log((1 + step * step) * steps.reduce((sum, one) => sum + 1 / (1 + one * one), 0)),
}));
/** One over the part of alpha that the best rate has. */
const TYPICAL = 3;
