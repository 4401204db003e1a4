import type { LabelTask } from '../contract/label-task.ts';
import type { Dataset } from '../models/dataset.ts';
import type { CheckResult } from './check.ts';
import { classBalance } from './class-balance.ts';
import { distribution } from './distribution.ts';
import { labelParity } from './label-parity.ts';

/**
 * The checks of labels. Of yes-or-no labels: balance, and parity of training and validation. Of classes: whether there is
 * more than the commonest one, and parity of the class whose share differs most (`alpha` shared by the classes). Of
 * numbers: whether they are distributed in training as in validation, and as before.
 */
export function labelChecks(args: {
  training: Dataset;
  validation: Dataset;
  before?: Dataset;
  task?: LabelTask;
  leastShare?: number;
  alpha: number;
}): CheckResult[] {
  const { training, validation, before, task, leastShare, alpha } = args;
  const [now, later, earlier] = [training.label, validation.label, before?.label];
  const least = leastShare === undefined ? {} : { leastShare };
  if (task?.kind === 'regression') {
    const about = { feature: 'the label', kind: 'numeric', alpha } as const;
    const parity = distribution({ ...about, before: now, now: later });
    return earlier === undefined ? [parity] : [parity, distribution({ ...about, before: earlier, now })];
  }
  if (task?.kind === 'multiclass') {
    const { classes } = task;
    const commonest = mostFrequent(now, classes.length);
    const name = classes[commonest] ?? '';
    const balance = classBalance({
      now: is(now, commonest),
      names: ['another class', name],
      alpha,
      ...least,
      ...(earlier === undefined ? {} : { before: is(earlier, commonest) }),
    });
    const parities = classes.map((label, at) =>
      labelParity({ training: is(now, at), validation: is(later, at), label, alpha: alpha / classes.length }),
    );
    return [balance, worst(parities)];
  }
  return [
    classBalance({ now, alpha, ...least, ...(earlier === undefined ? {} : { before: earlier }) }),
    labelParity({ training: now, validation: later, alpha }),
  ];
}

/** 1 where the label is this class, 0 where it is another. */
function is(labels: Float64Array, wanted: number): Float64Array {
  return labels.map((label) => (Number.isNaN(label) ? label : Number(label === wanted)));
}

function mostFrequent(labels: Float64Array, classes: number): number {
  const rows = new Float64Array(classes);
  for (const label of labels) rows[label] = (rows[label] ?? 0) + 1;
  return rows.indexOf(rows.reduce((most, count) => Math.max(most, count), 0));
}

/** The finding with the largest effect, or what the first one says when there is none. */
function worst(results: readonly CheckResult[]): CheckResult {
  const effect = (result: CheckResult): number =>
    result.status === 'finding' ? Math.abs(result.numbers['effect'] ?? 0) : -1;
  const [most] = results.toSorted((a, b) => effect(b) - effect(a));
  return most ?? { check: 'label-parity', status: 'insufficient', need: 2, have: 0, why: 'classes' };
}
