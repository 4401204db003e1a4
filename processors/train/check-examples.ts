import type { LabelTask } from '../../src/core/contract/label-task.ts';
import type { Dataset } from '../../src/core/models/dataset.ts';

/**
 * Why these examples cannot be trained on and measured, in words; empty when they can.
 * `minimumPositives` holds for both classes on both sides, of more than two for the two that have most rows.
 */
export function checkExamples(args: {
  training: Dataset;
  validation: Dataset;
  task: LabelTask;
  policy: ExamplePolicy;
}): readonly string[] {
  const { training, validation, task, policy } = args;
  const reasons = [
    ...checkRows('training', training.rows, policy.minimumRows),
    ...checkRows('validation', validation.rows, policy.minimumValidationRows),
  ];
  if (reasons.length > 0) return reasons;
  return [
    ...checkLabels('training', training.label, task, policy),
    ...checkLabels('validation', validation.label, task, policy),
    ...checkFeatures(training),
  ];
}

export interface ExamplePolicy {
  /** Rows needed for training. */
  readonly minimumRows: number;
  /** Rows needed for validation. */
  readonly minimumValidationRows: number;
  readonly minimumPositives: number;
}

function checkRows(side: string, rows: number, need: number): string[] {
  if (rows >= need) return [];
  return [`too few labelled rows for ${side}: ${rows} of ${need} needed`];
}

function checkLabels(side: string, labels: Float64Array, task: LabelTask, policy: ExamplePolicy): string[] {
  if (task.kind === 'regression') return checkNumbers(side, labels);
  if (task.kind === 'multiclass') return checkClasses(side, labels, task.classes, policy);
  const positives = labels.reduce((sum, label) => sum + (label === 1 ? 1 : 0), 0);
  const negatives = labels.reduce((sum, label) => sum + (label === 0 ? 1 : 0), 0);
  const strange = labels.length - positives - negatives;
  if (strange > 0)
    return [`${strange} of ${labels.length} ${side} rows have a label that is neither 0 nor 1`];
  if (positives === 0 || negatives === 0) {
    return [
      `the ${side} rows have one class only: all ${labels.length} labels are ${positives === 0 ? 0 : 1}`,
    ];
  }
  const fewer = Math.min(positives, negatives);
  if (fewer >= policy.minimumPositives) return [];
  const rare = positives <= negatives ? 1 : 0;
  return [`too few ${side} rows with label ${rare}: ${fewer} of ${policy.minimumPositives} needed`];
}

function checkNumbers(side: string, labels: Float64Array): string[] {
  const strange = labels.reduce((sum, label) => sum + (Number.isFinite(label) ? 0 : 1), 0);
  if (strange > 0) return [`${strange} of ${labels.length} ${side} rows have a label that is no number`];
  const [first] = labels;
  if (labels.some((label) => label !== first)) return [];
  return [`the ${side} rows have one label only: all ${labels.length} are ${first}`];
}

function checkClasses(
  side: string,
  labels: Float64Array,
  classes: readonly string[],
  policy: ExamplePolicy,
): string[] {
  const counts = classes.map((name, at) => ({ name, rows: labels.filter((label) => label === at).length }));
  const strange = labels.length - counts.reduce((sum, { rows }) => sum + rows, 0);
  if (strange > 0) return [`${strange} of ${labels.length} ${side} rows have a label that is no class`];
  const [first, second] = counts.toSorted((a, b) => b.rows - a.rows);
  if (second === undefined || second.rows === 0) {
    return [`the ${side} rows have one class only: all ${labels.length} labels are ${first?.name}`];
  }
  if (second.rows >= policy.minimumPositives) return [];
  const need = `${second.rows} of ${policy.minimumPositives} needed`;
  return [`too few ${side} rows with another label than ${first?.name}: ${second.name} has ${need}`];
}

/** A feature without a single value in training is a broken producer, not something to learn from. */
function checkFeatures(training: Dataset): string[] {
  const numeric = training.numeric.filter((column) => column.values.every(Number.isNaN));
  const categorical = training.categorical.filter((column) => column.values.every(isMissing));
  return [...numeric, ...categorical].map(
    (column) => `the feature ${column.name} is null in all ${training.rows} training rows`,
  );
}

function isMissing(value: string | null): boolean {
  return value === null || value === '';
}
