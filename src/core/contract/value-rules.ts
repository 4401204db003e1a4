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
 * Rules that are counted where the rows of a window are reduced: the range of numbers, the domain of categories and
 * texts. A domain is sent along with every statement, so one of more than 100,000 characters is left out (see
 * `domainTooLong`). Of timestamps and embeddings no rule of single values holds.
 */
export function valueRulesOf(field: Field): ValueRules {
  if (field.kind === 'numeric') return field.range ?? {};
  if (field.domain === undefined || !HAVE_DOMAINS.has(field.kind) || domainTooLong(field)) return {};
  return { domain: field.domain };
}

/** A domain that only `contract propose --data` and the gate of the trainer hold rows against. */
export function domainTooLong(field: Field): boolean {
  return HAVE_DOMAINS.has(field.kind) && domainSize(field.domain ?? []) > LONGEST_DOMAIN;
}

/** Characters of a domain as it travels. */
export function domainSize(domain: readonly string[]): number {
  return domain.reduce((sum, value) => sum + encodeURIComponent(value).length + AROUND, 0);
}

const HAVE_DOMAINS: ReadonlySet<Field['kind']> = new Set(['categorical', 'text']);
/** A server takes 131,072 bytes of one parameter (`http_max_field_value_size`). */
const LONGEST_DOMAIN = 100_000;
/** Quotes and a comma, each of three characters. */
const AROUND = 9;
