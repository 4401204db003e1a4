import type { AvroDefinition, AvroField, AvroRecord } from '../../src/core/avro/definition.ts';
import { DriftwatchError } from '../../src/errors.ts';
import { formatted } from './formatted.ts';

/** TypeScript module of one record: its interface, its Avro definition, and a decoder from plain data. */
export function recordModule(args: { readonly file: string; readonly record: AvroRecord }): string {
  const { file, record } = args;
  const fields = record.fields.map((field) => ({ field, ...shapeOf(field, record.name) }));
  const constant = `${snakeCase(record.name)}_DEFINITION`;
  const readers = [...new Set(fields.map(({ reader }) => reader))].toSorted();
  return [
    `// Generated from schemas/avro/${file} by \`npm run generate\`. Change the schema, not this file.`,
    "import type { AvroDefinition } from '../../src/core/avro/definition.ts';",
    ...importLines(readers, '../../src/core/avro/read-value.ts'),
    '',
    ...docComment('', String(record['doc'] ?? record.name)),
    `export interface ${record.name} {`,
    ...fields.flatMap(({ field, type }) => [
      ...docComment('  ', `${field.doc ?? field.name}${timeNote(field)}.`.replace(/\.\.$/, '.')),
      `  readonly ${field.name}: ${type};`,
    ]),
    '}',
    '',
    `/** The Avro schema of ${record.name}, as it is registered. */`,
    `export const ${constant} = ${formatted(record, 'typescript')} as const satisfies AvroDefinition;`,
    '',
    `/** Checks the types of a decoded record. Throws RECORD_INVALID naming the field that does not fit. */`,
    `export function decode${record.name}(value: Readonly<Record<string, unknown>>): ${record.name} {`,
    '  return {',
    ...fields.map(({ field, reader }) => `    ${field.name}: ${reader}(value, '${field.name}'),`),
    '  };',
    '}',
    '',
  ].join('\n');
}

interface Shape {
  readonly type: string;
  /** Function of src/core/avro/read-value.ts. */
  readonly reader: string;
}

const SCALARS: Readonly<Record<string, { readonly type: string; readonly reader: string }>> = {
  string: { type: 'string', reader: 'Text' },
  boolean: { type: 'boolean', reader: 'Truth' },
  int: { type: 'number', reader: 'Whole' },
  long: { type: 'number', reader: 'Whole' },
  float: { type: 'number', reader: 'Number' },
  double: { type: 'number', reader: 'Number' },
  bytes: { type: 'Uint8Array', reader: 'Bytes' },
};

/** The types that records of ours use; another one is added here when a schema needs it. */
function shapeOf(field: AvroField, record: string): Shape {
  const { nullable, type } = split(field.type);
  const items = itemsOf(type);
  const scalar = SCALARS[plainName(items ?? type)];
  if (scalar === undefined || (nullable && items !== undefined)) {
    throw new DriftwatchError({
      code: 'CONTRACT_INVALID',
      message: `Field "${field.name}" of ${record} has a type that the generator does not know.`,
      next: 'Use a scalar, a nullable scalar or a list of scalars, or teach schemas/generator/record-module.ts the type.',
    });
  }
  if (items !== undefined) return { type: `readonly ${scalar.type}[]`, reader: `read${scalar.reader}List` };
  return nullable
    ? { type: `${scalar.type} | null`, reader: `readOptional${scalar.reader}` }
    : { type: scalar.type, reader: `read${scalar.reader}` };
}

function split(type: AvroDefinition): { readonly nullable: boolean; readonly type: AvroDefinition } {
  if (!isUnion(type)) return { nullable: false, type };
  const [other, ...more] = type.filter((branch) => branch !== 'null');
  return more.length > 0 || other === undefined ? { nullable: false, type } : { nullable: true, type: other };
}

function itemsOf(type: AvroDefinition): AvroDefinition | undefined {
  return typeof type === 'object' && 'type' in type && type.type === 'array' ? type.items : undefined;
}

function plainName(type: AvroDefinition): string {
  if (typeof type === 'string') return type;
  return isUnion(type) ? 'union' : type.type;
}

function timeNote(field: AvroField): string {
  return JSON.stringify(field.type).includes('timestamp-millis') ? ' (milliseconds since 1970)' : '';
}

function importLines(names: readonly string[], from: string): readonly string[] {
  const line = `import { ${names.join(', ')} } from '${from}';`;
  if (line.length <= 110) return [line];
  return ['import {', ...names.map((name) => `  ${name},`), `} from '${from}';`];
}

function docComment(indent: string, text: string): readonly string[] {
  return [`${indent}/** ${text.replaceAll('*/', '* /')} */`];
}

function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

function isUnion(type: AvroDefinition): type is readonly AvroDefinition[] {
  return Array.isArray(type);
}
