import type { LabelTask } from '../contract/label-task.ts';
import type { Dataset } from '../models/dataset.ts';
import { cardinality } from './cardinality.ts';
import { categoryRange } from './category-range.ts';
import type { CheckResult } from './check.ts';
import { distribution } from './distribution.ts';
import { idLeakage } from './id-leakage.ts';
import { labelChecks } from './label-checks.ts';
import { schema } from './schema.ts';
import { timeOrder } from './time-order.ts';

/**
 * Every check of new training data, one result for each feature it is about: against the data the serving
 * model was trained on where those are given, and between the training and validation rows. `alpha` is shared
 * by all tests (Bonferroni). A finding is something to look at, not a verdict: after a drift the new data are
 * meant to differ from the old. gateTrainingData says which findings stop a training.
 */
export function checkTrainingData(args: {
  training: Dataset;
  validation: Dataset;
  /** What the labels are; 0 and 1 unless given. */
  task?: LabelTask;
  /** What the serving model was trained on. */
  before?: Dataset;
  ids?: { readonly training: readonly string[]; readonly validation: readonly string[] };
  /** Event times of the rows, milliseconds since 1970. */
  times?: { readonly trainingMs: ArrayLike<number>; readonly validationMs: ArrayLike<number> };
  /** Columns that the contract names and the rows do not have. */
  absent?: readonly string[];
  /** Share of the rarer class under which it is a finding. */
  leastShare?: number;
  alpha?: number;
}): CheckResult[] {
  const { training, before, ids, times } = args;
  const tests = training.numeric.length + training.categorical.length + 2;
  const alpha = (args.alpha ?? 0.01) / tests;
  return [
    ...schema({
      rows: training.rows,
      features: featuresOf(training),
      absent: args.absent ?? [],
      ...(before === undefined ? {} : { before: featuresOf(before) }),
    }),
    ...(times === undefined ? [] : [timeOrder(times)]),
    ...(before === undefined ? [] : checkFeatures(before, training, alpha)),
    ...labelChecks({ ...args, alpha }),
    ...(ids === undefined ? [] : [idLeakage(ids)]),
  ];
}

function featuresOf({ numeric, categorical }: Dataset): string[] {
  return [...numeric, ...categorical].map(({ name }) => name);
}

function checkFeatures(before: Dataset, training: Dataset, alpha: number): CheckResult[] {
  const numbers = new Map(before.numeric.map(({ name, values }) => [name, values]));
  const texts = new Map(before.categorical.map(({ name, values }) => [name, values]));
  const numeric = training.numeric.flatMap(({ name: feature, values: now }) => {
    const known = numbers.get(feature);
    return known === undefined ? [] : [distribution({ feature, before: known, now, kind: 'numeric', alpha })];
  });
  const categorical = training.categorical.flatMap(({ name: feature, values: now }) => {
    const known = texts.get(feature);
    if (known === undefined) return [];
    const pair = { feature, before: known, now };
    return [categoryRange(pair), cardinality(pair), distribution({ ...pair, kind: 'categorical', alpha })];
  });
  return [...numeric, ...categorical];
}
