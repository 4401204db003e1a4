import type { AvroDefinition } from '../avro/definition.ts';
import { type FieldNode, resolveDefinition, withoutNull } from '../avro/resolve.ts';
import { typeText } from '../avro/type-text.ts';
import { columnType, REQUIRED_ROLES } from './column-type.ts';
import { compareTypes } from './compare-types.ts';
import type { Contract, Field } from './contract.ts';
import {
  editToAdd,
  editToDefault,
  editToDomain,
  editToOptional,
  editToType,
  editToUnit,
} from './contract-edit.ts';
import { PREFIX_COLUMNS } from './raw-table.ts';
import type { SchemaSkew } from './schema-skew.ts';

export interface Judgement {
  /** Whether records written with this schema can be stored under the contract. */
  readonly accepted: boolean;
  /**
   * Contract columns that the records fill, in the contract's order; empty when not accepted. An insert
   * names PREFIX_COLUMNS and these; columns it does not name take their default, mostly null.
   */
  readonly columns: readonly string[];
  readonly findings: readonly SchemaSkew[];
}

/**
 * Compares a schema that records were written with against the contract of their stream.
 *
 * Accepted means: every required field (id, event time, label, prediction, version) is there and never
 * null, and every field that is there can be stored without being misread (compareTypes). A field of
 * another role may be missing: its column stays null, or takes the contract's default. Fields the
 * contract does not have are not stored. Names are case sensitive. Every difference is a finding,
 * accepted or not, with the contract edit that would end it where there is one.
 *
 * It judges schemas alone. What values do within them (ranges, domains, presence) is not seen here.
 */
export function judgeWriterSchema(contract: Contract, definition: AvroDefinition): Judgement {
  const root = resolveDefinition(definition);
  if (root.kind !== 'record') {
    const detail = `Expected a record, received ${typeText(root)}.`;
    return {
      accepted: false,
      columns: [],
      findings: [{ class: 'SCHEMA_NOT_A_RECORD', field: '', detail, refuses: true }],
    };
  }
  const writers = new Map(root.fields.map((field) => [field.name, field]));
  const known = new Set(contract.fields.map(({ name }) => name));
  const judged = contract.fields.map((field) => judgeField(field, writers));
  const findings = [
    ...judged.flatMap((one) => one.findings),
    ...root.fields.filter(({ name }) => !known.has(name)).map(newField),
  ];
  const accepted = !findings.some(({ refuses }) => refuses);
  return { accepted, columns: accepted ? judged.flatMap(({ column }) => column) : [], findings };
}

interface JudgedField {
  readonly column: readonly string[];
  readonly findings: readonly SchemaSkew[];
}

function judgeField(field: Field, writers: ReadonlyMap<string, FieldNode>): JudgedField {
  const writer = writers.get(field.name);
  if (writer === undefined) return { column: [], findings: [missing(field, writers)] };
  const { node, nullable } = withoutNull(writer.node);
  if (node.kind === 'null') return { column: [], findings: [alwaysNull(field)] };
  const stored = columnType(field) !== undefined;
  const findings = [
    ...judgeType(field, writer, stored),
    ...(nullable === field.nullable ? [] : [nullability(field, writer, nullable)]),
    ...judgeSymbols(field, writer),
    ...judgeDefault(field, writer),
    ...judgeUnit(field, writer),
  ];
  return { column: stored ? [field.name] : [], findings };
}

function missing(field: Field, writers: ReadonlyMap<string, FieldNode>): SchemaSkew {
  const near = [...writers.keys()].find((name) => name.toLowerCase() === field.name.toLowerCase());
  const hint = near === undefined ? '' : ` It has "${near}": names are case sensitive.`;
  const detail = `Expected ${field.role} "${field.name}" (${field.avro}), received a schema without it.${hint}`;
  return { class: 'SCHEMA_MISSING_COLUMN', field: field.name, detail, ...absence(field) };
}

function alwaysNull(field: Field): SchemaSkew {
  const detail = `Expected ${field.role} "${field.name}" as ${field.avro}, received a field that is always null.`;
  return { class: 'FEATURE_TYPE_NOT_PRESENT', field: field.name, detail, ...absence(field) };
}

