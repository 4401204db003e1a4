import { DriftwatchError } from '../../errors.ts';
import type { AvroDefinition } from './definition.ts';
import { concatenate, encodeBytes, encodeLong, encodeString } from './encode.ts';
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
  const block = blockWriter(flatSchema(args.definition));
  const idLength = varintLength(args.schemaId);
  return {
    build(rows) {
      let size = 0;
      for (const { partition, offset, value } of rows)
        size += varintLength(partition) + varintLength(offset) + idLength + value.length - FRAME_LENGTH;
      return block(rows.length, size, (file, from) => {
        let at = from;
        for (const { partition, offset, value } of rows) {
          at = writeVarint(file, at, partition);
          at = writeVarint(file, at, offset);
          at = writeVarint(file, at, args.schemaId);
          file.set(value.subarray(FRAME_LENGTH), at);
          at += value.length - FRAME_LENGTH;
        }
      });
    },
  };
}

/**
 * Prepares containers for records of one schema that are encoded already; the same records give the same
 * bytes. Throws INVARIANT_BROKEN for records beyond one block.
 */
export function recordContainer(definition: AvroDefinition): (records: readonly Uint8Array[]) => Uint8Array {
  const block = blockWriter(definition);
  return (records) => {
    const body = concatenate(records);
    return block(records.length, body.length, (file, at) => file.set(body, at));
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

/**
 * Sixteen bytes after the header and after each block, for readers that start in the middle of a file. Nobody
 * does that with an insert, and a constant makes the bytes a function of the rows.
 */
const SYNC = new TextEncoder().encode('driftwatch-block');

/** A file of one block, because a block is what ClickHouse checks the marker of. */
function blockWriter(schema: AvroDefinition) {
  const header = concatenate([
    new Uint8Array([0x4f, 0x62, 0x6a, 0x01]),
    encodeLong(2),
    encodeString('avro.schema'),
    encodeString(JSON.stringify(schema)),
    encodeString('avro.codec'),
    encodeBytes(new TextEncoder().encode('null')),
    encodeLong(0),
    SYNC,
  ]);
  return (rows: number, size: number, fill: (file: Uint8Array, at: number) => void): Uint8Array => {
    refuseBeyondBlock(rows, size);
    const blockHead = varintLength(rows) + varintLength(size);
    const file = new Uint8Array(header.length + blockHead + size + SYNC.length);
    file.set(header, 0);
    fill(file, writeVarint(file, writeVarint(file, header.length, rows), size));
    file.set(SYNC, file.length - SYNC.length);
    return file;
  };
}

function refuseBeyondBlock(rows: number, bytes: number): void {
  if (rows < MAX_CONTAINER_ROWS && bytes < MAX_CONTAINER_BYTES) return;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `An insert of ${rows} rows and ${bytes} bytes does not fit one block.`,
    next: `Insert fewer than ${MAX_CONTAINER_ROWS} rows and ${MAX_CONTAINER_BYTES} bytes at a time.`,
  });
}
