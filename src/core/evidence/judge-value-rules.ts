import type { Field } from '../contract/contract.ts';
import { editToDomain, editToRange } from '../contract/contract-edit.ts';
import type { ContractEdit } from '../contract/schema-skew.ts';
import { domainTooLong } from '../contract/value-rules.ts';
import { byBytes } from '../windows/by-bytes.ts';
import { type CountedValue, LONGEST_VALUE } from '../windows/reduce-column.ts';
import type { ValueJudgement, ValuesPane } from './judge-values.ts';

/**
 * Values of one feature and window against the range and the domain of its contract, in TFDV's classes of anomaly: the
 * share of rows outside.
 *
 * These are rules and not tests: no value outside of them is ever right, so there is nothing that chance could explain,
 * no p-value, and nothing of the paging budget is spent. A share of rows above `allowed` (the effect floor
 * `violations`) is `drift`; fewer rows than `minimumRows` are `insufficient`, and so is a domain that is too long to be
 * counted. NaN and infinities are no matter of range. Rows that were counted before the contract had the rule are not
 * judged by it.
 *
 * A range comes with the contract edit that would allow what was seen. Of a domain the 8 most frequent values outside are
 * told; the edit adds the most frequent ones until what is left is allowed, and there is none where these 8 do not suffice
 * or one is too long to be known whole.
 */
export function judgeValueRules(args: {
  field: Field;
  pane: ValuesPane;
  allowed: number;
  minimumRows: number;
}): ValueJudgement[] {
  const { pane } = args;
  if (pane.n === 0) return [];
  return outsideOf(args).map((rule) => judgeRule({ ...args, rule }));
}

interface Rule {
  readonly name: string;
  /** Rows outside; undefined where they could not be counted. */
  readonly count: number | undefined;
  readonly says: string;
  readonly values?: ValueJudgement['values'];
  readonly edit: { readonly edit?: ContractEdit };
}

function judgeRule(args: {
  rule: Rule;
  pane: ValuesPane;
  allowed: number;
  minimumRows: number;
}): ValueJudgement {
  const { rule, pane, allowed, minimumRows } = args;
  const count = rule.count ?? 0;
  const share = count / pane.n;
  const values = rule.values === undefined ? {} : { values: rule.values };
  const common = { class: rule.name, share, count, n: pane.n, limit: allowed, says: rule.says, ...values };
  if (rule.count === undefined) return { ...common, verdict: 'insufficient', need: 0 };
  if (pane.n < minimumRows) return { ...common, verdict: 'insufficient', need: minimumRows };
  if (share <= allowed) return { ...common, verdict: 'ok' };
  return { ...common, verdict: 'drift', ...rule.edit };
}

/** What the contract says of single values, and the rows that were counted outside of it. */
function outsideOf(args: { field: Field; pane: ValuesPane; allowed: number }): Rule[] {
  const { field, pane } = args;
  const { range, domain } = field;
  const [small, big] = WHOLE.has(field.avro)
    ? ['INT_TYPE_SMALL_INT', 'INT_TYPE_BIG_INT']
    : ['FLOAT_TYPE_SMALL_FLOAT', 'FLOAT_TYPE_BIG_FLOAT'];
  const edit = editOf(field, pane);
  const rules: Rule[] = [];
  if (range?.min !== undefined && isCounted(pane.below)) {
    const says = `${pane.below} of ${pane.n} values are below ${range.min}, the least is ${pane.minimum}`;
    rules.push({ name: small, count: pane.below, says, edit });
  }
  if (range?.max !== undefined && isCounted(pane.above)) {
    const says = `${pane.above} of ${pane.n} values are above ${range.max}, the largest is ${pane.maximum}`;
    rules.push({ name: big, count: pane.above, says, edit });
  }
  if (domain !== undefined && isCounted(pane.unexpected)) {
    const known = pane.unexpectedValues ?? [];
    const says = `${pane.unexpected} of ${pane.n} values are not in the domain of ${domain.length}${sayValues(known, pane.unexpected)}`;
    const values = known.map(([value, rows]) => ({ value, rows }));
    const edit = editOfDomain({ ...args, known, outside: pane.unexpected });
    rules.push({ name: UNEXPECTED, count: pane.unexpected, says, values, edit });
  } else if (domainTooLong(field)) {
    const says = `a domain of ${domain?.length ?? 0} values is too long to hold every window against`;
    rules.push({ name: UNEXPECTED, count: undefined, says, edit: {} });
  }
  return rules;
}

/** One edit for both ends: two of them would each undo the other. */
function editOf(field: Field, { minimum, maximum }: ValuesPane): { readonly edit?: ContractEdit } {
  const { min, max } = field.range ?? {};
  return editToRange(field, {
    ...(min === undefined ? {} : { min: Math.min(min, minimum ?? min) }),
    ...(max === undefined ? {} : { max: Math.max(max, maximum ?? max) }),
  });
}

function editOfDomain(args: {
  field: Field;
  pane: ValuesPane;
  allowed: number;
  known: readonly CountedValue[];
  outside: number;
}): { readonly edit?: ContractEdit } {
  const most = args.allowed * args.pane.n;
  const added: string[] = [];
  let left = args.outside;
  for (const [value, rows] of args.known) {
    if (left <= most || Array.from(value).length >= LONGEST_VALUE) break;
    added.push(value);
    left -= rows;
  }
  return left <= most && added.length > 0 ? editToDomain(args.field, added.sort(byBytes)) : {};
}

/** The values, most rows first, and the rows of those that are not told. */
function sayValues(values: readonly CountedValue[], outside: number): string {
  if (values.length === 0) return '';
  const others = outside - values.reduce((sum, [, rows]) => sum + rows, 0);
  const told = values.map(([value, rows]) => `'${value}' ${rows} rows`);
  return `: ${[...told, ...(others > 0 ? [`other values ${others} rows`] : [])].join(', ')}`;
}

function isCounted(count: number | null | undefined): count is number {
  return count !== null && count !== undefined;
}

const WHOLE: ReadonlySet<string> = new Set(['int', 'long']);
const UNEXPECTED = 'ENUM_TYPE_UNEXPECTED_STRING_VALUES';
