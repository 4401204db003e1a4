import type { AvroField } from '../avro/definition.ts';

/**
 * Ways in which a writer's schema can differ from the contract. The first seven are TensorFlow Data
 * Validation's names for anomalies (tensorflow_metadata, anomalies.proto); the rest, about things that
 * only Avro knows, follow their style.
 */
export const SCHEMA_SKEW_CLASSES = [
  'SCHEMA_MISSING_COLUMN',
  'SCHEMA_NEW_COLUMN',
  'UNEXPECTED_DATA_TYPE',
  'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
  'FEATURE_TYPE_UNEXPECTED_REPEATED',
  'FEATURE_TYPE_NOT_PRESENT',
  'VALUE_NESTEDNESS_MISMATCH',
  'SCHEMA_NOT_A_RECORD',
  'SCHEMA_RESERVED_COLUMN',
  'FIELD_TYPE_PROMOTED',
  'FIELD_LOGICAL_TYPE_CHANGED',
  'FIELD_NULLABILITY_CHANGED',
  'FIELD_DEFAULT_CHANGED',
  'FIELD_UNIT_CHANGED',
] as const;
export type SchemaSkewClass = (typeof SCHEMA_SKEW_CLASSES)[number];

/** One difference between a writer's schema and the contract. */
export interface SchemaSkew {
  readonly class: SchemaSkewClass;
  /** Name of the field; empty where the difference is about the whole schema. */
  readonly field: string;
  /** Expected against received, as a sentence. */
  readonly detail: string;
  /** Whether this difference alone makes records of the schema unstorable. */
  readonly refuses: boolean;
  /** How the contract would have to change to agree with the writer, where a change can do that. */
  readonly edit?: ContractEdit;
}

/** A proposed change of one field of the contract's Avro schema: plain data, applied by nobody here. */
export interface ContractEdit {
  readonly action: 'add' | 'replace';
  readonly field: string;
  /** The Avro field as it would become, our attributes included. */
  readonly becomes: AvroField;
}
