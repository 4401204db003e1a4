import type { Field } from '../contract/contract.ts';
import { editToPresence } from '../contract/contract-edit.ts';
import type { ContractEdit } from '../contract/schema-skew.ts';
import { binomialUpperTail } from '../special/binomial-tail.ts';
import { CODES } from '../statistic.ts';
import type { PaneCounts } from '../windows/pane-counts.ts';
import type { CountedValue } from '../windows/reduce-column.ts';

/**
 * Values of one feature and window against its contract, in TFDV's classes of anomaly. A class is reported
 * only where the contract asks for something: no presence, no FEATURE_TYPE_LOW_FRACTION_PRESENT.
 * Each answer is the share of rows that break the rule; `drift` when more break it than `allowed` can explain. A
 * presence that is too low comes with the contract edit that would ask for no more; NaN and infinities are never right.
 * What the contract says of single values is no test: see judge-value-rules.
 */
export function judgeValues(args: {
  field: Field;
  pane: ValuesPane;
  allowed: number;
  alpha: number;
}): ValueJudgement[] {
  const { field, pane } = args;
  if (pane.n === 0) return [];
  return rulesOf(field, pane).map(({ name, count, rate, says }) => {
    const share = count / pane.n;
    const limit = Math.min(1, rate + args.allowed);
    const pValue = limit >= 1 ? 1 : binomialUpperTail(count, pane.n, Math.max(limit, 1e-9));
    const verdict = share > limit && pValue < args.alpha ? 'drift' : 'ok';
    const edit = verdict === 'drift' && name === LOW_PRESENCE ? editToPresence(field, 1 - share) : {};
    return { class: name, verdict, share, count, pValue, n: pane.n, limit, says, ...edit };
  });
}

export interface ValuesPane extends PaneCounts {
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Rows below and above the range, and outside of the domain; null or absent where that was not counted. */
  readonly below?: number | null | undefined;
  readonly above?: number | null | undefined;
  readonly unexpected?: number | null | undefined;
  /** The most frequent values outside of the domain; see reduce-column. */
  readonly unexpectedValues?: readonly CountedValue[];
}

export interface ValueJudgement {
  readonly class: string;
  readonly verdict: 'ok' | 'drift' | 'insufficient';
  readonly share: number;
  readonly count: number;
  /** Of a test; a rule has none. */
  readonly pValue?: number;
  /** Rows that an insufficient answer would need. */
  readonly need?: number;
  readonly n: number;
  /** Share that may break the rule. */
  readonly limit: number;
  readonly says: string;
  /** The most frequent values that break it, of a domain. */
  readonly values?: readonly { readonly value: string; readonly rows: number }[];
  /** How the contract would have to change to allow what was seen, where it may ask for less. */
  readonly edit?: ContractEdit;
}

function rulesOf(
  field: Field,
  pane: ValuesPane,
): { name: string; count: number; rate: number; says: string }[] {
  const rules: { name: string; count: number; rate: number; says: string }[] = [];
  const missing = countOf(pane, CODES.null);
  if (field.presence !== undefined) {
    const says = `${missing} of ${pane.n} rows have no value, the contract asks for a presence of ${field.presence}`;
    rules.push({ name: LOW_PRESENCE, count: missing, rate: 1 - field.presence, says });
  }
  if (field.kind !== 'numeric') return rules;
  const nan = countOf(pane, CODES.nan);
  const infinite = countOf(pane, CODES.negativeInfinity) + countOf(pane, CODES.positiveInfinity);
  rules.push({ name: 'FLOAT_TYPE_HAS_NAN', count: nan, rate: 0, says: `${nan} of ${pane.n} rows are NaN` });
  rules.push({
    name: 'FLOAT_TYPE_HAS_INF',
    count: infinite,
    rate: 0,
    says: `${infinite} of ${pane.n} rows are infinite`,
  });
  return rules;
}

const LOW_PRESENCE = 'FEATURE_TYPE_LOW_FRACTION_PRESENT';

function countOf(pane: PaneCounts, code: number): number {
  return pane.counts[pane.codes.indexOf(code)] ?? 0;
}
