import type { Role } from './access.ts';

/** Ceilings of one query. A client may ask for less, never for more. Zero means: no ceiling. */
export interface Limits {
  readonly max_memory_usage: number;
  readonly max_execution_time: number;
  readonly max_result_rows: number;
  readonly max_result_bytes: number;
}

/**
 * Readers are strangers: 30 s, 1 GiB, a million rows, 128 MiB. Writers are driftwatch: only memory is capped, because
 * the engine's default is no cap at all and one bad block count in an Avro file would take the machine down.
 */
export const LIMITS: Readonly<Record<Role, Limits>> = {
  reader: {
    max_memory_usage: 2 ** 30,
    max_execution_time: 30,
    max_result_rows: 1_000_000,
    max_result_bytes: 128 * 2 ** 20,
  },
  writer: { max_memory_usage: 4 * 2 ** 30, max_execution_time: 0, max_result_rows: 0, max_result_bytes: 0 },
};

/** Longest statement text, without INSERT data. */
export const MAX_STATEMENT_BYTES: Readonly<Record<Role, number>> = {
  reader: 256 * 1024,
  writer: 64 * 2 ** 20,
};

/** A reader's query is killed from outside after this long, should the engine not stop by itself. */
export const READER_KILL_MS = 32_000;

/** Every running query holds a thread of libuv's pool; these must be left for files, compression and KILL. */
export const SMALLEST_POOL = 16;

/** How many queries of each kind run at once; more wait in line. */
export function slots(pool: number): Readonly<Record<Role, number>> {
  const spare = 4;
  const writer = Math.floor((pool - spare) / 2);
  return { writer, reader: pool - spare - writer };
}

/** Readers beyond this many in line are told to come back. */
export const READERS_IN_LINE = 256;
