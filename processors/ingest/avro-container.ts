import { bytesOf, longBytes, stringBytes } from './avro-bytes.ts';

/**
 * An Avro object container file of one block. The sync marker is a constant: it separates blocks for readers
 * that start in the middle of a file, which nobody does with an insert, and a constant makes the bytes a
 * function of the rows.
 */
export function buildContainer(args: { schema: string; rows: number; body: Uint8Array }): Buffer {
  const { schema, rows, body } = args;
  return Buffer.concat([
    MAGIC,
    longBytes(2),
    stringBytes('avro.schema'),
    bytesOf(Buffer.from(schema, 'utf8')),
    stringBytes('avro.codec'),
    bytesOf(Buffer.from('null')),
    longBytes(0),
    SYNC,
    longBytes(rows),
    longBytes(body.length),
    body,
    SYNC,
  ]);
}

const MAGIC = Buffer.from([0x4f, 0x62, 0x6a, 0x01]);
const SYNC = Buffer.from('driftwatch-block', 'latin1');
