import { gzipSync, zstdCompressSync } from 'node:zlib';
import { classify } from '../../processors/ingest/classify.ts';
import { joined, longBytes, textBytes } from '../core/evaluation/hostile/avro-writer.ts';
import { lz4Bomb, recordBatch, recordBytes, snappyBomb } from '../core/evaluation/hostile/record-batch.ts';
import { FETCH, UNPACKED } from '../io/kafka/limits.ts';
import { readRecordSet, UNREADABLE } from '../io/kafka/record-set.ts';
import type { StallMeter } from './fuzz-stall.ts';

export const BOMBS = 'batch-bombs';

/**
 * Record batches of about a megabyte that unpack to hundreds, that hold millions of messages or headers, or that
 * say they do, read as the consumer reads them: in part after part until the end. `dead_letters` counts messages
 * of batches that were refused, at most a thousand of each, `rows` those that could be read.
 */
export async function bombs(args: {
  bombs: number;
  meter: StallMeter;
  complain(text: string): void;
}): Promise<{ sent: number; rows: number; dead_letters: number }> {
  const count = { sent: 0, rows: 0, dead_letters: 0 };
  const all = BATCHES.slice(0, Math.max(1, args.bombs));
  for (const { name, make, messages, refused } of all) {
    const set = Buffer.from(make());
    const found = { rows: 0, letters: 0 };
    for (let from = 0; from < messages; ) {
      const read = await args.meter.measure(BOMBS, () => readRecordSet({ set, from, limits: LIMITS }));
      const part = read?.messages ?? [];
      if (part.length > LIMITS.messages + 1) args.complain(`${name}: ${part.length} messages at once`);
      for (const { value, isControlRecord, [UNREADABLE]: unreadable } of part) {
        if (isControlRecord) continue;
        if (unreadable === undefined) found.rows += 1;
        else if (becomesLetter(value, unreadable)) found.letters += 1;
      }
      from = Number(part.at(-1)?.offset ?? messages) + 1;
    }
    count.sent += messages;
    count.rows += found.rows;
    count.dead_letters += found.letters;
    if (found.rows === (refused ? 0 : messages) && found.letters === (refused ? messages : 0)) continue;
    args.complain(`${name}: ${found.rows} rows and ${found.letters} dead letters of ${messages}`);
  }
  return count;
}

const LIMITS = {
  bytes: UNPACKED.bytesPerByte * FETCH.bytesPerPartition,
  messages: UNPACKED.messagesPerPartition,
  bytesPerBatch: UNPACKED.bytesPerBatch,
  headers: UNPACKED.headers,
};

function becomesLetter(value: Buffer | null, unreadable: string): boolean {
  const place = { topic: 't', partition: 0, offset: 0, key: null, timestampMs: 0, headers: {} };
  return classify({ ...place, value, unreadable }, new Map()).outcome === 'dead-letter';
}

interface Bomb {
  readonly name: string;
  readonly messages: number;
  readonly refused: boolean;
  make(): Uint8Array;
}

const HUGE = 400 * 1024 * 1024;
const MANY = 500_000;

const BATCHES: readonly Bomb[] = [
  { name: 'gzip', messages: 1, refused: true, make: () => one(1, gzipSync(huge(), { level: 1 })) },
  { name: 'zstd', messages: 1, refused: true, make: () => one(4, zstdCompressSync(huge())) },
  { name: 'lz4', messages: 1, refused: true, make: () => one(3, lz4Bomb(HUGE / 255)) },
  { name: 'snappy', messages: 1, refused: true, make: () => one(2, snappyBomb(15_000_000)) },
  { name: 'many messages', messages: MANY, refused: false, make: () => many(4, zstdCompressSync(small())) },
  {
    name: 'many in gzip',
    messages: MANY,
    refused: false,
    make: () => many(1, gzipSync(small(), { level: 1 })),
  },
  {
    name: 'many headers',
    messages: 1,
    refused: false,
    make: () => one(0, recordBytes({ delta: 0, value: new Uint8Array(3), headers: manyHeaders() })),
  },
  {
    name: 'count that lies',
    messages: 1_000,
    refused: true,
    make: () =>
      recordBatch({ base: 0, compression: 0, count: 2 ** 31 - 1, lastDelta: 2 ** 31 - 1, body: small(3) }),
  },
  {
    name: 'length that lies',
    messages: 1,
    refused: true,
    make: () => one(0, joined([longBytes(2 ** 31 - 1), new Uint8Array(20)])),
  },
  { name: 'no gzip', messages: 1, refused: true, make: () => one(1, new Uint8Array(500).fill(7)) },
  { name: 'no compression that is', messages: 1, refused: true, make: () => one(6, new Uint8Array(9)) },
];

function one(compression: number, body: Uint8Array): Uint8Array {
  return recordBatch({ base: 0, compression, count: 1, lastDelta: 0, body });
}

function many(compression: number, body: Uint8Array): Uint8Array {
  return recordBatch({ base: 0, compression, count: MANY, lastDelta: MANY - 1, body });
}

/** One message of zeros, its length in front as it should be. */
function huge(): Buffer {
  const head = joined([Uint8Array.of(0), longBytes(0), longBytes(0), longBytes(-1), longBytes(HUGE)]);
  return Buffer.concat([longBytes(head.length + HUGE + 1), head, Buffer.alloc(HUGE + 1)]);
}

function small(n = MANY): Uint8Array {
  const empty = new Uint8Array(0);
  return Buffer.concat(Array.from({ length: n }, (_, delta) => recordBytes({ delta, value: empty })));
}

function manyHeaders(): Uint8Array[] {
  return Array.from({ length: 150_000 }, (_, i) => joined([textBytes(`h${i}`), textBytes('')]));
}
