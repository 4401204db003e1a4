import { densityRatio } from './density-ratio.ts';
import { scaledFeatures } from './scaled-features.ts';

/** A row without a label that is worth having labelled. */
export interface LabelRequest {
  readonly id: string;
  /** Expected information, relative to an average row of the window: 3 tells as much as three of those. */
  readonly information: number;
  /** P(label = 1) by the model. */
  readonly p: number;
  /** How many times more often such features occur in the window than in the reference. */
  readonly densityRatio: number;
  /** One sentence for the person who labels. */
  readonly reason: string;
}

/**
 * Which ids to label next, so that the verdict on concept drift (tell-apart.ts) comes soonest: the rows with
 * the largest uncertainty times density ratio. The variance of a label, p (1 - p), is what the label can tell:
 * where the model is sure, a label is nearly known beforehand. The density ratio says how much of the window
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
  current: readonly { readonly id: string; readonly x: ArrayLike<number>; readonly p: number }[];
  count: number;
}): LabelRequest[] {
  const { reference, current, count } = args;
  if (reference.length === 0 || current.length === 0) return [];
  const scale = scaledFeatures(reference);
  const features = current.map(({ x }) => scale(x));
  const ratio = densityRatio({ reference: reference.map(scale), current: features });
  const scored = current
    .map(({ id, p }, at) => {
      const density = ratio(features[at] ?? new Float64Array(0));
      return { id, p, densityRatio: density, raw: p * (1 - p) * density };
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
    reason: reasonOf(p, density, raw / average),
  }));
}

function reasonOf(p: number, density: number, information: number): string {
  const sure = Math.max(p, 1 - p);
  const unsure =
    sure < 0.7
      ? `the model is unsure (${percent(p)} for label 1)`
      : `the model says ${percent(p)} for label 1`;
  const rare =
    density >= 1.5
      ? `such rows are ${density.toFixed(1)} times as frequent as in the reference`
      : 'such rows are about as frequent as in the reference';
  return `${unsure} and ${rare}: worth ${information.toFixed(1)} average labels`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}
