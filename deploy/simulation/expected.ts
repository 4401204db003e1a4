import { frame } from '../../src/core/avro/frame.ts';
import { longBytes } from '../../src/core/evaluation/hostile/avro-writer.ts';
import { exampleOf, exampleParts } from '../../src/core/evaluation/hostile/example.ts';
import { EXAMPLE_ID } from '../../src/core/evaluation/hostile/hostile.ts';
import { type Random, randomBelow } from '../../src/core/random.ts';
import type { Message } from '../../src/io/kafka/port.ts';

/** What was sent and what has to become of it, per partition in the order of offsets. */
export interface Expected {
  readonly partitions: readonly number[];
  of(partition: number): readonly Sent[];
  at(partition: number, offset: number): Sent | undefined;
}

export interface Sent {
  readonly offset: number;
  readonly truth: 'row' | 'dead-letter' | 'tombstone';
  readonly message: Message;
  /** Values that the row must have. */
  readonly row?: Readonly<Record<string, unknown>>;
}

/** A second accepted version of the schema, with the same fields. */
export const SECOND_ID = 11;

/**
 * Messages of three months and two schema versions mixed, so that a batch needs several inserts and a crash
 * leaves holes; some broken, some without a value, some of a schema nobody knows, one clock far ahead; and
 * gaps between offsets, as transactions leave them.
 */
export function sendAll(args: {
  random: Random;
  topic: string;
  partitions: number;
  each: number;
  nowMs: number;
}): Expected {
  const { random, topic, nowMs } = args;
  const logs = Array.from({ length: args.partitions }, (_, partition) => {
    const sent: Sent[] = [];
    let offset = 0;
    for (let i = 0; i < args.each; i += 1) {
      if (random() < 0.05) offset += 1 + randomBelow(random, 3);
      sent.push(one(random, { topic, partition, offset, nowMs }));
      offset += 1;
    }
    return sent;
  });
  const index = logs.map((log) => new Map(log.map((sent) => [sent.offset, sent])));
  return {
    partitions: logs.map((_, partition) => partition),
    of: (partition) => logs[partition] ?? [],
    at: (partition, offset) => index[partition]?.get(offset),
  };
}

function one(random: Random, at: { topic: string; partition: number; offset: number; nowMs: number }): Sent {
  const { topic, partition, offset, nowMs } = at;
  const kind = random();
  const ahead = random() < 0.02 ? 3_650 * DAY_MS : 0;
  const eventTime = nowMs - randomBelow(random, 60) * DAY_MS + ahead;
  const parts = { ...exampleParts(random), eventTime: longBytes(eventTime) };
  const value = exampleOf(parts);
  const message = (bytes: Uint8Array | null): Message => ({
    topic,
    partition,
    offset,
    key: Buffer.from(`k${offset}`),
    value: bytes === null ? null : Buffer.from(bytes),
    timestampMs: nowMs,
    headers: {},
  });
  if (kind < 0.05) return { offset, truth: 'tombstone', message: message(null) };
  if (kind < 0.1) return { offset, truth: 'dead-letter', message: message(value.slice(0, -1)) };
  if (kind < 0.13) return { offset, truth: 'dead-letter', message: message(frame(999, value.slice(5))) };
  const id = random() < 0.5 ? EXAMPLE_ID : SECOND_ID;
  const row = { _partition: partition, _offset: offset, _schema_id: id, event_time: eventTime };
  return { offset, truth: 'row', row, message: message(frame(id, value.slice(5))) };
}

export function holdsEvery(row: Record<string, unknown>, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([name, value]) => row[name] === value);
}

const DAY_MS = 86_400_000;
