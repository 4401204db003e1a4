import { encodeRows } from '../../src/core/concept/encode-rows.ts';
import { type ConceptRows, type ConceptVerdict, tellApart } from '../../src/core/concept/tell-apart.ts';
import { short } from './describe.ts';
import type { LabelledRow } from './read-labelled.ts';
import type { Verdict } from './verdict.ts';

/** Which of the three things changed, in words that go with every verdict of the drift. */
export interface ConceptChange {
  readonly verdict: ConceptVerdict['verdict'];
  readonly sentence: string;
  readonly detail: ConceptVerdict;
}

/** An answer with the windows it is about, so that it can be asked for again when more have come. */
export interface AskedChange {
  readonly change: ConceptChange;
  /** Where the drift began. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Which windows to ask about next; undefined while the answer stands. Where it was `insufficient` it is asked again, of
 * all windows since the drift began, each time they have doubled.
 */
export function windowsToAsk(args: {
  before: AskedChange | undefined;
  /** Event time at which the drift began, as far as the evidence tells, and end of the newest window. */
  beganMs: number;
  untilMs: number;
}): { readonly fromMs: number; readonly untilMs: number } | undefined {
  const { before, beganMs, untilMs } = args;
  if (before === undefined) return { fromMs: beganMs, untilMs };
  if (before.change.verdict !== 'insufficient') return undefined;
  const doubled = untilMs - before.fromMs >= 2 * (before.untilMs - before.fromMs);
  return doubled ? { fromMs: before.fromMs, untilMs } : undefined;
}

/**
 * What changed between two samples of labelled rows of one model version. Features are encoded as the reference has
 * them.
 */
export function nameChange(args: {
  reference: readonly LabelledRow[];
  current: readonly LabelledRow[];
}): ConceptChange {
  const encode = encodeRows(args.reference);
  const rowsOf = (rows: readonly LabelledRow[]): ConceptRows => ({
    x: rows.map(encode),
    p: rows.map(({ p }) => p),
    y: rows.map(({ y }) => y),
  });
  const detail = tellApart({ reference: rowsOf(args.reference), current: rowsOf(args.current) });
  return { verdict: detail.verdict, sentence: sentenceOf(detail), detail };
}

/** The verdicts of drift with the answer. */
export function withChange(verdicts: readonly Verdict[], change: ConceptChange): Verdict[] {
  return verdicts.map((verdict) =>
    verdict.verdict === 'drift'
      ? {
          ...verdict,
          evidence: `${verdict.evidence}; ${change.sentence}`,
          detail: { ...verdict.detail, concept_change: change.detail },
          conceptChange: change.verdict,
        }
      : verdict,
  );
}

function sentenceOf(found: ConceptVerdict): string {
  if (found.verdict === 'insufficient') {
    const open =
      found.candidates === undefined
        ? 'what changed cannot be told'
        : `it is ${found.candidates.join(' or ')}`;
    return `${open}: ${found.have} of ${found.need} ${found.why}`;
  }
  const rows = `${found.m} labelled rows against ${found.n}`;
  switch (found.verdict) {
    case 'covariate drift':
      return `covariate drift: other features came, what they mean for the label is unchanged (p ${short(found.pValues.residual)}, ${rows})`;
    case 'label shift':
      return `label shift: the odds of label 1 are ${short(Math.exp(found.logOddsOffset ?? 0))} times what they were, features follow (${rows})`;
    case 'change of P(y|x)':
      return `change of P(y|x): the same features mean another label (p ${short(found.pValues.residual)}, ${rows})`;
    case 'none':
      return `neither features nor what they mean for the label changed measurably (${rows})`;
  }
}
