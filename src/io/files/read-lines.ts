import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { DriftwatchError } from '../../errors.ts';

/**
 * Lines of a text file, one after the other, so that a large file is never in memory whole. A name that
 * ends in `.gz` is unpacked on the way. Empty lines are left out.
 *
 * @throws FILE_UNREADABLE when the file is missing, not readable or not really gzip.
 */
export async function* readLines(path: string): AsyncGenerator<{ line: string; number: number }> {
  const file = createReadStream(path);
  const bytes = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // pipe() does not carry errors on; without this a missing file would end the process.
  file.on('error', (error) => bytes.destroy(error));
  let number = 0;
  try {
    for await (const line of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (line !== '') yield { line, number };
    }
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    file.destroy();
  }
}

function unreadable(path: string, cause: unknown): DriftwatchError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DriftwatchError({
    code: 'FILE_UNREADABLE',
    message: `Could not read ${path}: ${why}.`,
    next: 'Check the path, the permissions and, for a name ending in .gz, that the file is gzip.',
    cause,
  });
}
