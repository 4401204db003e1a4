/**
 * What becomes of a record: it goes on, it is left out on purpose, or it cannot be used and is kept with the
 * reason. Bad data is a value; a processor throws only for broken code or a broken deployment.
 */
export type Outcome<T, D extends string = never> = Forward<T> | Drop<D> | DeadLetter;

export interface Forward<T> {
  readonly outcome: 'forward';
  readonly record: T;
}

export interface Drop<D extends string> {
  readonly outcome: 'drop';
  readonly reason: D;
}

export interface DeadLetter {
  readonly outcome: 'dead-letter';
  readonly reason: DeadLetterReason;
  /** The exact field or byte, in words. */
  readonly detail: string;
  /** Writer schema id, where one could be read. */
  readonly schemaId: number | null;
}

/** The closed list, as documented on the column `reason` of the table dead_letters. */
export const DEAD_LETTER_REASONS = [
  'unreadable-batch',
  'empty',
  'not-framed',
  'unknown-schema',
  'foreign-schema',
  'truncated',
  'trailing-bytes',
  'malformed',
  'contract',
  'refused',
] as const;

export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];
