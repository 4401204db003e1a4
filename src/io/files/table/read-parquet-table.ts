import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { DriftwatchError } from '../../../errors.ts';
import { collectColumns, type ReadTable, type TableFields } from './collect-columns.ts';

/** Reads the flat columns of a Parquet file, its lists and the maps asked for, one column chunk at a time; records are left out. */
export async function readParquetTable(path: string, args: TableFields = {}): Promise<ReadTable> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const rows = Number(metadata.num_rows);
  const [root, ...rest] = metadata.schema;
  const names = new Set<string>();
  const nested: { name: string; why: string }[] = [];
  for (let at = 0, top = 0; top < (root?.num_children ?? 0); top += 1) {
    const element = rest[at];
    if (element === undefined) throw new Error('the schema ends early');
    const wanted = args.columns === undefined || args.columns.includes(element.name);
    const size = subtree(rest, at);
    const isMap = args.maps?.includes(element.name) === true && size > 1;
    if (wanted && (isMap || isFlatOrList(rest.slice(at, at + size)))) names.add(element.name);
    else if (wanted) nested.push({ name: element.name, why: 'it is nested' });
    at += size;
  }
  const columns = collectColumns({ path });
  const filled = new Map<string, number>();
  const setters = new Map(
    [...names].map((name) => {
      const isMap = args.maps?.includes(name) === true;
      return [name, isMap ? columns.map(name) : columns.column(name)] as const;
    }),
  );
  if (rows > 0 && names.size > 0) {
    await parquetRead({
      file,
      metadata,
      columns: [...names],
      compressors: {
        GZIP: (input) => gunzipSync(input),
        BROTLI: (input) => brotliDecompressSync(input),
        ZSTD: (input) => zstdDecompressSync(input),
      },
      onChunk({ columnName, columnData, rowStart }) {
        const set = setters.get(columnName);
        for (let i = 0; i < columnData.length; i += 1) set?.(rowStart + i, columnData[i]);
        filled.set(columnName, (filled.get(columnName) ?? 0) + columnData.length);
      },
    });
  }
  for (const name of names) {
    if (rows > 0 && filled.get(name) !== rows) throw short(path, name, filled.get(name) ?? 0, rows);
  }
  const read = columns.finish(rows);
  return { table: read.table, leftOut: [...read.leftOut, ...nested] };
}

/** A column of values, or of lists of values: one leaf below at most one repeated group. */
function isFlatOrList(
  field: readonly {
    readonly num_children?: number | undefined;
    readonly repetition_type?: string | undefined;
  }[],
): boolean {
  const repeated = field.filter(({ repetition_type }) => repetition_type === 'REPEATED').length;
  if (field.length === 1) return true;
  return repeated === 1 && field.length <= 3 && field.every(({ num_children = 0 }) => num_children <= 1);
}

/** Elements that a field takes up in the flattened schema, itself included. */
function subtree(schema: readonly { readonly num_children?: number | undefined }[], at: number): number {
  let size = 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child += 1) size += subtree(schema, at + size);
  return size;
}

function short(path: string, name: string, found: number, rows: number): DriftwatchError {
  return new DriftwatchError({
    code: 'FILE_INVALID',
    message: `${path} promises ${rows} rows and its column ${name} has ${found}.`,
    next: 'The file may be cut short or damaged: write it again.',
  });
}
