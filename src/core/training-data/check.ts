/** The checks of new training data, by name. */
export const TRAINING_DATA_CHECKS = [
  'schema',
  'time-order',
  'category-range',
  'cardinality',
  'distribution',
  'class-balance',
  'label-parity',
  'id-leakage',
] as const;

export type TrainingDataCheck = (typeof TRAINING_DATA_CHECKS)[number];

/** What one check says about the new data or one feature of it. Numbers are finite and named. */
export type CheckResult =
  | {
      readonly check: TrainingDataCheck;
      readonly feature?: string;
      readonly status: 'ok';
      readonly n: number;
    }
  | {
      readonly check: TrainingDataCheck;
      readonly feature?: string;
      readonly status: 'finding';
      /** One sentence for a person, without a full stop. */
      readonly detail: string;
      readonly numbers: Readonly<Record<string, number>>;
      readonly n: number;
    }
  | {
      readonly check: TrainingDataCheck;
      readonly feature?: string;
      readonly status: 'insufficient';
      readonly need: number;
      readonly have: number;
      readonly why: string;
    };

/** A share as people read it. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 || value === 0 ? value.toFixed(0) : value.toPrecision(2)}%`;
}
