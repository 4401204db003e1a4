import type { ValueRules } from '../contract/value-rules.ts';
import { CODES } from '../statistic.ts';
import { type Bins, coder } from '../summaries/bins.ts';
import { byBytes } from './by-bytes.ts';
import type { Column } from './column.ts';
import type { PaneCounts } from './pane-counts.ts';
import { type SumParts, sumParts } from './sum-parts.ts';

/**
 * Counts some rows of a column in frozen bins: what schemas/queries/pane-numeric.sql and pane-categorical.sql do
 * in the database, with the same codes, counts and sums, bit for bit. The order of the rows does not matter.
 *
 * Numbers are binned as [edge, next edge); null, NaN, infinities and values the reference never held have codes
 * of their own (see `CODES`). Rows that break a rule of the contract are counted, null where there is no rule; of the
 * values outside of a domain the 8 most frequent are kept, ties by their bytes, each cut to 64 characters.
 */
export function reduceColumn(args: {
  column: Column;
  rows: ArrayLike<number>;
  bins: Bins;
  rules?: ValueRules;
}): ReducedPane {
  const { rules = {}, ...counted } = args;
  return args.bins.kind === 'numeric'
    ? reduceNumbers({ ...counted, rules })
    : reduceCategories({ ...counted, rules });
}

export interface ReducedPane extends PaneCounts {
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Rows outside of the range, and of the domain, of the contract. */
  readonly below: number | null;
  readonly above: number | null;
  readonly unexpected: number | null;
  readonly unexpectedValues: readonly CountedValue[];
}

/** A value and the rows that have it. */
export type CountedValue = readonly [value: string, rows: number];

/** Characters of a value that are kept. */
export const LONGEST_VALUE = 64;

interface Counted {
  readonly column: Column;
  readonly rows: ArrayLike<number>;
  readonly bins: Bins;
  readonly rules: ValueRules;
}

function reduceNumbers(args: Counted): ReducedPane {
  const { column, rows } = args;
  const { min, max } = args.rules;
  let [below, above] = [0, 0];
  const codeOf = coder(args.bins);
  const cells = new Map<number, { count: number; sums: SumParts }>();
  let [finite, minimum, maximum] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < rows.length; at += 1) {
    const x = column.number(rows[at] ?? 0);
    const code = codeOf(x);
    let cell = cells.get(code);
    if (cell === undefined) {
      cell = { count: 0, sums: sumParts() };
      cells.set(code, cell);
    }
    cell.count += 1;
    if (x === null || !Number.isFinite(x)) continue;
    finite += 1;
    if (x < minimum) minimum = x;
    if (x > maximum) maximum = x;
    if (min !== undefined && x < min) below += 1;
    if (max !== undefined && x > max) above += 1;
    cell.sums.add(x);
  }
  const ordered = [...cells].sort(([a], [b]) => a - b);
  let [total, squares] = [0, 0];
  for (const [, { sums }] of ordered) {
    // Each partial sum on its own, in the order of bin and power: the order the database adds them in.
    for (const part of sums.parts()) {
      total += part.total;
      squares += part.squares;
    }
  }
  return {
    n: rows.length,
    codes: ordered.map(([code]) => code),
    counts: ordered.map(([, { count }]) => count),
    finite,
    total,
    squares,
    minimum: finite === 0 ? null : minimum,
    maximum: finite === 0 ? null : maximum,
    below: min === undefined ? null : below,
    above: max === undefined ? null : above,
    unexpected: null,
    unexpectedValues: [],
  };
}

function reduceCategories(args: Counted): ReducedPane {
  const { column, rows } = args;
  const domain = args.rules.domain === undefined ? undefined : new Set(args.rules.domain);
  const unexpected = new Map<string, number>();
  const codeOf = coder(args.bins);
  // A text is looked up once, not once per row.
  const known = new Map<string, number>();
  const counts = new Map<number, number>();
  for (let at = 0; at < rows.length; at += 1) {
    const text = column.text(rows[at] ?? 0);
    let code: number | undefined = text === null ? CODES.null : known.get(text);
    if (code === undefined) {
      code = codeOf(text);
      if (text !== null) known.set(text, code);
    }
    counts.set(code, (counts.get(code) ?? 0) + 1);
    if (text !== null && domain?.has(text) === false) unexpected.set(text, (unexpected.get(text) ?? 0) + 1);
  }
  const codes = [...counts.keys()].sort((a, b) => a - b);
  return {
    n: rows.length,
    codes,
    counts: codes.map((code) => counts.get(code) ?? 0),
    finite: 0,
    total: 0,
    squares: 0,
    minimum: null,
    maximum: null,
    below: null,
    above: null,
    unexpected: domain === undefined ? null : [...unexpected.values()].reduce((sum, rows) => sum + rows, 0),
    unexpectedValues: mostFrequent(unexpected),
    distinct: known.size,
  };
}

function mostFrequent(values: ReadonlyMap<string, number>): CountedValue[] {
  return [...values]
    .sort(([a, k], [b, l]) => l - k || byBytes(a, b))
    .slice(0, KEPT)
    .map(([value, rows]) => [Array.from(value).slice(0, LONGEST_VALUE).join(''), rows]);
}

const KEPT = 8;
