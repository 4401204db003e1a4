import type { AvroField } from '../avro/definition.ts';
import type { AvroNode } from '../avro/resolve.ts';
import { type Field, KINDS, type Kind, ROLES, type Role } from './contract.ts';

/** Names of the attributes that driftwatch adds to the fields of an Avro schema. */
export const ATTRIBUTES = [
  'role',
  'kind',
  'unit',
  'tolerance',
  'domain',
  'range',
  'presence',
  'entity',
] as const;

export type FieldAttributes = Pick<Field, 'unit' | 'tolerance' | 'domain' | 'range' | 'presence' | 'entity'>;

export interface AttributeReader {
  role(): Role | undefined;
  kind(): Kind | undefined;
  /** The attributes that depend on the kind and the type. */
  rest(kind: Kind, node: AvroNode): FieldAttributes;
}

/** Reads and checks our attributes of one field; what is wrong goes to `complain` as a clause. */
export function attributeReader(field: AvroField, complain: (text: string) => void): AttributeReader {
  return {
    role: () => oneOf('role', field['role'], ROLES, complain),
    kind: () => oneOf('kind', field['kind'], KINDS, complain),
    rest: (kind, node) => ({
      ...readUnit(field['unit'], complain),
      ...readTolerance(field['tolerance'], kind, complain),
      ...readDomain(field['domain'], kind, node, complain),
      ...readRange(field['range'], kind, complain),
      ...readPresence(field['presence'], complain),
      ...readEntity(field['entity'], complain),
    }),
  };
}

type Complain = (text: string) => void;

function oneOf<T extends string>(
  name: string,
  value: unknown,
  known: readonly T[],
  complain: Complain,
): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) complain(`${name} must be one of ${known.join(', ')}`);
  return found;
}

function readUnit(value: unknown, complain: Complain): Pick<FieldAttributes, 'unit'> {
  if (value === undefined) return {};
  if (typeof value === 'string' && value !== '') return { unit: value };
  complain('unit must be a text');
  return {};
}

function readTolerance(value: unknown, kind: Kind, complain: Complain): Pick<FieldAttributes, 'tolerance'> {
  if (value === undefined) return {};
  if (!isNumeric(kind)) complain(`a tolerance is for numbers, not for kind ${kind}`);
  if (isObject(value)) {
    const { absolute = 0, relative = 0 } = value;
    if (isNumber(absolute) && isNumber(relative) && absolute >= 0 && relative >= 0)
      return { tolerance: { absolute, relative } };
  }
  complain('tolerance must be {absolute, relative}, both 0 or more');
  return {};
}

function readDomain(
  value: unknown,
  kind: Kind,
  node: AvroNode,
  complain: Complain,
): Pick<FieldAttributes, 'domain'> {
  const symbols = node.kind === 'enum' ? node.symbols : undefined;
  if (value === undefined) return symbols === undefined ? {} : { domain: symbols };
  if (kind !== 'categorical' && kind !== 'text') complain(`a domain is for categories, not for kind ${kind}`);
  if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === 'string')) {
    complain('domain must be a list of texts');
    return {};
  }
  if (new Set(value).size < value.length) complain('domain lists a value twice');
  const foreign = value.find((item) => symbols !== undefined && !symbols.includes(item));
  if (foreign !== undefined) complain(`domain value "${foreign}" is not a symbol of the enum`);
  return { domain: value };
}

function readRange(value: unknown, kind: Kind, complain: Complain): Pick<FieldAttributes, 'range'> {
  if (value === undefined) return {};
  if (!isNumeric(kind)) complain(`a range is for numbers, not for kind ${kind}`);
  if (isObject(value)) {
    const { min, max } = value;
    const low = min === undefined || isNumber(min);
    const high = max === undefined || isNumber(max);
    if (low && high && (min === undefined || max === undefined || min <= max))
      return { range: { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) } };
  }
  complain('range must be {min, max} with min at most max');
  return {};
}

function readPresence(value: unknown, complain: Complain): Pick<FieldAttributes, 'presence'> {
  if (value === undefined) return {};
  if (isNumber(value) && value >= 0 && value <= 1) return { presence: value };
  complain('presence must be a share from 0 to 1');
  return {};
}

function readEntity(value: unknown, complain: Complain): Pick<FieldAttributes, 'entity'> {
  if (value === undefined) return {};
  if (typeof value === 'string' && value !== '') return { entity: value };
  complain('entity must be the name of the field that says which entity the value belongs to');
  return {};
}

function isNumeric(kind: Kind): boolean {
  return kind === 'numeric' || kind === 'boolean' || kind === 'timestamp';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
