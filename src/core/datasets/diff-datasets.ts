import type { Dataset } from '../models/dataset.ts';
import type { Task } from '../models/model.ts';
import type { Result } from '../statistic.ts';
import { chiSquared } from '../statistics/chi-squared.ts';
import { kolmogorovSmirnov } from '../statistics/kolmogorov-smirnov.ts';
import { missingRate } from '../statistics/missing-rate.ts';
import { rateDifference } from '../statistics/rate-difference.ts';
import { totalVariation } from '../statistics/total-variation.ts';

/** What changed from one data set to another, feature by feature, the largest change first. */
export interface DatasetDiff {
  readonly rows: { readonly before: number; readonly after: number };
  /** Difference of the shares of label 1, as a two-sample test; of labels that are 0 and 1. */
  readonly classBalance?: Result;
  /** Labels that are numbers or places of classes. */
  readonly label?: FeatureDiff;
  readonly features: readonly FeatureDiff[];
  /** Features only one of the two has. */
  readonly gone: readonly string[];
  readonly added: readonly string[];
}

export interface FeatureDiff {
  readonly feature: string;
  readonly kind: 'numeric' | 'categorical';
  /**
   * numeric: Kolmogorov-Smirnov distance; categorical: share of rows that would have to change category, with the
   * p-value of the chi-squared test. Values only; missing ones are in `missing`.
   */
  readonly distribution: Result;
  readonly missing: Result;
  /** numeric: means of the finite values; absent where there is none. */
  readonly mean?: { readonly before: number; readonly after: number };
  /** categorical: categories of one side only. */
  readonly categories?: { readonly gone: number; readonly added: number };
}

/** Compares two data sets of any size and order. A large change is no fault by itself: after a drift it is wanted. */
export function diffDatasets(before: Dataset, after: Dataset, task: Task = 'classification'): DatasetDiff {
  const features = [
    ...pairs(before.numeric, after.numeric).map(([one, other]) =>
      numericDiff(one.name, one.values, other.values),
    ),
    ...pairs(before.categorical, after.categorical).map(([one, other]) =>
      categoricalDiff(one.name, one.values, other.values),
    ),
  ];
  features.sort((a, b) => sizeOf(b) - sizeOf(a));
  const [names, others] = [namesOf(before), namesOf(after)];
  return {
    rows: { before: before.rows, after: after.rows },
    ...labelDiff(before.label, after.label, task),
    features,
    gone: names.filter((name) => !others.includes(name)),
    added: others.filter((name) => !names.includes(name)),
  };
}

function labelDiff(
  before: Float64Array,
  after: Float64Array,
  task: Task,
): Pick<DatasetDiff, 'classBalance' | 'label'> {
  if (task === 'regression') return { label: numericDiff('label', before, after) };
  if (task === 'multiclass') {
    return { label: categoricalDiff('label', Array.from(before, String), Array.from(after, String)) };
  }
  return { classBalance: rateDifference(ones(before), ones(after)) };
}

function numericDiff(feature: string, before: Float64Array, after: Float64Array): FeatureDiff {
  const [one, other] = [meanOf(before), meanOf(after)];
  return {
    feature,
    kind: 'numeric',
    distribution: kolmogorovSmirnov(before, after, { method: 'limit' }),
    missing: missingRate({
      reference: { form: 'numbers', values: before },
      current: { form: 'numbers', values: after },
    }),
    ...(one === undefined || other === undefined ? {} : { mean: { before: one, after: other } }),
  };
}

function categoricalDiff(
  feature: string,
  before: readonly (string | null)[],
  after: readonly (string | null)[],
): FeatureDiff {
  const [one, other] = [countsOf(before), countsOf(after)];
  const categories = [...new Set([...one.keys(), ...other.keys()])].sort();
  const p = categories.map((category) => one.get(category) ?? 0);
  const q = categories.map((category) => other.get(category) ?? 0);
  const distance = totalVariation(p, q);
  const test = chiSquared(p, q);
  return {
    feature,
    kind: 'categorical',
    distribution:
      distance.status === 'ok' && test.status === 'ok' && test.pValue !== undefined
        ? { ...distance, pValue: test.pValue, law: test.law }
        : distance,
    missing: missingRate({
      reference: { form: 'categories', values: before.map(nullIfEmpty) },
      current: { form: 'categories', values: after.map(nullIfEmpty) },
    }),
    categories: {
      gone: [...one.keys()].filter((category) => !other.has(category)).length,
      added: [...other.keys()].filter((category) => !one.has(category)).length,
    },
  };
}

function pairs<C extends { readonly name: string }>(before: readonly C[], after: readonly C[]): [C, C][] {
  const known = new Map(after.map((column) => [column.name, column]));
  return before.flatMap((column): [C, C][] => {
    const other = known.get(column.name);
    return other === undefined ? [] : [[column, other]];
  });
}

function namesOf(dataset: Dataset): string[] {
  return [...dataset.numeric, ...dataset.categorical].map(({ name }) => name);
}

function sizeOf({ distribution, missing }: FeatureDiff): number {
  const size = (result: Result): number =>
    result.status === 'ok' ? Math.abs(result.effect ?? result.value) : 0;
  return Math.max(size(distribution), size(missing));
}

function countsOf(values: readonly (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) {
    if (value !== null && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

function ones(labels: Float64Array): { hits: number; rows: number } {
  let [hits, rows] = [0, 0];
  for (const label of labels) {
    if (label !== 0 && label !== 1) continue;
    rows += 1;
    hits += label;
  }
  return { hits, rows };
}

function meanOf(values: Float64Array): number | undefined {
  let [sum, n] = [0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    n += 1;
  }
  return n === 0 ? undefined : sum / n;
}

function nullIfEmpty(value: string | null): string | null {
  return value === '' ? null : value;
}
