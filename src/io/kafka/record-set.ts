import { setImmediate as nextTurn } from 'node:timers/promises';
import { COMPRESSIONS, unpack } from './unpack.ts';

/** Messages of one partition as kafkajs wants them from an answer to a fetch. */
export interface FetchedMessage {
  readonly magicByte: number;
  readonly attributes: number;
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  /** Not for applications: ends of transactions, and the ends of batches that compaction has thinned out. */
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
  /** Why the batch could not be unpacked; `value` is then the batch for its first message, else empty. */
  readonly [UNREADABLE]?: string;
}

export const UNREADABLE = Symbol('unreadable');

export interface BatchContext {
  readonly firstOffset: string;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
}

export interface RecordLimits {
  /** Of keys and values, and of messages, after which nothing more is begun. */
  readonly bytes: number;
  readonly messages: number;
  readonly bytesPerBatch: number;
  readonly headers: number;
}

export interface RecordSet {
  readonly messages: readonly FetchedMessage[];
  readonly bytes: number;
}

/**
 * Takes the record batches of one partition apart, from an offset on and no further than the limits, but at
 * least one message where there is one. What does not fit is fetched again: batches come whole, and reading
 * goes on in the middle of one.
 *
 * A batch that cannot be unpacked, because it is a bomb or broken, becomes as many messages as it says it has, but
 * no more than a thousand, each marked: its offsets are known from its header, and a partition must not stand
 * still for it. Undefined for message sets older than Kafka 0.11, which kafkajs reads. Format: kafka.apache.org, Message Format.
 */
export async function readRecordSet(args: {
  set: Buffer;
  from: number;
  limits: RecordLimits;
}): Promise<RecordSet | undefined> {
  const { set, from, limits } = args;
  const messages: FetchedMessage[] = [];
  let bytes = 0;
  let turn = 0;

  function full(): boolean {
    return messages.length > 0 && (messages.length >= limits.messages || bytes >= limits.bytes);
  }

  function add(message: FetchedMessage): void {
    messages.push(message);
    bytes += (message.key?.length ?? 0) + (message.value?.length ?? 0) + MESSAGE_BYTES;
  }

  /** Reads on in the batch; false for one that is not as its header says. */
  async function records(batch: BatchHeader, body: Buffer): Promise<boolean> {
    const started = messages.length;
    const before = bytes;
    let at = 0;
    for (let i = 0; i < batch.count && !full(); i += 1) {
      const record = readRecord({ body, at, from: from - batch.base, batch, headers: limits.headers });
      if (record === undefined) {
        messages.length = started;
        bytes = before;
        return false;
      }
      at = record.end;
      if (record.message !== undefined) add(record.message);
      turn += 1;
      if (turn % TURN_MESSAGES === 0) await nextTurn();
    }
    const cut = full() && at < body.length;
    // A few messages must not keep the whole of a large batch in memory.
    if (cut && batch.compression !== 'none') {
      for (let i = started; i < messages.length; i += 1) {
        const message = messages[i];
        if (message !== undefined) messages[i] = ownBytes(message);
      }
    }
    if (!cut) placeholder(batch);
    return true;
  }

  /** So that reading goes on behind a batch of which the last messages are missing. */
  function placeholder(batch: BatchHeader): void {
    const newest = messages.at(-1);
    if (newest === undefined || Number(newest.offset) < batch.last) messages.push(endOf(batch));
  }

  function unreadable(batch: BatchHeader, whole: Buffer, why: string): void {
    const all = Math.max(1, Math.min(batch.count, batch.last - batch.base + 1));
    const text = `The record batch of offsets ${batch.base} to ${batch.last} (${all} messages, ${batch.compression}, ${whole.length} bytes) ${why}.`;
    const marked = Math.min(all, MOST_MARKED);
    for (let i = Math.max(0, from - batch.base); i < marked && !full(); i += 1) {
      const value = i === 0 ? Buffer.from(whole) : EMPTY;
      const offset = String(batch.base + i);
      add({ ...endOf(batch), offset, value, isControlRecord: false, [UNREADABLE]: text });
    }
    const next = messages.at(-1);
    const cut = full() && next !== undefined && Number(next.offset) < batch.base + marked - 1;
    if (!cut) placeholder(batch);
  }

  for (let at = 0; set.length - at >= HEADER_BYTES && !full(); ) {
    const end = at + LENGTH_ENDS + set.readInt32BE(at + 8);
    // The answer ends in the middle of a batch: that comes whole another time.
    if (end > set.length) break;
    if (set[at + MAGIC_AT] !== MAGIC && at === 0) return undefined;
    const batch = readHeader(set, at);
    const whole = set.subarray(at, end);
    at = Math.max(end, at + HEADER_BYTES);
    if (batch.last < from) continue;
    if (batch.compression === undefined) {
      unreadable(batch, whole, 'is compressed in a way that Kafka has no name for');
      continue;
    }
    const unpacked = await unpack(batch.compression, whole.subarray(HEADER_BYTES), limits.bytesPerBatch);
    if (unpacked.status === 'bad') unreadable(batch, whole, unpacked.why);
    else if (!(await records(batch, unpacked.bytes))) {
      unreadable(batch, whole, 'does not hold the messages that its header says');
    }
  }
  return { messages, bytes };
}

