import type { Random } from '../../random.ts';

/**
 * A kind of message that should not be there, made from a source of numbers. `make` also says what a
 * correct reader does with the message, known from how it was made and not from reading it.
 */
export interface Family {
  readonly name: string;
  make(random: Random): Hostile;
}

export interface Hostile {
  /** The message value, frame included; null is a tombstone. */
  readonly value: Uint8Array | null;
  readonly truth: Truth;
}

/** `by-reading`: how it was made does not tell; an independent reader must. */
export type Truth = 'row' | 'dead-letter' | 'tombstone' | 'by-reading';

/** Schema ids that a registry of such messages knows; every other id is unknown. */
export const EXAMPLE_ID = 7;
export const TREE_ID = 8;
/** Known to the registry, registered under another subject. */
export const FOREIGN_ID = 9;
/** Known and registered under the subject, of another shape than the contract. */
export const REFUSED_ID = 10;
