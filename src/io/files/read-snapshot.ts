import { readFile } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetRead } from 'hyparquet';
import { asNumber } from '../../core/contract/model-inputs.ts';
import type { Dataset } from '../../core/models/dataset.ts';

/** The rows of a snapshot: who, when, and the columns a model is trained on. */
export interface Examples {
  readonly ids: readonly string[];
  /** Milliseconds since 1970. */
  readonly eventTimesMs: Float64Array;
  /** Columns that were asked for and are not in the file: they read as missing values. */
  readonly absent?: readonly string[];
  /** Rows by a label that is none of the classes asked for: it reads as none. */
  readonly foreignLabels?: ReadonlyMap<string, number>;
  readonly dataset: Dataset;
}

/** Columns of a snapshot to read, by what they are for. */
export interface ExampleFields {
  readonly id: string;
  readonly eventTime: string;
  readonly label: string;
  readonly numeric: readonly string[];
  readonly categorical: readonly string[];
  /** Classes of a categorical label: it reads as the place of its class among them, NaN for any other text. */
  readonly classes?: readonly string[] | undefined;
}

/** Reads a Parquet snapshot. A column that is absent reads as missing values. Throws for another file. */
export async function readSnapshot(path: string, fields: ExampleFields): Promise<Examples> {
  const bytes = await readFile(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const wanted = [fields.id, fields.eventTime, fields.label, ...fields.numeric, ...fields.categorical];
  const { rows, columns, present } = await readColumns(file, new Set(wanted));
  const numbers = (name: string): Float64Array => {
    const values = columns.get(name) ?? [];
    return Float64Array.from({ length: rows }, (_, row) => asNumber(values[row]));
  };
  const texts = (name: string): (string | null)[] => {
    const values = columns.get(name) ?? [];
    return Array.from({ length: rows }, (_, row) => asText(values[row]));
  };
  const foreign = new Map<string, number>();
  const places = (name: string, classes: readonly string[]): Float64Array => {
    const place = new Map(classes.map((label, at) => [label, at]));
    return Float64Array.from(texts(name), (label) => {
      const at = label === null ? Number.NaN : place.get(label);
      if (label !== null && at === undefined) foreign.set(label, (foreign.get(label) ?? 0) + 1);
      return at ?? Number.NaN;
    });
  };
  return {
    ids: texts(fields.id).map(String),
    eventTimesMs: numbers(fields.eventTime),
    absent: wanted.filter((name) => !present.has(name)),
    foreignLabels: foreign,
    dataset: {
      rows,
      numeric: fields.numeric.map((name) => ({ name, values: numbers(name) })),
      categorical: fields.categorical.map((name) => ({ name, values: texts(name) })),
      label: fields.classes === undefined ? numbers(fields.label) : places(fields.label, fields.classes),
    },
  };
}

/** Column by column, which takes a quarter of the time of making an object per row. */
async function readColumns(
  file: ArrayBuffer,
  wanted: ReadonlySet<string>,
): Promise<{ rows: number; columns: Map<string, unknown[]>; present: ReadonlySet<string> }> {
  const metadata = parquetMetadata(file);
  const present = metadata.schema.map((column) => column.name).filter((name) => wanted.has(name));
  const columns = new Map<string, unknown[]>();
  await parquetRead({
    file,
    metadata,
    columns: present,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    onChunk({ columnName, columnData, rowStart }) {
      const column = columns.get(columnName) ?? [];
      columns.set(columnName, column);
      for (let at = 0; at < columnData.length; at += 1) column[rowStart + at] = columnData[at];
    },
  });
  return { rows: Number(metadata.num_rows), columns, present: new Set(present) };
}

function asText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
