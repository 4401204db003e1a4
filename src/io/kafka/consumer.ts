import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka as Client, Consumer as ClientConsumer, KafkaMessage } from 'kafkajs';
import type { Log } from '../../runtime/log.ts';
import { createCommitter } from './committer.ts';
import { CONSUMER, FETCH } from './limits.ts';
import type { ConsumeArgs, Consumer, FlushPolicy, Message } from './port.ts';
import { UNREADABLE } from './record-set.ts';
import { createSlot, type Slot } from './slot.ts';
import { unreachable } from './unreachable.ts';
import { within } from './within.ts';

/**
 * Opens a group consumer whose fetch loop only fills buffers. A handler that inserted inside the loop
 * would stall every other partition of the same broker; here each partition has a buffer and a pump of its
 * own (slot.ts), and a full buffer pauses its partition alone.
 *
 * - Heartbeats: the loop never waits for a handler, so it goes on fetching (or, with everything paused,
 *   waking up every CONSUMER.maxWait) and kafkajs beats after each round, however long an insert takes.
 * - Rebalance: the protocol is eager, so with every join all buffers are dropped, all signals aborted, and
 *   each partition that came back begins anew through onAssigned, once its last handler call has ended.
 * - Gaps: a fetch is accepted only when it begins at the position of its partition; after a mismatch the
 *   position is sought, and a second fetch that still begins later shows that nothing lies between
 *   (compaction, control records, retention).
 * - Crash: kafkajs restarts itself after errors it calls retriable, we restart it after the others.
 */
export async function openConsumer(args: {
  client: Client;
  log: Log;
  consume: ConsumeArgs;
}): Promise<Consumer> {
  const { consume } = args;
  const log = args.log.child({ group: consume.groupId });
  const maxBytes = consume.maxBytesPerPartition ?? DEFAULT_BYTES;
  let closing = false;
  const flush = consume.flush ?? { ...DEFAULT_FLUSH, bytes: maxBytes / 2 };
  const consumer = newConsumer({ client: args.client, consume, maxBytes, restarts: () => !closing });
  const committer = createCommitter({ consumer, log, everyMs: CONSUMER.commitEvery });
  let slots = new Map<string, Slot>();
  const retired = new Map<string, Promise<void>>();
  let lastFetchAtMs: number | undefined;

  function revokeAll(): void {
    for (const [key, slot] of slots) {
      const before = retired.get(key);
      const ended = slot.revoke().then(async () => {
        await before;
        await consume.onRevoked?.({ topic: slot.topic, partition: slot.partition });
      });
      retired.set(
        key,
        ended.catch((cause) => log.error({ cause, slot: key }, 'Giving a partition up failed.')),
      );
    }
    slots = new Map();
    committer.drop();
  }

  function assign(assignment: Readonly<Record<string, number[]>>): void {
    revokeAll();
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        consumer.pause([{ topic, partitions: [partition] }]);
        const key = keyOf(topic, partition);
        const slot = createSlot({ topic, partition, flush, maxBytes, consumer, consume, committer, log });
        slots.set(key, slot);
        void slot.begin(retired.get(key));
      }
    }
  }

  consumer.on(consumer.events.GROUP_JOIN, (event) => {
    if (!closing) assign(event.payload.memberAssignment);
  });
  consumer.on(consumer.events.REBALANCING, revokeAll);
  consumer.on(consumer.events.FETCH, () => {
    lastFetchAtMs = Date.now();
  });
  // A fetch of nothing but the marks of transactions is not handed to eachBatch; it is only told of here.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize > 0) return;
    const slot = slots.get(keyOf(payload.topic, payload.partition));
    slot?.skip({ from: Number(payload.firstOffset), to: Number(payload.lastOffset) + 1 });
  });
  consumer.on(consumer.events.CRASH, (event) => {
    revokeAll();
    log.error({ cause: event.payload.error, restart: event.payload.restart }, 'The consumer stopped.');
    if (!event.payload.restart && !closing) void restart();
  });

  async function run(): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [...consume.topics], fromBeginning: consume.fromBeginning });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENCY,
      eachBatch: async ({ batch, resolveOffset }) => {
        const slot = slots.get(keyOf(batch.topic, batch.partition));
        const last = batch.messages.at(-1);
        if (slot === undefined || last === undefined) return;
        const accepted = slot.accept({
          messages: batch.messages.map((message) => toMessage(batch.topic, batch.partition, message)),
          fetchedOffset: Number(Reflect.get(batch, 'fetchedOffset') ?? last.offset),
          nextOffset: Number(batch.lastOffset()) + 1,
          highWatermark: Number(batch.highWatermark),
        });
        if (accepted) resolveOffset(last.offset);
      },
    });
  }

  async function restart(): Promise<void> {
    await sleep(CONSUMER.restart);
    if (closing) return;
    try {
      await run();
    } catch (cause) {
      log.error({ cause }, 'The consumer could not be started again; trying once more.');
      void restart();
    }
  }

  try {
    await run();
  } catch (cause) {
    closing = true;
    await consumer.disconnect().catch(() => undefined);
    throw unreachable(`let ${consume.groupId} read ${consume.topics.join(', ')}`, cause);
  }

  return {
    progress: () => [...slots.values()].flatMap((slot) => slot.progress()),
    lastFetchAtMs: () => lastFetchAtMs,
    async close() {
      if (closing) return;
      closing = true;
      const ended = [...slots.values()].map((slot) => slot.revoke());
      await within(CONSUMER.close, Promise.all([...ended, ...retired.values()]));
      // Without a broker neither of the two would end for a long time, and nothing depends on them.
      await within(CONSUMER.lastCommit, committer.close());
      await within(CONSUMER.leave, consumer.disconnect());
      for (const slot of slots.values()) {
        await consume.onRevoked?.({ topic: slot.topic, partition: slot.partition });
      }
      slots = new Map();
    },
  };
}

