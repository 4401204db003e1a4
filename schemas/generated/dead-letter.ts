// Generated from schemas/avro/dead-letter.avsc by `npm run generate`. Change the schema, not this file.
import type { AvroDefinition } from '../../src/core/avro/definition.ts';
import {
  readBytes,
  readOptionalBytes,
  readOptionalWhole,
  readText,
  readWhole,
} from '../../src/core/avro/read-value.ts';

/** A message that was not stored as a row. */
export interface DeadLetter {
  /** Where it came from. */
  readonly topic: string;
  /** Partition. */
  readonly partition: number;
  /** Offset. */
  readonly offset: number;
  /** Writer schema id, where one could be read. */
  readonly schema_id: number | null;
  /** One of a closed list. */
  readonly reason: string;
  /** The exact field or byte. */
  readonly detail: string;
  /** Message key. */
  readonly key: Uint8Array | null;
  /** Message value, raw bytes. */
  readonly payload: Uint8Array;
  /** Broker append time (milliseconds since 1970). */
  readonly appended_at: number;
}

/** The Avro schema of DeadLetter, as it is registered. */
export const DEAD_LETTER_DEFINITION = {
  type: 'record',
  name: 'DeadLetter',
  namespace: 'driftwatch',
  doc: 'A message that was not stored as a row.',
  fields: [
    {
      name: 'topic',
      type: 'string',
      doc: 'Where it came from',
    },
    {
      name: 'partition',
      type: 'int',
      doc: 'Partition',
    },
    {
      name: 'offset',
      type: 'long',
      doc: 'Offset',
    },
    {
      name: 'schema_id',
      type: ['null', 'long'],
      doc: 'Writer schema id, where one could be read',
      default: null,
    },
    {
      name: 'reason',
      type: 'string',
      doc: 'One of a closed list',
    },
    {
      name: 'detail',
      type: 'string',
      doc: 'The exact field or byte',
    },
    {
      name: 'key',
      type: ['null', 'bytes'],
      doc: 'Message key',
      default: null,
    },
    {
      name: 'payload',
      type: 'bytes',
      doc: 'Message value, raw bytes',
    },
    {
      name: 'appended_at',
      type: {
        type: 'long',
        logicalType: 'timestamp-millis',
      },
      doc: 'Broker append time',
    },
  ],
} as const satisfies AvroDefinition;

/** Checks the types of a decoded record. Throws RECORD_INVALID naming the field that does not fit. */
export function decodeDeadLetter(value: Readonly<Record<string, unknown>>): DeadLetter {
  return {
    topic: readText(value, 'topic'),
    partition: readWhole(value, 'partition'),
    offset: readWhole(value, 'offset'),
    schema_id: readOptionalWhole(value, 'schema_id'),
    reason: readText(value, 'reason'),
    detail: readText(value, 'detail'),
    key: readOptionalBytes(value, 'key'),
    payload: readBytes(value, 'payload'),
    appended_at: readWhole(value, 'appended_at'),
  };
}
