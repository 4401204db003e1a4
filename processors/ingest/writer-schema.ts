import { type ContainerWriter, containerWriter } from '../../src/core/avro/container.ts';
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
  /** Makes its containers for ClickHouse; undefined when the contract refuses it. */
  readonly container: ContainerWriter | undefined;
  /** Columns that its containers fill, ours in front. */
  readonly columns: readonly string[];
}

/** A row of writer_schemas: SchemaSkew's class and field, or FOREIGN_SCHEMA about the schema as a whole. */
export interface Finding {
  readonly class: string;
  readonly field: string;
  readonly detail: string;
}

/** Undefined when the schema has fields of our names, or none. */
export function containerOf(definition: AvroDefinition, schemaId: number): ContainerWriter | undefined {
  if (!isRecord(definition)) return undefined;
  const ours: readonly string[] = PREFIX_COLUMNS;
  if (definition.fields.some((field) => ours.includes(field.name))) return undefined;
  return containerWriter({ definition, schemaId });
}

function isRecord(definition: AvroDefinition): definition is AvroRecord {
  return typeof definition === 'object' && 'type' in definition && definition.type === 'record';
}
