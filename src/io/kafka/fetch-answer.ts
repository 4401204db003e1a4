import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FetchedMessage, readRecordSet } from './record-set.ts';

/** An answer to a fetch as kafkajs wants it. */
export interface FetchAnswer {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly Partition[] }[];
}

interface Partition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly preferredReadReplica: number;
  messages: readonly (FetchedMessage | OldMessage)[];
}

/** A message of a set older than Kafka 0.11, as kafkajs reads it. */
export type OldMessage = object;

export interface AnswerLimits {
  readonly bytes: number;
  readonly bytesPerByte: number;
  readonly messagesPerPartition: number;
  readonly bytesPerBatch: number;
  readonly headers: number;
}

/**
 * Reads a fetch response of versions 4 to 11. `begin` says with which of its partitions unpacking begins, so that
 * none is always the one for which nothing is left. Every message owns no more memory than its own partition's
 * records: a partition that waits must not keep alive what was fetched for others.
 */
export async function readFetchAnswer(args: {
  bytes: Buffer;
  version: number;
  asked(topic: string, partition: number): { readonly fetchOffset: number; readonly maxBytes: number };
  begin: number;
  limits: AnswerLimits;
  readOld(set: Buffer): Promise<readonly OldMessage[]>;
}): Promise<FetchAnswer> {
  const { version, limits } = args;
  const reader = openReader(args.bytes);
  const clientSideThrottleTime = reader.int32();
  const errorCode = version >= 7 ? reader.int16() : 0;
  const sessionId = version >= 7 ? reader.int32() : 0;
  const sets: { topic: string; set: Buffer; partition: Partition }[] = [];
  const responses = reader.list(() => {
    const topicName = reader.string();
    const partitions = reader.list(() => {
      const partition: Partition = {
        partition: reader.int32(),
        errorCode: reader.int16(),
        highWatermark: reader.int64(),
        lastStableOffset: reader.int64(),
        lastStartOffset: version >= 5 ? reader.int64() : '-1',
        abortedTransactions: reader.list(() => ({
          producerId: reader.int64(),
          firstOffset: reader.int64(),
        })),
        preferredReadReplica: version >= 11 ? reader.int32() : -1,
        messages: [],
      };
      sets.push({ topic: topicName, set: reader.bytes(), partition });
      return partition;
    });
    return { topicName, partitions };
  });

  let left = limits.bytes;
  for (let i = 0; i < sets.length; i += 1) {
    const one = sets[(i + args.begin) % sets.length];
    if (one === undefined || one.set.length === 0 || left <= 0) continue;
    const alone = sets.length === 1 ? one.set : Buffer.from(one.set);
    const { fetchOffset, maxBytes } = args.asked(one.topic, one.partition.partition);
    const read = await readRecordSet({
      set: alone,
      from: fetchOffset,
      limits: {
        bytes: Math.min(left, limits.bytesPerByte * maxBytes),
        messages: limits.messagesPerPartition,
        bytesPerBatch: limits.bytesPerBatch,
        headers: limits.headers,
      },
    });
    one.partition.messages = read?.messages ?? (await args.readOld(alone));
    left -= read?.bytes ?? alone.length;
    await nextTurn();
  }
  // kafkajs waits out a throttle time by itself; the broker has already said that it ignores requests.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

/** Reads on and on; a RangeError for bytes that are not there, which is a broken broker. */
function openReader(bytes: Buffer) {
  let at = 0;
  const take = (length: number): number => {
    at += length;
    return at - length;
  };
  const reader = {
    int16: () => bytes.readInt16BE(take(2)),
    int32: () => bytes.readInt32BE(take(4)),
    int64: () => String(bytes.readBigInt64BE(take(8))),
    string(): string {
      const length = reader.int16();
      return bytes.toString('utf8', take(length), at);
    },
    bytes(): Buffer {
      const from = take(Math.max(0, reader.int32()));
      return bytes.subarray(from, at);
    },
    list<T>(item: () => T): T[] {
      const count = reader.int32();
      const items: T[] = [];
      for (let i = 0; i < count; i += 1) items.push(item());
      return items;
    },
  };
  return reader;
}
