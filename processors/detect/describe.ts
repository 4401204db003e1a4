import type { Field } from '../../src/core/contract/contract.ts';
import { alignCounts, type PaneCounts } from '../../src/core/windows/pane-counts.ts';

/** Current against reference in one sentence: means with their unit for numbers, the value that moved most for categories. */
export function describeDifference(args: {
  field: Field;
  reference: PaneCounts;
  current: PaneCounts;
  categories: readonly string[];
}): string {
  const { field, reference, current } = args;
  if (reference.finite > 0 && current.finite > 0) {
    const unit = field.unit === undefined ? '' : ` ${field.unit}`;
    return `mean ${short(current.total / current.finite)}${unit} against ${short(reference.total / reference.finite)}${unit}`;
  }
  const { codes, a, b } = alignCounts(reference, current);
  let [best, at] = [-1, 0];
  for (const [index] of codes.entries()) {
    const moved = Math.abs(
      (b[index] ?? 0) / Math.max(1, current.n) - (a[index] ?? 0) / Math.max(1, reference.n),
    );
    if (moved <= best) continue;
    best = moved;
    at = index;
  }
  const share = (count: number | undefined, rows: number) =>
    `${short((100 * (count ?? 0)) / Math.max(1, rows))}%`;
  return `${codeName(codes[at] ?? 0, args.categories)} ${share(b[at], current.n)} against ${share(a[at], reference.n)}`;
}

/** What a judgement rests on: a drift that lasts was found by an earlier window, and its own p-value says nothing. */
export function describeEvidence(judgement: {
  readonly channel: string;
  readonly evidence: number;
  readonly pValue: number;
}): string {
  if (judgement.channel === 'lasting') return 'lasting';
  if (judgement.channel === 'windows') return `evidence ${judgement.evidence.toExponential(1)} over windows`;
  return `p ${judgement.pValue.toExponential(1)}`;
}

/** The part of a verdict that says how many rows are owed before there is an answer. */
export function owedVerdict(
  judgement: { readonly need: number; readonly have: number; readonly why: string },
  window: { readonly startMs: number },
) {
  return {
    verdict: 'insufficient',
    need: judgement.need,
    detail: {},
    beganMs: window.startMs,
    evidence: `insufficient: ${judgement.have} of ${judgement.need} ${judgement.why}`,
  } as const;
}

/** Four significant digits are as many as a person reads. */
export function short(x: number): string {
  return Number(x.toPrecision(4)).toString();
}

function codeName(code: number, categories: readonly string[]): string {
  const special = SPECIAL[String(code)];
  if (special !== undefined) return special;
  return categories[code] ?? (categories.length > 0 ? 'other values' : `bin ${code}`);
}

const SPECIAL: Readonly<Record<string, string>> = {
  '-1': 'missing values',
  '-2': 'NaN',
  '-3': '-Inf',
  '-4': '+Inf',
  '-5': 'unseen values',
};
