import { categoricalValues } from './golden-categorical.ts';
import { numericValues } from './golden-numeric.ts';
import type { Outside } from './golden-outside.ts';
import type { GoldenCase } from './golden-run.ts';

/** One value of an outside block against the core's. `name` is the key without array positions. */
export type Comparison =
  | { readonly kind: 'unknown'; readonly key: string; readonly name: string }
  | {
      readonly kind: 'equal' | 'differs';
      readonly key: string;
      readonly name: string;
      readonly isPValue: boolean;
      readonly expected: unknown;
      readonly got: unknown;
      readonly error: number;
    };

/** Compares every value of a case's outside block that the core has. */
export function checkCase(each: GoldenCase): Comparison[] {
  const ours = each.kind === 'numeric' ? numericValues(each) : categoricalValues(each);
  return Object.entries(each.scipy).flatMap(([key, expected]) => {
    const compute = ours[key];
    return compute === undefined
      ? [{ kind: 'unknown' as const, key, name: key }]
      : compare(key, key, expected, compute());
  });
}

function compare(key: string, name: string, expected: unknown, got: Outside): Comparison[] {
  if (Array.isArray(expected)) return compareList(key, name, expected, got);
  if (isRecord(expected)) return compareRecord(key, name, expected, got);
  const isPValue = /pvalue/i.test(name);
  if (typeof expected === 'string' && NOT_FINITE.has(expected)) {
    return [verdict(got === undefined, Number.POSITIVE_INFINITY)];
  }
  if (typeof expected === 'number') {
    if (typeof got !== 'number') return [verdict(false, Number.POSITIVE_INFINITY)];
    const { error, limit } = errorOf(expected, got, isPValue, name);
    return [verdict(error <= limit, error)];
  }
  return [verdict(expected === got, 1)];

  function verdict(equal: boolean, error: number): Comparison {
    const kind = equal ? 'equal' : 'differs';
    const shown = got === undefined ? 'insufficient' : got;
    // A match without a number on both sides has no error.
    const size = equal && !(typeof expected === 'number' && typeof got === 'number') ? 0 : error;
    return { kind, key, name, isPValue, expected, got: shown, error: size };
  }
}

function compareList(key: string, name: string, expected: readonly unknown[], got: Outside): Comparison[] {
  if (got === undefined)
    return expected.flatMap((value, i) => compare(`${key}[${i}]`, name, value, undefined));
  const ours = Array.isArray(got) ? got : [];
  const sized = compare(`${key}.length`, name, expected.length, ours.length);
  return [
    ...sized.filter(({ kind }) => kind === 'differs'),
    ...expected.flatMap((value, i) => compare(`${key}[${i}]`, name, value, ours[i])),
  ];
}

function compareRecord(
  key: string,
  name: string,
  expected: Readonly<Record<string, unknown>>,
  got: Outside,
): Comparison[] {
  const ours = isRecord(got) ? got : undefined;
  if ('error' in expected) {
    // Outside software gave up: no value to compare with, unless the core gives up as well.
    return ours === undefined ? compare(key, name, 'NaN', undefined) : [{ kind: 'unknown', key, name }];
  }
  const entries = Object.entries(expected);
  const noAnswer = entries.some(([, value]) => typeof value === 'string' && NOT_FINITE.has(value));
  return entries.flatMap(([field, value]) => {
    const path = `${key}.${field}`;
    const full = `${name}.${field}`;
    if (ours === undefined) return compare(path, full, noAnswer ? 'NaN' : value, undefined);
    return field in ours
      ? compare(path, full, value, ours[field])
      : [{ kind: 'unknown' as const, key: path, name: full }];
  });
}

function errorOf(
  expected: number,
  got: number,
  isPValue: boolean,
  name: string,
): { readonly error: number; readonly limit: number } {
  const gap = Math.abs(got - expected);
  if (Number.isNaN(gap)) return { error: Number.POSITIVE_INFINITY, limit: 0 };
  if (isPValue && name.startsWith('cramervonmises')) {
    // The outside value is 1 minus a sum that stops at terms of 1e-7 (see the command's description).
    if (expected < 1e-5 && got < 1e-9) return { error: 0, limit: P_LIMIT };
    return { error: Math.max(0, gap - 1e-9) / expected, limit: P_LIMIT };
  }
  const smallest = isPValue ? 0 : ABSOLUTE_LIMIT;
  if (Math.abs(expected) <= smallest) return { error: gap, limit: ABSOLUTE_LIMIT };
  return { error: gap / Math.abs(expected), limit: isPValue ? P_LIMIT : STATISTIC_LIMIT };
}

function isRecord(value: unknown): value is Readonly<Record<string, Outside>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NOT_FINITE = new Set(['NaN', 'Infinity', '-Infinity', 'nan', 'inf', '-inf']);
const STATISTIC_LIMIT = 1e-9;
const P_LIMIT = 1e-6;
const ABSOLUTE_LIMIT = 1e-12;
