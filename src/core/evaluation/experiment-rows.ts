import { boundedError } from '../experiments/bounded-error.ts';
import type { Task } from '../models/model.ts';
import { rowLogLoss } from '../performance/row-log-loss.ts';
import type { Random } from '../random.ts';
import { standardNormal } from './joint-rows.ts';

/** One answered example of a simulated experiment, as both versions would have done on it. */
export interface ExperimentRow {
  readonly champion: number;
  readonly challenger: number;
  /** From the answer to the label, milliseconds. */
  readonly delayMs: number;
}

/** How the challenger differs from the champion. */
export interface Challenger {
  /** `same` is the champion again; `twin` another model of the same quality; `other` has an error of its own. */
  readonly kind: 'same' | 'twin' | 'other';
  /**
   * other: standard deviation of its error in log-odds, of a number 0.6 of that; the champion's is 0.8. Among sure versions
   * the part of the rows in which it errs; the champion does in one of a hundred.
   */
  readonly error?: number;
  /** other: added to its log-odds: below 0 it is better where the label is 0 and worse where it is 1; or to its number. */
  readonly shift?: number;
}

/**
 * A source of rows in the order of their answers, for a label of each task. What is hard rises and falls with storms of
 * about 200 rows that both arms share, so losses hang together in time. Of 0 and 1 the odds do, and labels 0 come within
 * hours, labels 1 within days. Of four classes the first is as seldom as a 1 and as late. Numbers have errors with heavy
 * tails (Student's t with 3 degrees of freedom) that storms make larger, and large ones are known late. `sure` versions
 * give the wrong class no more than one chance in 3,000 and lose 8 nats on the few rows in which it is the right one.
 */
export function experimentRows(
  random: Random,
  challenger: Challenger,
  task: Task = 'classification',
  versions: 'usual' | 'sure' = 'usual',
): () => ExperimentRow {
  if (versions === 'sure') return sureRows(random, challenger, task);
  let storm = 0;
  return () => {
    storm = PERSISTENCE * storm + Math.sqrt(1 - PERSISTENCE ** 2) * standardNormal(random);
    const row = ROWS[task]({ random, storm, challenger });
    const delayMs = -Math.log(1 - random()) * HOUR_MS * (row.late ? 20 : 2);
    return {
      champion: row.champion,
      challenger: challenger.kind === 'same' ? row.champion : row.own,
      delayMs,
    };
  };
}

/** Versions that err seldom and hugely; `same` on the same rows. */
function sureRows(random: Random, { kind, error = SELDOM }: Challenger, task: Task): () => ExperimentRow {
  const others = task === 'multiclass' ? 3 : 1;
  const lossOf = (share: number): number =>
    random() < share ? rowLogLoss(UNLIKELY / others, 1) : rowLogLoss(1 - UNLIKELY, 1);
  return () => {
    const champion = lossOf(SELDOM);
    const challenger = kind === 'same' ? champion : lossOf(error);
    return { champion, challenger, delayMs: 0 };
  };
}

interface Simulated {
  readonly champion: number;
  readonly own: number;
  readonly late: boolean;
}

type Simulate = (args: { random: Random; storm: number; challenger: Challenger }) => Simulated;

const ROWS: Readonly<Record<Task, Simulate>> = {
  classification({ random, storm, challenger }) {
    const truth = -1.2 + 0.8 * storm + standardNormal(random);
    const label = random() < logistic(truth) ? 1 : 0;
    const champion = logistic(truth + CHAMPION_ERROR * standardNormal(random));
    const own = logistic(
      truth + (challenger.error ?? CHAMPION_ERROR) * standardNormal(random) + (challenger.shift ?? 0),
    );
    return { champion: rowLogLoss(champion, label), own: rowLogLoss(own, label), late: label === 1 };
  },
  multiclass({ random, storm, challenger }) {
    const truth = [-1.2 + 0.8 * storm, 0, 0, 0].map((logit) => logit + standardNormal(random));
    let [left, label] = [random(), 0];
    for (const chance of softmax(truth)) {
      if (left < chance) break;
      left -= chance;
      label = Math.min(label + 1, truth.length - 1);
    }
    const lossOf = (error: number, shift: number): number => {
      const said = truth.map((logit, at) => logit + error * standardNormal(random) + (at === 0 ? shift : 0));
      return rowLogLoss(softmax(said)[label] ?? 0, 1);
    };
    const champion = lossOf(CHAMPION_ERROR, 0);
    const own = lossOf(challenger.error ?? CHAMPION_ERROR, challenger.shift ?? 0);
    return { champion, own, late: label === 0 };
  },
  regression({ random, storm, challenger }) {
    const chi = standardNormal(random) ** 2 + standardNormal(random) ** 2 + standardNormal(random) ** 2;
    const error = (standardNormal(random) / Math.sqrt(chi)) * Math.exp(0.5 * storm - 0.25);
    const lossOf = (own: number, shift: number): number =>
      boundedError(own * standardNormal(random) + shift, error, NUMBER_VARIANCE);
    const champion = lossOf(NUMBER_ERROR * CHAMPION_ERROR, 0);
    const own = lossOf(NUMBER_ERROR * (challenger.error ?? CHAMPION_ERROR), challenger.shift ?? 0);
    return { champion, own, late: Math.abs(error) > 1 };
  },
};

function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

function softmax(scores: readonly number[]): readonly number[] {
  const powers = scores.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

export const HOUR_MS = 3_600_000;
const PERSISTENCE = 0.995;
const CHAMPION_ERROR = 0.8;
const SELDOM = 0.01;
const UNLIKELY = Math.exp(-8);
/** Error of a predicted number per error in log-odds, and the squared error of both together with the noise. */
const NUMBER_ERROR = 0.6;
const NUMBER_VARIANCE = 1.23;
