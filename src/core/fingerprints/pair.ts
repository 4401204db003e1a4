/** A feature's value as both sides know it: a number (NaN and infinities too), a text, or nothing. */
export type Value = number | string | null;

/** One example, seen in training and in serving, for one feature. */
export interface Pair {
  readonly id: string;
  readonly training: Value;
  readonly serving: Value;
  /** Other features of the same example, both sides. */
  readonly others?: Readonly<Record<string, { readonly training: Value; readonly serving: Value }>>;
  /** Values that the example's entity had before, newest first. */
  readonly earlier?: readonly { readonly agoMs: number; readonly value: Value }[];
  readonly eventTimeMs?: number;
  /** Segments, producer, schema id and the like, as texts. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Equal as a number or a text; NaN equals NaN, 0 equals -0. */
export function sameValue(a: Value, b: Value): boolean {
  return a === b || Object.is(a, b);
}

export function isFiniteNumber(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Order that depends on what the pairs are, not on how they came. */
export function comparePairs(a: Pair, b: Pair): number {
  return compare(a.id, b.id) || compare(said(a), said(b));
}

function said(pair: Pair): string {
  return [pair.training, pair.serving, pair.eventTimeMs].map((value) => `${typeof value}:${value}`).join();
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
