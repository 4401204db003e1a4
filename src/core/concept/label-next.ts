import type { Task } from '../models/model.ts';
import type { Answer } from '../performance/answers.ts';
import { densityRatio } from './density-ratio.ts';
import { scaledFeatures } from './scaled-features.ts';

/** A row without a label that is worth having labelled. */
export interface LabelRequest {
  readonly id: string;
  /** Expected information, relative to an average row of the window: 3 tells as much as three of those. */
  readonly information: number;
  /** What the model says: P(label = 1), a class with the probability of each, or a number. */
  readonly p: Answer;
  /** How many times more often such features occur in the window than in the reference. */
  readonly densityRatio: number;
  /** One sentence for the person who labels. */
  readonly reason: string;
}

/**
 * Which ids to label next, so that the verdict on concept drift (tell-apart.ts) comes soonest: the rows with
 * the largest uncertainty times density ratio. The variance of a label is what the label can tell: where the model is sure, a
 * label is nearly known beforehand. It is p (1 - p); of classes the sum of that over all of them (Gini's impurity, which for
 * two classes gives the same list); of a number the variance of the validation errors, the same for every row, since the
 * model says no other: there the density ratio alone decides. The density ratio says how much of the window
 * is made of such rows and how little the reference says about them. Both depend on the features alone, never
 * on the label, so the residuals of the chosen rows remain a fair test of P(y|x), unlike labels that come back
 * because somebody complained.
 *
 * The chosen rows are not a sample of the window: accuracy or class shares computed on them are wrong.
 * Misleads where the change is in rows the model is sure of: add some at random.
 * Source: Settles, Active Learning Literature Survey (2009), 3.1; Kossen and others, Active Testing (ICML
 * 2021).
 */
export function labelNext(args: {
  reference: readonly ArrayLike<number>[];
  current: readonly { readonly id: string; readonly x: ArrayLike<number>; readonly p: Answer }[];
  count: number;
  /** What the model answers; the probability of 1 unless given. */
  task?: Task;
}): LabelRequest[] {
  const { reference, current, count, task = 'classification' } = args;
  if (reference.length === 0 || current.length === 0) return [];
  const scale = scaledFeatures(reference);
  const features = current.map(({ x }) => scale(x));
  const ratio = densityRatio({ reference: reference.map(scale), current: features });
  const scored = current
    .map(({ id, p }, at) => {
      const density = ratio(features[at] ?? new Float64Array(0));
      return { id, p, densityRatio: density, raw: varianceOf(p, task) * density };
    })
    .filter(({ raw }) => Number.isFinite(raw));
  const average = scored.reduce((sum, { raw }) => sum + raw, 0) / Math.max(1, scored.length);
  if (!(average > 0)) return [];
  const ranked = scored.toSorted((a, b) => b.raw - a.raw || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return ranked.slice(0, count).map(({ id, p, densityRatio: density, raw }) => ({
    id,
    information: raw / average,
    p,
    densityRatio: density,
    reason: reasonOf({ p, task, density, information: raw / average }),
  }));
}

/** Variance of the label by what the model says of it; of a number in units of its errors. */
function varianceOf(p: Answer, task: Task): number {
  if (typeof p !== 'number') {
    return Object.values(p.probabilities).reduce((sum, chance) => sum + chance * (1 - chance), 0);
  }
  return task === 'regression' ? 1 : p * (1 - p);
}

function reasonOf(of: { p: Answer; task: Task; density: number; information: number }): string {
  const { p, task, density, information } = of;
  const unsure = saidOf(p, task);
  const rare =
    density >= 1.5
      ? `such rows are ${density.toFixed(1)} times as frequent as in the reference`
      : 'such rows are about as frequent as in the reference';
  return `${unsure} and ${rare}: worth ${information.toFixed(1)} average labels`;
}

function saidOf(p: Answer, task: Task): string {
  if (task === 'regression' && typeof p === 'number')
    return `the model says ${Number(p.toPrecision(4))}, and not how sure it is,`;
  const [chance, what] =
    typeof p === 'number' ? [p, 'label 1'] : [p.probabilities[p.label] ?? Number.NaN, p.label];
  const sure = typeof p === 'number' ? Math.max(p, 1 - p) : chance;
  return sure < SURE
    ? `the model is unsure (${percent(chance)} for ${what})`
    : `the model says ${percent(chance)} for ${what}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}

/** A model is called unsure below. */
const SURE = 0.7;
