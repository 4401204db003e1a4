import type { Field } from './contract.ts';

/** What the contract says of single values of a field, as every window is held against it. */
export interface ValueRules {
  /** Ends of the range, both allowed. */
  readonly min?: number;
  readonly max?: number;
  /** Values allowed. */
  readonly domain?: readonly string[];
}

/**
 * Rules that are counted where the rows of a window are reduced: the range of numbers, the domain of categories. A
 * domain is sent along with every statement, so one of more than 8,000 characters is left out (see `domainTooLong`).
 * What a text or a timestamp says is watched by profiles, and no rule of single values holds for these.
 */
export function valueRulesOf(field: Field): ValueRules {
  if (field.kind === 'numeric') return field.range ?? {};
  if (field.domain === undefined || field.kind !== 'categorical' || domainTooLong(field)) return {};
  return { domain: field.domain };
}

/** A domain that only `contract propose --data` and the gate of the trainer hold rows against. */
export function domainTooLong(field: Field): boolean {
  return field.kind === 'categorical' && domainSize(field.domain ?? []) > LONGEST_DOMAIN;
}

/** Characters of a domain as it travels. */
export function domainSize(domain: readonly string[]): number {
  return domain.reduce((sum, value) => sum + encodeURIComponent(value).length + AROUND, 0);
}

export const LONGEST_DOMAIN = 8_000;
/** Quotes and a comma, each of three characters. */
const AROUND = 9;
