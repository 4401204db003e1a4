/**
 * A statistic compares a reference with a current sample and says how far apart they are.
 * It is a pure function: the same samples give the same answer, whatever their order.
 */
export interface Statistic {
  /** Kebab-case name, the same as its file. */
  readonly name: string;
  /** What it measures, in one sentence for a reader without statistics. */
  readonly about: string;
  /** Forms of column it can be computed from. */
  readonly accepts: readonly Column['form'][];
  /** Compares two columns of the same form; `random` is needed only by the statistics that draw. */
  compare(args: Comparison): Result;
}

export interface Comparison {
  readonly reference: Column;
  readonly current: Column;
  /** Uniform numbers in [0, 1), seeded by the caller. */
  readonly random?: () => number;
}

/**
 * What a statistic reads: raw values, or counts on frozen bins.
 * In raw values null stands for a missing value; NaN and infinities may occur among numbers.
 */
export type Column =
  | { readonly form: 'numbers'; readonly values: ArrayLike<number | null> }
  | { readonly form: 'categories'; readonly values: ArrayLike<string | null> }
  | { readonly form: 'counts'; readonly counts: BinCounts }
  | { readonly form: 'vectors'; readonly rows: readonly ArrayLike<number>[] };

/** Rows per bin code, codes ascending; see `CODES` for the codes below 0. */
export interface BinCounts {
  readonly codes: readonly number[];
  readonly counts: readonly number[];
}

/** Codes of values that fall into no ordinary bin. */
export const CODES = {
  null: -1,
  nan: -2,
  negativeInfinity: -3,
  positiveInfinity: -4,
  unseen: -5,
} as const;

/** Either a number with its sample sizes, or how many rows are missing for one. Never NaN, never infinite. */
export type Result = Computed | Insufficient;

export interface Computed {
  readonly status: 'ok';
  readonly value: number;
  /** Probability of a value at least this extreme when nothing changed, 0 to 1, where a law is known. */
  readonly pValue?: number;
  /** How large the change is, in `effectUnit`; unlike the p-value it does not grow with the sample. */
  readonly effect?: number;
  readonly effectUnit?: string;
  /** Rows of the reference that entered. */
  readonly n: number;
  /** Rows of the current window that entered. */
  readonly m: number;
  /** Bins that entered, where the statistic reads bins. */
  readonly bins?: number;
  /** The distribution the p-value was taken from, or what the value is when there is none. */
  readonly law: string;
  /** Further numbers by name, such as degrees of freedom. */
  readonly details?: Readonly<Record<string, number>>;
}

export interface Insufficient {
  readonly status: 'insufficient';
  /** Rows (or what `why` names) needed on the smaller side. */
  readonly need: number;
  readonly have: number;
  readonly why: string;
}

/** The answer of a statistic that cannot be computed yet. */
export function insufficient(need: number, have: number, why: string): Insufficient {
  return { status: 'insufficient', need, have, why };
}

/**
 * The same answer, unless one of its numbers is not finite: values near the largest double overflow in sums
 * and squares, and such a number must not leave the core.
 */
export function finiteOr(result: Result, why = 'the values are too large for double precision'): Result {
  if (result.status === 'insufficient') return result;
  const numbers = [
    result.value,
    result.pValue ?? 0,
    result.effect ?? 0,
    ...Object.values(result.details ?? {}),
  ];
  return numbers.every(Number.isFinite) ? result : insufficient(1, 0, why);
}
