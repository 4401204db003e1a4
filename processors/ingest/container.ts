import { FRAME_LENGTH } from '../../src/core/avro/frame.ts';
import { longLength, writeLong } from './avro-bytes.ts';
import { buildContainer } from './avro-container.ts';
import type { Row } from './classify.ts';
import type { WriterSchema } from './writer-schema.ts';

/**
 * An Avro container of rows that one writer schema wrote, payloads byte for byte as they came. Avro's
 * nesting adds no bytes, so the container's schema is flat: partition, offset and schema id in front, the
 * writer's fields behind them, and a row is three numbers followed by the payload. One block, because a
 * block is what ClickHouse checks the sync marker of.
 */
export function rowContainer(args: {
  rows: readonly Row[];
  partition: number;
  schema: WriterSchema;
}): Buffer {
  const { rows, partition, schema } = args;
  const constants = longLength(partition) + longLength(schema.schemaId);
  let size = 0;
  for (const row of rows) size += constants + longLength(row.offset) + row.value.length - FRAME_LENGTH;
  const body = Buffer.allocUnsafe(size);
  let at = 0;
  for (const row of rows) {
    at = writeLong(body, at, partition);
    at = writeLong(body, at, row.offset);
    at = writeLong(body, at, schema.schemaId);
    at += row.value.copy(body, at, FRAME_LENGTH);
  }
  return buildContainer({ schema: schema.containerSchema, rows: rows.length, body });
}
