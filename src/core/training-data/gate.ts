import { type CheckResult, percent } from './check.ts';

/** From where on a finding is a reason not to train. Shares between 0 and 1. */
export interface GateLimits {
  /** Validation rows whose id is among the training rows too. */
  readonly leakedIds: number;
  /** Rows of the rarer class, of all training rows; under this is a reason. */
  readonly classShare: number;
  /** Difference of the share of ones between training and validation rows. */
  readonly labelParity: number;
  /** Rows with a category that the serving model's training data never held, in one feature. */
  readonly unseenCategories: number;
}

export type TrainingDataFinding = Extract<CheckResult, { status: 'finding' }>;

/** What may go into training, and what a person should know of it. */
export interface GateVerdict {
  /** Why not to train, in words; empty when training may go on. */
  readonly reasons: readonly string[];
  /** Findings that are no reason. */
  readonly warnings: readonly TrainingDataFinding[];
  /** Checks that had too few rows to say anything. */
  readonly insufficient: readonly Extract<CheckResult, { status: 'insufficient' }>[];
  /** Results that the verdict rests on. */
  readonly checks: number;
}

/**
 * Which findings stop a training. What makes the examination worthless or the answers unlearnable does: columns that
 * are not there, rows out of the order of time, ids on both sides, a class that is hardly there, labels of another
 * kind on the two sides, a feature made of new categories. That the data are distributed otherwise, or have more or
 * fewer categories, does not: after a drift they are meant to.
 * Misleads where ids name entities that rightly come back; raise `leakedIds` to 1 there.
 */
export function gateTrainingData(results: readonly CheckResult[], limits: GateLimits): GateVerdict {
  const findings = results.filter((result) => result.status === 'finding');
  const stops = (finding: TrainingDataFinding): string | undefined => whyStop(finding, limits);
  return {
    reasons: findings.flatMap((finding) => stops(finding) ?? []),
    warnings: findings.filter((finding) => stops(finding) === undefined),
    insufficient: results.filter((result) => result.status === 'insufficient'),
    checks: results.length,
  };
}

/** The reason that a finding is, with the limit it broke; undefined when it is a warning. */
function whyStop({ check, detail, numbers }: TrainingDataFinding, limits: GateLimits): string | undefined {
  const beyond = (name: string, limit: number): string | undefined =>
    (numbers[name] ?? 0) > limit ? `${check}: ${detail}, more than ${percent(limit)}` : undefined;
  switch (check) {
    case 'schema':
      return numbers['absent'] === 1 ? `${check}: ${detail}` : undefined;
    case 'time-order':
      return `${check}: ${detail}`;
    case 'id-leakage':
      return beyond('share', limits.leakedIds);
    case 'category-range':
      return beyond('share', limits.unseenCategories);
    case 'label-parity': {
      const apart = Math.abs((numbers['now'] ?? 0) - (numbers['before'] ?? 0));
      if (apart <= limits.labelParity) return undefined;
      return `${check}: ${detail}, more than ${percent(limits.labelParity)} apart`;
    }
    case 'class-balance': {
      const { share } = numbers;
      if (share === undefined || share >= limits.classShare) return undefined;
      return `${check}: ${detail}, under ${percent(limits.classShare)}`;
    }
    case 'cardinality':
    case 'distribution':
      return undefined;
  }
}
