import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DriftwatchError, sentence } from '../../errors.ts';
import { syncDirectory } from './durable.ts';

/** What a long computation has found so far, one JSON object per line, so that it survives its process. */
export interface Journal {
  /** Entries of earlier runs, in the order they were written. */
  readonly entries: readonly unknown[];
  /** Resolves when the entry is on the disk. Entries are written one after the other. */
  append(entry: unknown): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the journal of the computation that `header` describes, or begins it. A last line that was not
 * finished, because the process died in the middle of it, is cut off.
 *
 * @throws FILE_INVALID when the file belongs to another computation or is damaged before its last line.
 */
export async function openJournal(args: { path: string; header: unknown }): Promise<Journal> {
  const { path } = args;
  const header = JSON.stringify(args.header);
  await mkdir(dirname(path), { recursive: true });
  const text = await readFile(path, 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole));
  const [first, ...rest] = whole.split('\n').slice(0, -1);
  if (first !== undefined && first !== header) throw invalid(path, 'it belongs to another search');
  const entries = rest.map((line) => parse(path, line));
  const file = await open(path, 'a');
  let last: Promise<void> = Promise.resolve();
  const write = (line: string): Promise<void> => {
    last = last.then(async () => {
      await file.appendFile(`${line}\n`);
      await file.datasync();
    });
    return last;
  };
  if (first === undefined) {
    await write(header);
    await syncDirectory(dirname(path));
  }
  return {
    entries,
    append: (entry) => write(JSON.stringify(entry)),
    async close() {
      await last.catch(() => undefined);
      await file.close();
    },
  };
}

function parse(path: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid(path, sentence(cause));
  }
}

function invalid(path: string, why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'FILE_INVALID',
    message: `${path} cannot be gone on from: ${why}.`,
    next: 'Begin again with --fresh, or move the file away.',
  });
}