function absence(field: Field): Pick<SchemaSkew, 'refuses' | 'edit'> {
  if (REQUIRED_ROLES.includes(field.role)) return { refuses: true };
  return { refuses: false, ...(field.nullable && field.presence === undefined ? {} : editToOptional(field)) };
}

function judgeType(field: Field, writer: FieldNode, stored: boolean): readonly SchemaSkew[] {
  const type = typeText(withoutNull(writer.node).node);
  const result = compareTypes(field.avro, type);
  if (result.fit === 'same') return [];
  return [
    {
      class: result.class,
      field: field.name,
      detail: `Expected "${field.name}" as ${field.avro}, received ${type}.`,
      refuses: stored && result.fit === 'refused',
      ...editToType(field, writer.field),
    },
  ];
}

function nullability(field: Field, writer: FieldNode, nullable: boolean): SchemaSkew {
  const required = REQUIRED_ROLES.includes(field.role);
  return {
    class: 'FIELD_NULLABILITY_CHANGED',
    field: field.name,
    detail: nullable
      ? `Expected "${field.name}" never null, received a nullable field.`
      : `Expected "${field.name}" nullable, received a field that is never null.`,
    refuses: nullable && (required || !columnTakesNull(field)),
    ...(required ? {} : editToType(field, writer.field)),
  };
}

/** Arrays and maps are never Nullable in ClickHouse; a field without a column cannot be misread. */
function columnTakesNull(field: Field): boolean {
  const type = columnType(field);
  return type === undefined || /^(LowCardinality\()?Nullable\(/.test(type);
}

function judgeSymbols(field: Field, { node: full }: FieldNode): readonly SchemaSkew[] {
  const { node } = withoutNull(full);
  const { domain } = field;
  if (node.kind !== 'enum' || domain === undefined) return [];
  const foreign = node.symbols.filter((symbol) => !domain.includes(symbol));
  if (foreign.length === 0) return [];
  return [
    {
      class: 'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
      field: field.name,
      detail: `Expected "${field.name}" in the domain ${list(domain)}, received an enum that adds ${list(foreign)}.`,
      refuses: false,
      ...editToDomain(field, foreign),
    },
  ];
}

function judgeDefault(field: Field, writer: FieldNode): readonly SchemaSkew[] {
  const expected = JSON.stringify(field.registered?.default);
  const received = JSON.stringify(writer.field.default);
  // A contract made by hand has no default to compare; a null branch brings its own null.
  if (field.registered === undefined || expected === received || writer.field.default === undefined)
    return [];
  if (withoutNull(writer.node).nullable !== field.nullable) return [];
  return [
    {
      class: 'FIELD_DEFAULT_CHANGED',
      field: field.name,
      detail: `Expected "${field.name}" with the default ${expected ?? 'none'}, received ${received}.`,
      refuses: false,
      ...editToDefault(field, writer.field),
    },
  ];
}

function judgeUnit(field: Field, writer: FieldNode): readonly SchemaSkew[] {
  const unit = writer.field['unit'];
  if (typeof unit !== 'string' || unit === field.unit) return [];
  return [
    {
      class: 'FIELD_UNIT_CHANGED',
      field: field.name,
      detail: `Expected "${field.name}" in ${field.unit ?? 'no unit'}, received ${unit}.`,
      refuses: false,
      ...editToUnit(field, unit),
    },
  ];
}

function newField(writer: FieldNode): SchemaSkew {
  const { name } = writer;
  const reserved: readonly string[] = PREFIX_COLUMNS;
  if (reserved.includes(name)) {
    const detail = `The name "${name}" is reserved for driftwatch; the records cannot be stored beside it.`;
    return { class: 'SCHEMA_RESERVED_COLUMN', field: name, detail, refuses: true };
  }
  const detail = `Expected no field "${name}", received one of type ${typeText(withoutNull(writer.node).node)}; it is not stored.`;
  return { class: 'SCHEMA_NEW_COLUMN', field: name, detail, refuses: false, ...editToAdd(writer) };
}

function list(values: readonly string[]): string {
  return values.length <= 10
    ? values.join(', ')
    : `${values.slice(0, 10).join(', ')} and ${values.length - 10} more`;
}
