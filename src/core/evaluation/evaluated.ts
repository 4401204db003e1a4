/** A figure of an evaluation with the number of cases behind it, or how many are missing for one. Never NaN. */
export type Evaluated = { readonly status: 'ok'; readonly value: number; readonly n: number } | Insufficient;

/** The same with a 95% interval; a null `high` has no upper end, as when the data never reached it. */
export type WithInterval =
  | {
      readonly status: 'ok';
      readonly value: number;
      readonly low: number;
      readonly high: number | null;
      readonly n: number;
    }
  | Insufficient;

export interface Insufficient {
  readonly status: 'insufficient';
  readonly need: number;
  readonly have: number;
}

export function insufficient(need: number, have: number): Insufficient {
  return { status: 'insufficient', need, have };
}
