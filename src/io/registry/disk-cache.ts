import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AvroDefinition, parseDefinition } from '../../core/avro/definition.ts';

/**
 * Schemas by id in files. It is asked only while the registry does not answer: ids mean nothing outside
 * the registry that gave them, and a registry that was set up anew gives them again.
 */
export interface DiskCache {
  read(id: number): Promise<AvroDefinition | undefined>;
  /** Failures to write are left alone: the file is a convenience. */
  write(id: number, definition: AvroDefinition): Promise<void>;
}

export function diskCache(directory: string | undefined): DiskCache {
  if (directory === undefined) return { read: async () => undefined, write: async () => undefined };
  return {
    async read(id) {
      try {
        const decoded = parseDefinition(await readFile(fileOf(directory, id), 'utf8'));
        return decoded.status === 'ok' ? decoded.definition : undefined;
      } catch {
        return undefined;
      }
    },
    async write(id, definition) {
      const file = fileOf(directory, id);
      const temporary = `${file}.${process.pid}.tmp`;
      try {
        await mkdir(directory, { recursive: true });
        await writeFile(temporary, JSON.stringify(definition));
        await rename(temporary, file);
      } catch {
        // Without the file, a restart during an outage of the registry knows one schema less.
      }
    },
  };
}

function fileOf(directory: string, id: number): string {
  return join(directory, `schema-${id}.json`);
}