const DEFAULT_BYTES = 4 * 1024 * 1024;
const DEFAULT_FLUSH: Omit<FlushPolicy, 'bytes'> = { rows: 50_000, lingerMs: 50 };
/** Handlers only append to buffers, so this bounds nothing; it keeps one worker from queueing the others. */
const CONCURRENCY = 16;

function newConsumer(args: {
  client: Client;
  consume: ConsumeArgs;
  maxBytes: number;
  restarts(): boolean;
}): ClientConsumer {
  const { client, consume, maxBytes, restarts } = args;
  const sessionTimeout = consume.sessionTimeoutMs ?? CONSUMER.session;
  return client.consumer({
    groupId: consume.groupId,
    sessionTimeout,
    heartbeatInterval: Math.min(CONSUMER.heartbeat, Math.floor(sessionTimeout / 3)),
    rebalanceTimeout: Math.max(sessionTimeout, CONSUMER.rebalance),
    minBytes: 1,
    maxBytes: FETCH.bytes,
    maxBytesPerPartition: Math.min(maxBytes, FETCH.bytesPerPartition),
    maxWaitTimeInMs: CONSUMER.maxWait,
    allowAutoTopicCreation: false,
    retry: { ...CONSUMER.retry, restartOnFailure: async () => restarts() },
  });
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function toMessage(topic: string, partition: number, message: KafkaMessage): Message {
  const unreadable: unknown = Reflect.get(message, UNREADABLE);
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key,
    value: message.value,
    timestampMs: plausible(Number(message.timestamp)),
    headers: toHeaders(message.headers),
    ...(typeof unreadable === 'string' ? { unreadable } : {}),
  };
}

/** A producer may claim any 64 bits to be the time: from 1970 to an hour from now, it is one. */
function plausible(ms: number): number {
  return ms > 0 ? Math.min(ms, Date.now() + 3_600_000) : 0;
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

function toHeaders(headers: KafkaMessage['headers']): Readonly<Record<string, string>> {
  if (headers === undefined) return NO_HEADERS;
  const result: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) result.push([name, first.toString()]);
  }
  return result.length === 0 ? NO_HEADERS : Object.fromEntries(result);
}
