import { PRODUCER_VERSION } from '../../src/core/contract/producer-version.ts';
import { storageMonth } from '../../src/core/contract/storage-month.ts';
import { clampEventTime } from '../../src/core/windows/watermark.ts';
import type { Message } from '../../src/io/kafka/port.ts';
import type { DeadLetter } from '../../src/runtime/processor.ts';
import { classify, type Row, type SchemaVerdict, schemaIdOf } from './classify.ts';
import { holds, type Island } from './islands.ts';

/** What is to be done with a batch, before anything is done. Plain data. */
export interface Plan {
  /** Each is one INSERT: one writer schema, one ClickHouse partition, within the bounds of one block. */
  readonly inserts: readonly Insert[];
  readonly deadLetters: readonly Letter[];
  readonly tombstones: readonly Message[];
  /** Rows in all, those that are stored already included. */
  readonly rows: number;
  readonly letters: number;
  readonly stones: number;
  /** Starts of the hours of event time that have rows, ascending. */
  readonly hours: readonly number[];
  /** Largest clamped event time, the one before the batch included. */
  readonly maxEventTimeMs: number | undefined;
  /** Where each writer schema turned up first in the batch. */
  readonly sightings: readonly Sighting[];
  /** Where each version of a producer did, as far as messages name one. */
  readonly producers: readonly ProducerSighting[];
}

export interface Insert {
  readonly schemaId: number;
  readonly month: number;
  readonly rows: readonly Row[];
}

export interface Letter extends DeadLetter {
  readonly message: Message;
}

export interface Sighting {
  readonly schemaId: number;
  readonly offset: number;
  /** The message itself, to read an event time from where its schema was refused. */
  readonly message: Message;
  /** Of the row; undefined where the message is none. */
  readonly eventTimeMs: number | undefined;
  /** Largest clamped event time of the rows before it. */
  readonly streamTimeMs: number | undefined;
}

export interface ProducerSighting {
  readonly version: string;
  readonly offset: number;
  /** Event time of the row; of what is none, stream time. */
  readonly atMs: number;
}

/** One block of ClickHouse: below 1,000,000 rows and 256 MiB, with room for the prefix. */
export const MAX_INSERT_ROWS = 500_000;
export const MAX_INSERT_BYTES = 128 * 1024 * 1024;

/**
 * Plans a batch of one partition. Offsets in `stored` are accounted for already, from before a crash or a
 * doubtful insert: they are classified like the others, because the panes must hear of them, and not
 * written again.
 */
export function planBatch(args: {
  messages: readonly Message[];
  verdicts: ReadonlyMap<number, SchemaVerdict>;
  stored: readonly Island[];
  maxEventTimeMs: number | undefined;
  maxFutureMs: number;
}): Plan {
  const { messages, verdicts, stored, maxFutureMs } = args;
  const groups = new Map<string, { schemaId: number; month: number; rows: Row[] }>();
  const deadLetters: Letter[] = [];
  const tombstones: Message[] = [];
  const hours = new Set<number>();
  const sightings = new Map<number, Sighting>();
  const producers = new Map<string, ProducerSighting>();
  let maxEventTimeMs = args.maxEventTimeMs;
  let rows = 0;
  let letters = 0;
  let stones = 0;
  for (const message of messages) {
    const known = holds(stored, message.offset);
    const result = classify(message, verdicts);
    if (result.outcome === 'drop') {
      stones += 1;
      if (!known) tombstones.push(message);
      continue;
    }
    const row = result.outcome === 'forward' ? result.record : undefined;
    const schemaId = row === undefined ? schemaIdOf(message) : row.schemaId;
    if (schemaId !== undefined && !sightings.has(schemaId)) {
      sightings.set(schemaId, {
        schemaId,
        offset: message.offset,
        message,
        eventTimeMs: row?.eventTimeMs,
        streamTimeMs: maxEventTimeMs,
      });
    }
    const version = message.headers[PRODUCER_VERSION]?.slice(0, LONGEST_VERSION) ?? '';
    if (version !== '' && !producers.has(version)) {
      const atMs = row?.eventTimeMs ?? maxEventTimeMs ?? message.timestampMs;
      producers.set(version, { version, offset: message.offset, atMs });
    }
    if (result.outcome === 'dead-letter') {
      letters += 1;
      if (!known) deadLetters.push({ ...result, message });
      continue;
    }
    const { record } = result;
    rows += 1;
    hours.add(Math.floor(record.eventTimeMs / HOUR_MS) * HOUR_MS);
    // Not before 1970 either, where the ledger's column has no place.
    const clamped = Math.max(
      1,
      clampEventTime({
        eventTimeMs: record.eventTimeMs,
        appendedMs: message.timestampMs,
        maxFutureMs,
      }),
    );
    if (maxEventTimeMs === undefined || clamped > maxEventTimeMs) maxEventTimeMs = clamped;
    if (known) continue;
    const month = storageMonth(record.eventTimeMs);
    const key = `${record.schemaId}/${month}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { schemaId: record.schemaId, month, rows: [record] });
    else group.rows.push(record);
  }
  return {
    inserts: [...groups.values()].flatMap(cut),
    deadLetters,
    tombstones,
    rows,
    letters,
    stones,
    hours: [...hours].sort((a, b) => a - b),
    maxEventTimeMs,
    sightings: [...sightings.values()],
    producers: [...producers.values()],
  };
}

/** Characters of a version that are kept. */
const LONGEST_VERSION = 200;

const HOUR_MS = 3_600_000;

/** Cuts a group that is too large for one block. */
function cut(group: Insert): Insert[] {
  const result: Insert[] = [];
  let rows: Row[] = [];
  let bytes = 0;
  for (const row of group.rows) {
    if (rows.length > 0 && (rows.length >= MAX_INSERT_ROWS || bytes + row.value.length > MAX_INSERT_BYTES)) {
      result.push({ ...group, rows });
      rows = [];
      bytes = 0;
    }
    rows.push(row);
    bytes += row.value.length;
  }
  if (rows.length > 0) result.push({ ...group, rows });
  return result;
}
