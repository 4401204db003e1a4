import type { AvroDefinition, AvroRecord } from '../../src/core/avro/definition.ts';
import type { Walker } from '../../src/core/avro/walker.ts';
import { PREFIX_COLUMNS } from '../../src/core/contract/raw-table.ts';

/** A schema that messages of a topic name, and what became of the question whether they may use it. */
export interface WriterSchema {
  readonly schemaId: number;
  readonly accepted: boolean;
  /** How it differs from the contract; empty when it does not. */
  readonly findings: readonly Finding[];
  readonly definition: AvroDefinition;
  /** Undefined when nothing can be read with it. */
  readonly walker: Walker | undefined;
  /** Schema of the containers for ClickHouse: ours in front, the writer's fields behind. */
  readonly containerSchema: string;
  /** Columns that its containers fill, ours in front. */
  readonly columns: readonly string[];
}

/** A row of writer_schemas: SchemaSkew's class and field, or FOREIGN_SCHEMA about the schema as a whole. */
export interface Finding {
  readonly class: string;
  readonly field: string;
  readonly detail: string;
}

/** The writer's schema with our three fields in front; undefined when it has fields of their names, or none. */
export function containerSchema(definition: AvroDefinition): string | undefined {
  if (!isRecord(definition)) return undefined;
  const ours: readonly string[] = PREFIX_COLUMNS;
  if (definition.fields.some((field) => ours.includes(field.name))) return undefined;
  return JSON.stringify({ ...definition, fields: [...PREFIX_FIELDS, ...definition.fields] });
}

const PREFIX_FIELDS = [
  { name: '_partition', type: 'int' },
  { name: '_offset', type: 'long' },
  { name: '_schema_id', type: 'long' },
] as const satisfies readonly { name: (typeof PREFIX_COLUMNS)[number]; type: string }[];

function isRecord(definition: AvroDefinition): definition is AvroRecord {
  return typeof definition === 'object' && 'type' in definition && definition.type === 'record';
}
