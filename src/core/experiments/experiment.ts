import { weightOfShare } from './bounded-sequence.ts';
import {
  type GainInterval,
  type GainSums,
  gainInterval,
  gainOfLabel,
  reachOfLabel,
  type SequenceOptions,
} from './confidence-sequence.ts';

/** One experiment as plain data: sums per class of delay, answers per arm. */
export interface Experiment {
  readonly options: SequenceOptions;
  /** Upper ends of the classes of label delay, ascending, in milliseconds; a label later than the last is left out. */
  readonly delaysMs: readonly number[];
  readonly classes: readonly GainSums[];
  /** Labels later than the last class. */
  readonly tooLate: number;
  /** Sum and count of the losses so far, of both arms: the guess of the next one. */
  readonly losses: { readonly n: number; readonly total: number };
}

/** An experiment without a label. Without delays, labels count as they come. */
export function startExperiment(args: {
  options: SequenceOptions;
  delaysMs?: readonly number[];
}): Experiment {
  const delaysMs = args.delaysMs ?? [Number.POSITIVE_INFINITY];
  const classes = delaysMs.map(() => NOTHING);
  return { options: args.options, delaysMs, classes, tooLate: 0, losses: { n: 0, total: 0 } };
}

/** Takes in one label. Give it when its example is older than the end of its class: see `experimentGain`. */
export function addLabel(
  experiment: Experiment,
  label: {
    readonly arm: 'champion' | 'challenger';
    /** The challenger's share when the id was assigned, 0 to 1. */
    readonly share: number;
    readonly loss: number;
    /** From the answer to the label. */
    readonly delayMs: number;
    /** A guess of the loss that does not know the arm; the mean loss so far unless given. */
    readonly expected?: number;
    /**
     * Loss of the other version on the same row, when both have scored it. Then the gain is the difference, and nothing of
     * the split is left in the numbers; rows that depend on each other (a bad evening) do count: the interval holds for
     * these rows, and for later ones as far as gains do not hang together in time.
     */
    readonly other?: number;
  },
): Experiment {
  const at = classOfDelay(experiment.delaysMs, label.delayMs);
  if (at === undefined) return { ...experiment, tooLate: experiment.tooLate + 1 };
  const { n, total } = experiment.losses;
  const expected = label.expected ?? (n === 0 ? label.loss : total / n);
  const { arm, share, loss, other } = label;
  const weight = other === undefined ? weightOfShare(share) : 1;
  const gain =
    other === undefined
      ? gainOfLabel({ arm, share, loss, expected })
      : (other - loss) * (arm === 'challenger' ? 1 : -1);
  const reach = reachOfLabel({ share, loss, expected, other });
  const classes = experiment.classes.map((sums, index) =>
    index === at ? added(sums, { weight, gain, reach }) : sums,
  );
  return { ...experiment, classes, losses: { n: n + 1, total: total + label.loss } };
}

/**
 * The mean gain over all answers so far, with late labels weighted. A label of delay class d can be seen only
 * from answers older than d, `ripe[d]` of all `answers`; each stands for answers / ripe[d] of them. Without the
 * weights a young experiment judges by the labels that come early, and these are often of one kind: a
 * flight that lands in time is known to be so before a late one is.
 * `insufficient` until a fifth of the answers is as old as the last class.
 * Misleads when the delay depends on the version that answered.
 * Source: inverse probability of censoring weighting; H. Koul and others, Annals of Statistics 9 (1981) 1276.
 */
export function experimentGain(
  experiment: Experiment,
  seen: { readonly answers: number; readonly ripe: readonly number[] },
): GainInterval {
  const have = experiment.classes.reduce((sum, { n }) => sum + n, 0);
  const oldest = seen.ripe[seen.ripe.length - 1] ?? 0;
  if (oldest < SMALLEST_SHARE * seen.answers || seen.answers === 0) {
    return { status: 'insufficient', need: Math.ceil(SMALLEST_SHARE * seen.answers), have: oldest };
  }
  let [weight, total, squares, cubes, fourths, furthest, heaviest] = [0, 0, 0, 0, 0, 0, 1];
  for (const [at, sums] of experiment.classes.entries()) {
    const each = seen.answers / (seen.ripe[at] ?? seen.answers);
    if (sums.n > 0) heaviest = Math.max(heaviest, each);
    weight += each * sums.weight;
    total += each * sums.total;
    squares += each ** 2 * sums.squares;
    cubes += each ** 3 * sums.cubes;
    fourths += each ** 4 * sums.fourths;
    furthest = Math.max(furthest, each * sums.reach);
  }
  const { options } = experiment;
  const { reach } = options;
  return gainInterval(
    { n: have, weight, total, squares, cubes, fourths, reach: furthest },
    reach === undefined
      ? options
      : { ...options, reach: { below: heaviest * reach.below, above: heaviest * reach.above } },
  );
}

/** The first class that a delay fits into; undefined beyond the last. */
export function classOfDelay(delaysMs: readonly number[], delayMs: number): number | undefined {
  const at = delaysMs.findIndex((end) => delayMs <= end);
  return at < 0 ? undefined : at;
}

function added(
  sums: GainSums,
  { weight, gain, reach }: { readonly weight: number; readonly gain: number; readonly reach: number },
): GainSums {
  return {
    n: sums.n + 1,
    weight: sums.weight + weight,
    total: sums.total + weight * gain,
    squares: sums.squares + (weight * gain) ** 2,
    cubes: sums.cubes + (weight * gain) ** 3,
    fourths: sums.fourths + (weight * gain) ** 4,
    reach: Math.max(sums.reach, weight * reach),
  };
}

const NOTHING: GainSums = { n: 0, weight: 0, total: 0, squares: 0, cubes: 0, fourths: 0, reach: 0 };
const SMALLEST_SHARE = 0.2;
