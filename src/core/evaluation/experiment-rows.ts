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
  /** other: standard deviation of its error in log-odds; the champion's is 0.8. */
  readonly error?: number;
  /** other: added to its log-odds: below 0 it is better where the label is 0 and worse where it is 1. */
  readonly shift?: number;
}

/**
 * A source of rows in the order of their answers. The odds of a 1 rise and fall with storms of about 200 rows that both
 * arms share, so losses hang together in time. Labels 0 come within hours, labels 1 within days.
 */
export function experimentRows(random: Random, challenger: Challenger): () => ExperimentRow {
  let storm = 0;
  return () => {
    storm = PERSISTENCE * storm + Math.sqrt(1 - PERSISTENCE ** 2) * standardNormal(random);
    const truth = -1.2 + 0.8 * storm + standardNormal(random);
    const label = random() < logistic(truth) ? 1 : 0;
    const champion = logistic(truth + CHAMPION_ERROR * standardNormal(random));
    const own = logistic(
      truth + (challenger.error ?? CHAMPION_ERROR) * standardNormal(random) + (challenger.shift ?? 0),
    );
    const delayMs = -Math.log(1 - random()) * HOUR_MS * (label === 1 ? 20 : 2);
    return {
      champion: rowLogLoss(champion, label),
      challenger: rowLogLoss(challenger.kind === 'same' ? champion : own, label),
      delayMs,
    };
  };
}

function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

export const HOUR_MS = 3_600_000;
const PERSISTENCE = 0.995;
const CHAMPION_ERROR = 0.8;
