import { open } from 'node:fs/promises';
import { DriftwatchError } from '../../../errors.ts';
import type { ReadTable, TableFields } from './collect-columns.ts';
import { readAvroTable } from './read-avro-table.ts';
import { readCsvTable } from './read-csv-table.ts';
import { readParquetTable } from './read-parquet-table.ts';

/**
 * Reads a table from Parquet, an Avro object container, or CSV (RFC 4180, also gzip). Parquet and Avro are told by
 * their first bytes, whatever the name says; everything else is CSV and must be text.
 *
 * @throws FILE_UNREADABLE when the file cannot be opened or ends too early, FILE_INVALID when its content is wrong.
 */
export async function readTable(path: string, args: TableFields = {}): Promise<ReadTable> {
  const start = await firstBytes(path);
  if (start.length === 0) {
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message: `${path} is empty.`,
      next: 'Give a Parquet file, an Avro object container, or CSV with a header line.',
    });
  }
  const magic = start.toString('latin1');
  const read = magic.startsWith('PAR1')
    ? readParquetTable
    : magic.startsWith('Obj\u0001')
      ? readAvroTable
      : readCsvTable;
  try {
    return await read(path, args);
  } catch (cause) {
    if (cause instanceof DriftwatchError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message: `${path} cannot be read as ${NAMES.get(read) ?? 'a table'}: ${why.replace(/\.$/, '')}.`,
      next: 'The file may be cut short or damaged: write it again.',
      cause,
    });
  }
}

const NAMES = new Map<typeof readCsvTable, string>([
  [readParquetTable, 'Parquet'],
  [readAvroTable, 'an Avro object container'],
  [readCsvTable, 'CSV'],
]);

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new DriftwatchError({
      code: 'FILE_UNREADABLE',
      message: `Could not open ${path}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      next: 'Check the path and the permissions.',
      cause,
    });
  }
}
