import type { Contract, Field } from '../../core/contract/contract.ts';

/**
 * Reads one example of a request against the serving contract: every value has the type of its field, no
 * field is unknown, nothing that must be there is missing. What the server fills in itself (prediction,
 * version) may not be given. Event times are milliseconds since 1970 or ISO 8601 text.
 */
export function readExample(contract: Contract, example: unknown): ReadExample {
  if (typeof example !== 'object' || example === null || Array.isArray(example)) {
    return bad('an example is an object of field names and values');
  }
  const given = new Map<string, unknown>(Object.entries(example));
  const record: Record<string, unknown> = {};
  for (const field of contract.fields) {
    const value = given.get(field.name) ?? null;
    given.delete(field.name);
    const problem = place(record, field, value);
    if (problem !== undefined) return bad(problem);
  }
  const [unknown] = given.keys();
  if (unknown !== undefined)
    return bad(`there is no field "${unknown}" in the contract of ${contract.model}`);
  return { status: 'ok', record };
}

export type ReadExample =
  | { readonly status: 'ok'; readonly record: Record<string, unknown> }
  | { readonly status: 'bad'; readonly why: string };

/** Fields of a serving contract that the server fills, by role or by name. */
export function isFilledByServer(field: Field): boolean {
  return FILLED_ROLES.has(field.role) || FILLED_NAMES.has(field.name);
}

/** Puts the value into the record, or says why it cannot. */
function place(record: Record<string, unknown>, field: Field, value: unknown): string | undefined {
  if (isFilledByServer(field)) {
    return value === null ? undefined : `"${field.name}" is filled in by the server and may not be given`;
  }
  if (value === null) {
    if (!field.nullable) return `"${field.name}" is missing`;
    record[field.name] = null;
    return undefined;
  }
  const read = readValue(field, value);
  if (read === undefined) return `"${field.name}" must be ${expected(field)}, not ${shown(value)}`;
  record[field.name] = read;
  return undefined;
}

function readValue(field: Field, value: unknown): unknown {
  switch (field.avro) {
    case 'int':
      return Number.isInteger(value) && Math.abs(Number(value)) <= 0x7fffffff ? value : undefined;
    case 'long':
      return Number.isSafeInteger(value) ? value : undefined;
    case 'float':
    case 'double':
      return typeof value === 'number' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'string':
    case 'enum':
      return typeof value === 'string' ? value : undefined;
    case 'timestamp-millis':
      return instantOf(value);
    default:
      return value;
  }
}

function instantOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string' || !ISO.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

function expected(field: Field): string {
  return EXPECTED[field.avro] ?? `a value of the Avro type ${field.avro}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function bad(why: string): ReadExample {
  return { status: 'bad', why };
}

const FILLED_ROLES: ReadonlySet<Field['role']> = new Set(['prediction', 'probabilities', 'version']);
const FILLED_NAMES = new Set(['latency_ms', 'producer']);
const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const EXPECTED: Readonly<Record<string, string>> = {
  int: 'a whole number of 32 bits',
  long: 'a whole number',
  float: 'a number',
  double: 'a number',
  boolean: 'true or false',
  string: 'a text',
  enum: 'a text',
  'timestamp-millis': 'milliseconds since 1970 or ISO 8601 text with a time zone',
};
