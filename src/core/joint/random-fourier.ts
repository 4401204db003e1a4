import { type Random, randomBelow, shuffledPositions } from '../random.ts';

/**
 * Random Fourier features of a row of scores: cosines of random directions through two axes each. Their means
 * over a window form a fingerprint of the joint distribution that also moves when two features come to depend
 * on each other without being correlated (one follows the other's square, say). Two axes a direction, not all:
 * a change of one pair moves a direction through that pair by much and one through all axes by little.
 *
 * Frequencies are 0.7 to 1.5 radians per standard deviation, of random sign: lower ones see little but what
 * correlations see, higher ones average out. Phases are odd multiples of 45 degrees, so that each feature
 * holds as much of the cosine as of the sine and no kind of dependence falls into a blind spot of one
 * direction.
 *
 * The same seed gives the same directions on any machine. Sums of rows add up, so the features of any slices
 * of time can be merged. Misleads when single features drift: that moves the directions through them as well.
 *
 * Source: A. Rahimi and B. Recht, Random Features for Large-Scale Kernel Machines (2007).
 */
export interface FourierBasis {
  /** Positions of the two axes of each direction; equal where there is one axis only. */
  readonly first: readonly number[];
  readonly second: readonly number[];
  /** Radians per unit of score along each of them. */
  readonly alongFirst: readonly number[];
  readonly alongSecond: readonly number[];
  /** Radians. */
  readonly phase: readonly number[];
}

/** Draws `features` directions (default 128); pairs of axes are dealt out evenly before any is dealt again. */
export function fourierBasis(args: { axes: number; random: Random; features?: number }): FourierBasis {
  const { axes, random } = args;
  const features = axes < 2 ? 0 : (args.features ?? 128);
  const basis = {
    first: [] as number[],
    second: [] as number[],
    alongFirst: [] as number[],
    alongSecond: [] as number[],
    phase: [] as number[],
  };
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0; i < axes; i += 1) for (let j = i + 1; j < axes; j += 1) pairs.push([i, j]);
  const order = shuffledPositions(random, pairs.length);
  for (let k = 0; k < features; k += 1) {
    const fallback = pairs[randomBelow(random, pairs.length)] ?? [0, 0];
    const [i, j] = k < order.length ? (pairs[order[k] ?? 0] ?? fallback) : fallback;
    basis.first.push(i);
    basis.second.push(j);
    basis.alongFirst.push(frequency(random));
    basis.alongSecond.push(frequency(random));
    basis.phase.push((Math.PI / 4) * (1 + 2 * randomBelow(random, 4)));
  }
  return basis;
}

/** The features of one row of scores, each between -1 and 1, written into `into`. */
export function fourierRow(basis: FourierBasis, scores: ArrayLike<number>, into: Float64Array): Float64Array {
  for (let k = 0; k < into.length; k += 1) {
    const angle =
      (basis.alongFirst[k] ?? 0) * (scores[basis.first[k] ?? 0] ?? 0) +
      (basis.alongSecond[k] ?? 0) * (scores[basis.second[k] ?? 0] ?? 0);
    into[k] = Math.cos(angle + (basis.phase[k] ?? 0));
  }
  return into;
}

function frequency(random: Random): number {
  const size = 0.7 + 0.8 * random();
  return random() < 0.5 ? size : -size;
}
