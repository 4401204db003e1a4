import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExampleFields, type Examples, readSnapshot } from './read-snapshot.ts';

/** Rows of a Parquet answer of ClickHouse, read as a snapshot is. The file lives only while it is read. */
export async function readServedRows(body: Uint8Array, fields: ExampleFields): Promise<Examples> {
  const directory = await mkdtemp(join(tmpdir(), 'driftwatch-rows-'));
  try {
    const path = join(directory, 'rows.parquet');
    await writeFile(path, body);
    return await readSnapshot(path, fields);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
