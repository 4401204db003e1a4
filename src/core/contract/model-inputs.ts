import type { Contract, Field } from './contract.ts';

/** One input of a model: a feature of the contract and how the model reads it. */
export interface ModelInput {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
}

/**
 * The features of a contract as inputs of a model, in the contract's order, and the features that no
 * model here can take, each with the reason. Booleans become 0 and 1, timestamps milliseconds since 1970.
 */
export function modelInputs(contract: Contract): {
  readonly inputs: readonly ModelInput[];
  readonly refused: readonly { readonly name: string; readonly why: string }[];
} {
  const features = contract.fields.filter((field) => field.role === 'feature');
  const inputs: ModelInput[] = [];
  const refused: { name: string; why: string }[] = [];
  for (const field of features) {
    const kind = inputKind(field);
    if (kind === undefined)
      refused.push({ name: field.name, why: `a ${field.kind} feature is no model input` });
    else inputs.push({ name: field.name, kind });
  }
  return { inputs, refused };
}

/** How a model reads a value of this field, or undefined when it cannot. */
export function inputKind(field: Field): ModelInput['kind'] | undefined {
  if (field.kind === 'embedding') return undefined;
  return field.kind === 'categorical' || field.kind === 'text' ? 'categorical' : 'numeric';
}

/** The one field of a role that a contract must have at most once, such as id, event-time or label. */
export function fieldOf(contract: Contract, role: Field['role']): Field | undefined {
  return contract.fields.find((field) => field.role === role);
}

/**
 * A value as a model's numeric input: NaN is missing. Numbers, integers beyond 2^53 (rounded), booleans
 * and dates are taken; anything else is missing.
 */
export function asNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.getTime();
  return Number.NaN;
}
