import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DriftwatchError } from '../../../src/errors.ts';
import { SMALLEST_POOL } from './limits.ts';

/** What the process is started with. */
export interface Options {
  port: number;
  directory: string;
  temporary: string;
  database: string;
  password: string;
  /** Bytes that all queries together may use. */
  memory: number;
}

/** Reads the command line; throws CONFIG_INVALID with what is missing. */
export function readOptions(argv: readonly string[]): Options {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: option,
      directory: option,
      temporary: option,
      database: option,
      'password-file': option,
      'memory-bytes': option,
    },
  });
  const port = Number(values.port);
  const { directory, temporary } = values;
  const file = values['password-file'];
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid('--port must be a port number.');
  if (directory === undefined || temporary === undefined || file === undefined) {
    throw invalid('--directory, --temporary and --password-file must be given.');
  }
  const database = values.database ?? 'driftwatch';
  if (!/^\w+$/.test(database)) throw invalid('--database must be a plain name.');
  const password = readFileSync(file, 'utf8').trim();
  if (password.length < 16) throw invalid(`The password in ${file} must have 16 characters or more.`);
  const paths = { directory: resolve(directory), temporary: resolve(temporary) };
  if (/['\\]/.test(paths.temporary))
    throw invalid('--temporary must be a path without quotes and backslashes.');
  const memory = Number(values['memory-bytes'] ?? Math.floor(machineMemory() / 2));
  if (!Number.isInteger(memory) || memory < 2 ** 28)
    throw invalid('--memory-bytes must be 268435456 or more.');
  return { port, ...paths, database, password, memory };
}

/** What the machine has, or what its container may use. */
function machineMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

/** The pool is fixed before Node starts, and with its usual four threads a fifth query waits for the first. */
export function poolSize(text: string | undefined): number {
  const size = Number(text ?? Number.NaN);
  if (Number.isInteger(size) && size >= SMALLEST_POOL) return size;
  throw invalid(
    `UV_THREADPOOL_SIZE must be ${SMALLEST_POOL} or more in the environment before this process starts, not ${text ?? 'unset'}.`,
  );
}

function invalid(message: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message,
    next: 'driftwatch stack starts it with the right options.',
  });
}
