import type { Field, Role } from './contract.ts';

/**
 * ClickHouse type of the column that a field is stored in; undefined where there is none: records,
 * unions of several types, bare nulls, and nullable arrays and maps, whose null-ness ClickHouse drops.
 *
 * Scalars of all but the required roles are Nullable whatever the contract says, so that a writer whose
 * schema lacks the field, or allows null in it, leaves a null and not a 0. An enum is stored as text, so that a new symbol is a finding and not a refused
 * insert; a uuid too, because a malformed one must not take its whole block down.
 */
export function columnType(field: Pick<Field, 'avro' | 'nullable' | 'role'>): string | undefined {
  // A long event time is in milliseconds: the column type says so.
  if (field.role === 'event-time' && field.avro === 'long') return "DateTime64(3, 'UTC')";
  const nullable = field.nullable || !REQUIRED_ROLES.includes(field.role);
  const type = baseType(field.avro);
  if (type === undefined || !nullable) return type;
  if (isScalar(field.avro)) return wrapNullable(type);
  return field.nullable ? undefined : type;
}

/** Roles whose column must hold a value in every row. */
export const REQUIRED_ROLES: readonly Role[] = ['id', 'event-time', 'label', 'prediction', 'version'];

function baseType(avro: string): string | undefined {
  const plain = SCALARS.get(avro);
  if (plain !== undefined) return plain;
  const [, decimal] = /^decimal\((\d+,\d+)\)$/.exec(avro) ?? [];
  if (decimal !== undefined) return `Decimal(${decimal.replace(',', ', ')})`;
  const [, size] = /^fixed\((\d+)\)$/.exec(avro) ?? [];
  if (size !== undefined) return size === '0' ? undefined : `FixedString(${size})`;
  const [, kind, inner] = /^(array|map)<(.+)>$/.exec(avro) ?? [];
  if (kind === undefined || inner === undefined) return undefined;
  const item = itemType(inner);
  if (item === undefined) return undefined;
  return kind === 'array' ? `Array(${item})` : `Map(String, ${item})`;
}

function itemType(avro: string): string | undefined {
  if (!avro.endsWith('?')) return baseType(avro);
  const type = baseType(avro.slice(0, -1));
  return type === undefined || !isScalar(avro) ? undefined : wrapNullable(type);
}

function isScalar(avro: string): boolean {
  return !avro.startsWith('array<') && !avro.startsWith('map<');
}

function wrapNullable(type: string): string {
  const [, inner] = /^LowCardinality\((.+)\)$/.exec(type) ?? [];
  return inner === undefined ? `Nullable(${type})` : `LowCardinality(Nullable(${inner}))`;
}

/** local-timestamp-* and time-* arrive in ClickHouse as the plain numbers they are. */
const SCALARS: ReadonlyMap<string, string> = new Map([
  ['boolean', 'Bool'],
  ['int', 'Int32'],
  ['long', 'Int64'],
  ['float', 'Float32'],
  ['double', 'Float64'],
  ['bytes', 'String'],
  ['string', 'String'],
  ['uuid', 'String'],
  ['enum', 'LowCardinality(String)'],
  ['date', 'Date32'],
  ['time-millis', 'Int32'],
  ['time-micros', 'Int64'],
  ['timestamp-millis', "DateTime64(3, 'UTC')"],
  ['timestamp-micros', "DateTime64(6, 'UTC')"],
  ['local-timestamp-millis', 'Int64'],
  ['local-timestamp-micros', 'Int64'],
]);
