import { DriftwatchError } from '../../errors.ts';
import type { AvroDefinition } from './definition.ts';
import { FRAME_LENGTH } from './frame.ts';
import { stripAttributes, stripField } from './strip-attributes.ts';
import { varintLength, writeVarint } from './varint.ts';

/** One message of an insert: where it came from and its framed value, walked exactly before. */
export interface ContainerRow {
  readonly partition: number;
  readonly offset: number;
  /** Confluent framed: the body begins at byte 5. */
  readonly value: Uint8Array;
}

export interface ContainerWriter {
  /** An Avro object container file with all rows in one block. */
  build(rows: readonly ContainerRow[]): Uint8Array;
}

/** One insert must be one ClickHouse block: fewer rows than max_insert_block_size, and bounded bytes. */
export const MAX_CONTAINER_ROWS = 1_000_000;
export const MAX_CONTAINER_BYTES = 256 * 1024 * 1024;

/**
 * Prepares containers for one writer schema. Avro nesting adds no bytes, so the schema in the header is
 * the writer's with `_partition` (int), `_offset` and `_schema_id` (long) in front of its fields, and a
 * row is those three numbers followed by the payload as it came: nothing is decoded or encoded again.
 * ClickHouse matches columns by name and leaves out what the insert does not name.
 *
 * The same rows give the same bytes. Throws INVARIANT_BROKEN for a schema that is not a record and
 * for rows beyond one block; a payload of the wrong length would shift all rows behind it, which is
 * why only walked payloads of schemas that judgeWriterSchema accepts may come here.
 */
export function containerWriter(args: {
  readonly definition: AvroDefinition;
  readonly schemaId: number;
}): ContainerWriter {
  const header = headerBytes(flatSchema(args.definition));
  const idLength = varintLength(args.schemaId);
  return {
    build(rows) {
      let size = 0;
      for (const { partition, offset, value } of rows)
        size += varintLength(partition) + varintLength(offset) + idLength + value.length - FRAME_LENGTH;
      refuseBeyondBlock(rows.length, size);
      const blockHead = varintLength(rows.length) + varintLength(size);
      const file = new Uint8Array(header.length + blockHead + size + SYNC.length);
      file.set(header, 0);
      let at = writeVarint(file, header.length, rows.length);
      at = writeVarint(file, at, size);
      for (const { partition, offset, value } of rows) {
        at = writeVarint(file, at, partition);
        at = writeVarint(file, at, offset);
        at = writeVarint(file, at, args.schemaId);
        file.set(value.subarray(FRAME_LENGTH), at);
        at += value.length - FRAME_LENGTH;
      }
      file.set(SYNC, at);
      return file;
    },
  };
}

/** The writer's schema with our three fields in front. */
export function flatSchema(definition: AvroDefinition): AvroDefinition {
  if (typeof definition === 'object' && 'type' in definition && definition.type === 'record') {
    const { name, namespace, fields } = definition;
    return {
      type: 'record',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      fields: [
        { name: '_partition', type: 'int' },
        { name: '_offset', type: 'long' },
        { name: '_schema_id', type: 'long' },
        ...fields.map(stripField),
      ],
    };
  }
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `Rows of the schema ${JSON.stringify(stripAttributes(definition)).slice(0, 100)} cannot be stored: it is no record.`,
    next: 'Only schemas that judgeWriterSchema accepts are stored.',
  });
}

/** Sixteen bytes after the header and after each block; any constant does. */
const SYNC = new TextEncoder().encode('driftwatch-block');

function headerBytes(schema: AvroDefinition): Uint8Array {
  const entries = [
    ['avro.schema', JSON.stringify(schema)],
    ['avro.codec', 'null'],
  ].map(([key = '', value = '']) => [text(key), text(value)]);
  const parts = [new Uint8Array([0x4f, 0x62, 0x6a, 0x01]), varint(entries.length), ...entries.flat()];
  return concatenate([...parts, varint(0), SYNC]);
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return concatenate([varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes = new Uint8Array(varintLength(value));
  writeVarint(bytes, 0, value);
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function refuseBeyondBlock(rows: number, bytes: number): void {
  if (rows < MAX_CONTAINER_ROWS && bytes < MAX_CONTAINER_BYTES) return;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `An insert of ${rows} rows and ${bytes} bytes does not fit one block.`,
    next: `Insert fewer than ${MAX_CONTAINER_ROWS} rows and ${MAX_CONTAINER_BYTES} bytes at a time.`,
  });
}
