import { readFile } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { asNumber } from '../../core/contract/model-inputs.ts';
import type { Dataset } from '../../core/models/dataset.ts';

/** The rows of a snapshot: who, when, and the columns a model is trained on. */
export interface Examples {
  readonly ids: readonly string[];
  /** Milliseconds since 1970. */
  readonly eventTimesMs: Float64Array;
  readonly dataset: Dataset;
}

/** Columns of a snapshot to read, by what they are for. */
export interface ExampleFields {
  readonly id: string;
  readonly eventTime: string;
  readonly label: string;
  readonly numeric: readonly string[];
  readonly categorical: readonly string[];
}

/** Reads a Parquet snapshot. A column that is absent reads as missing values. Throws for another file. */
export async function readSnapshot(path: string, fields: ExampleFields): Promise<Examples> {
  const bytes = await readFile(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows: Record<string, unknown>[] = await parquetReadObjects({
    file,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  });
  const numbers = (name: string): Float64Array => Float64Array.from(rows, (row) => asNumber(row[name]));
  return {
    ids: rows.map((row) => String(row[fields.id])),
    eventTimesMs: numbers(fields.eventTime),
    dataset: {
      rows: rows.length,
      numeric: fields.numeric.map((name) => ({ name, values: numbers(name) })),
      categorical: fields.categorical.map((name) => ({ name, values: rows.map((row) => asText(row[name])) })),
      label: numbers(fields.label),
    },
  };
}

function asText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