const HEADER_BYTES = 61;
const LENGTH_ENDS = 12;
const MAGIC_AT = 16;
const MAGIC = 2;
const APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** What a message costs beside its bytes. */
const MESSAGE_BYTES = 64;
const TURN_MESSAGES = 10_000;
const EMPTY = Buffer.alloc(0);
/** A megabyte can claim two billion messages: behind so many marked ones the rest is a gap that the text names. */
const MOST_MARKED = 1_000;

interface BatchHeader {
  readonly base: number;
  readonly last: number;
  readonly count: number;
  readonly compression: (typeof COMPRESSIONS)[number] | undefined;
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  readonly appendTime: boolean;
  readonly context: BatchContext;
}

function readHeader(set: Buffer, at: number): BatchHeader {
  const base = Number(set.readBigInt64BE(at));
  const attributes = set.readInt16BE(at + 21);
  return {
    base,
    last: base + Math.max(0, set.readInt32BE(at + 23)),
    count: Math.max(0, set.readInt32BE(at + 57)),
    compression: COMPRESSIONS[attributes & 7],
    firstTimestamp: Number(set.readBigInt64BE(at + 27)),
    maxTimestamp: Number(set.readBigInt64BE(at + 35)),
    appendTime: (attributes & APPEND_TIME) !== 0,
    context: {
      firstOffset: String(base),
      producerId: String(set.readBigInt64BE(at + 43)),
      inTransaction: (attributes & TRANSACTIONAL) !== 0,
      isControlBatch: (attributes & CONTROL) !== 0,
    },
  };
}

function endOf(batch: BatchHeader): FetchedMessage {
  return {
    magicByte: MAGIC,
    attributes: 0,
    offset: String(batch.last),
    timestamp: String(batch.maxTimestamp),
    key: null,
    value: null,
    headers: NO_HEADERS,
    isControlRecord: true,
    batchContext: batch.context,
  };
}

/** One record; no message for one before the offset asked for. Undefined when the bytes are none. */
function readRecord(args: {
  body: Buffer;
  at: number;
  from: number;
  batch: BatchHeader;
  headers: number;
}): { readonly end: number; readonly message: FetchedMessage | undefined } | undefined {
  const { body, batch } = args;
  const cursor: Cursor = { bytes: body, at: args.at, end: body.length };
  const length = varint(cursor);
  const end = cursor.at + length;
  if (!(length >= 0) || end > body.length) return undefined;
  cursor.end = end;
  cursor.at += 1;
  const timestampDelta = varint(cursor);
  const delta = varint(cursor);
  if (!(delta >= 0) || batch.base + delta > batch.last) return undefined;
  if (delta < args.from) return { end, message: undefined };
  const key = content(cursor);
  const value = content(cursor);
  const headers = readHeaders(cursor, args.headers);
  if (key === undefined || value === undefined || headers === undefined) return undefined;
  const timestamp = batch.appendTime ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta;
  return {
    end,
    message: {
      magicByte: MAGIC,
      attributes: 0,
      offset: String(batch.base + delta),
      timestamp: String(timestamp),
      key,
      value,
      headers,
      isControlRecord: batch.context.isControlBatch,
      batchContext: batch.context,
    },
  };
}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
  end: number;
}

/** A zigzag number of up to ten bytes; NaN where there is none, which no comparison takes. */
function varint(cursor: Cursor): number {
  let value = 0;
  let scale = 1;
  for (let length = 0; length < 10 && cursor.at < cursor.end; length += 1) {
    const byte = cursor.bytes[cursor.at] ?? 0;
    cursor.at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    scale *= 128;
  }
  return Number.NaN;
}

/** Length and bytes; null for the length -1, undefined where there are not that many. */
function content(cursor: Cursor): Buffer | null | undefined {
  const length = varint(cursor);
  if (length === -1) return null;
  const from = cursor.at;
  if (!(length >= 0) || from + length > cursor.end) return undefined;
  cursor.at = from + length;
  return cursor.bytes.subarray(from, cursor.at);
}

const NO_HEADERS: Readonly<Record<string, Buffer>> = Object.freeze({});

/** The first of each name. */
function readHeaders(cursor: Cursor, most: number): Readonly<Record<string, Buffer>> | undefined {
  const count = varint(cursor);
  if (count === 0) return NO_HEADERS;
  if (!(count > 0)) return undefined;
  const found = new Map<string, Buffer>();
  for (let i = 0; i < count && i < most; i += 1) {
    const name = content(cursor);
    const value = content(cursor);
    if (name === null || name === undefined || value === undefined) return undefined;
    const text = name.toString('utf8');
    if (value !== null && !found.has(text)) found.set(text, value);
  }
  return Object.fromEntries(found);
}

function ownBytes(message: FetchedMessage): FetchedMessage {
  const { key, value, headers } = message;
  return {
    ...message,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers:
      headers === NO_HEADERS
        ? headers
        : Object.fromEntries(Object.entries(headers).map(([name, held]) => [name, Buffer.from(held)])),
  };
}
