import type { Dataset } from '../../src/core/models/dataset.ts';

/**
 * Why these examples cannot be trained on and measured, in words; empty when they can.
 * `minimumPositives` holds for each class on both sides.
 */
export function checkExamples(args: {
  training: Dataset;
  validation: Dataset;
  policy: ExamplePolicy;
}): readonly string[] {
  const { training, validation, policy } = args;
  const reasons = [
    ...checkRows('training', training.rows, policy.minimumRows),
    ...checkRows('validation', validation.rows, policy.minimumValidationRows),
  ];
  if (reasons.length > 0) return reasons;
  return [
    ...checkLabels('training', training.label, policy),
    ...checkLabels('validation', validation.label, policy),
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

function checkLabels(side: string, labels: Float64Array, policy: ExamplePolicy): string[] {
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
