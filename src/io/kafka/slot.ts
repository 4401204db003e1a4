import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer as ClientConsumer } from 'kafkajs';
import type { Log } from '../../runtime/log.ts';
import type { Committer } from './committer.ts';
import type { ConsumeArgs, Control, FlushPolicy, Message, PartitionProgress } from './port.ts';

/** One partition of one assignment: its buffer, its position and the pump that empties it. */
export interface Slot {
  readonly topic: string;
  readonly partition: number;
  /** Waits for the last handler call of an earlier assignment, asks where to begin, and opens the partition. */
  begin(before: Promise<void> | undefined): Promise<void>;
  /** Takes a fetch into the buffer; false when it is not the one to come next. */
  accept(fetch: Fetch): boolean;
  /** Goes past offsets that hold no messages, but what transactions leave behind; ignored unless they come next. */
  skip(range: { from: number; to: number }): void;
  /** Drops the buffer, aborts the signal; resolves when the handler call under way has ended. */
  revoke(): Promise<void>;
  progress(): readonly PartitionProgress[];
}

export interface Fetch {
  readonly messages: readonly Message[];
  readonly fetchedOffset: number;
  readonly nextOffset: number;
  readonly highWatermark: number;
}

export function createSlot(args: {
  topic: string;
  partition: number;
  flush: FlushPolicy;
  maxBytes: number;
  consumer: Pick<ClientConsumer, 'pause' | 'resume' | 'seek'>;
  consume: Pick<ConsumeArgs, 'onBatch' | 'onAssigned'>;
  committer: Pick<Committer, 'note'>;
  log: Log;
}): Slot {
  const { topic, partition, flush, maxBytes, consumer, consume, committer } = args;
  const log = args.log.child({ topic, partition });
  const controller = new AbortController();
  const { signal } = controller;
  const place = [{ topic, partitions: [partition] }];
  let ready = false;
  let paused = true;
  let position: number | undefined;
  let handedOver: number | undefined;
  let highWatermark = 0;
  let skippedTo: number | undefined;
  let buffer: Message[] = [];
  let bufferedBytes = 0;
  let underWay: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastFlushAt = 0;
  let again = false;

  const control: Control = {
    signal,
    commit(nextOffset) {
      if (!signal.aborted) committer.note(topic, partition, nextOffset);
    },
    beginAgain() {
      again = true;
    },
  };

  async function begin(before: Promise<void> | undefined): Promise<void> {
    await before;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const offset = await consume.onAssigned?.({ topic, partition, signal, beginAgain: beginSoon });
        if (signal.aborted) return;
        if (offset !== undefined) {
          consumer.seek({ topic, partition, offset: String(offset) });
          position = offset;
          handedOver = offset;
        }
        ready = true;
        resume();
        return;
      } catch (cause) {
        log.warn({ cause, attempt }, 'The partition could not be begun; trying again.');
        await pause(backoffMs(attempt));
      }
    }
  }

  function accept(fetch: Fetch): boolean {
    if (!ready || signal.aborted) return false;
    if (position !== undefined && fetch.fetchedOffset !== position) {
      // The second time the same offset comes back after a seek, nothing lies between.
      const empty = fetch.fetchedOffset > position && skippedTo === fetch.fetchedOffset;
      if (!empty) {
        skippedTo = fetch.fetchedOffset;
        consumer.seek({ topic, partition, offset: String(position) });
        return false;
      }
    }
    skippedTo = undefined;
    handedOver ??= fetch.fetchedOffset;
    position = fetch.nextOffset;
    highWatermark = fetch.highWatermark;
    for (const message of fetch.messages) {
      buffer.push(message);
      bufferedBytes += sizeOf(message);
    }
    if (bufferedBytes >= maxBytes) pausePartition();
    schedule();
    return true;
  }

  function skip(range: { from: number; to: number }): void {
    if (!ready || signal.aborted || position !== range.from) return;
    position = range.to;
    highWatermark = Math.max(highWatermark, range.to);
    schedule();
  }

  /** Full, or at the end of the log: at once, but not more often than the linger time. Else after it. */
  function schedule(): void {
    if (underWay !== undefined || signal.aborted) return;
    if (buffer.length === 0) {
      // Nothing but skipped offsets: the handler hears how far it has come all the same.
      if ((handedOver ?? 0) < (position ?? 0) && handedOver !== undefined) underWay = pump();
      return;
    }
    const full = buffer.length >= flush.rows || bufferedBytes >= flush.bytes;
    const quiet = Date.now() - lastFlushAt >= flush.lingerMs;
    const atEnd = position !== undefined && position >= highWatermark;
    if (full || (atEnd && quiet)) {
      clearTimeout(timer);
      timer = undefined;
      underWay = pump();
      return;
    }
    timer ??= setTimeout(() => {
      timer = undefined;
      if (underWay === undefined && buffer.length > 0 && !signal.aborted) underWay = pump();
    }, flush.lingerMs);
  }

  /** Never rejects. */
  async function pump(): Promise<void> {
    lastFlushAt = Date.now();
    const { messages, bytes } = take();
    const nextOffset = buffer[0]?.offset ?? position ?? 0;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await consume.onBatch({ topic, partition, messages, highWatermark, nextOffset }, control);
        if (!again) handedOver = nextOffset;
        break;
      } catch (cause) {
        if (signal.aborted) break;
        log.warn({ cause, attempt }, 'A batch was not taken; it is handed over again.');
        await pause(backoffMs(attempt));
      }
    }
    bufferedBytes -= bytes;
    underWay = undefined;
    if (signal.aborted) return;
    if (again) {
      beginAgain();
      return;
    }
    if (paused && ready && bufferedBytes <= maxBytes / 2) resume();
    schedule();
  }

  /** At once, or when the batch under way is done. */
  function beginSoon(): void {
    if (!ready || signal.aborted) return;
    if (underWay === undefined) beginAgain();
    else again = true;
  }

  function beginAgain(): void {
    again = false;
    ready = false;
    buffer = [];
    bufferedBytes = 0;
    position = undefined;
    skippedTo = undefined;
    clearTimeout(timer);
    timer = undefined;
    pausePartition();
    void begin(undefined);
  }

  function take(): { messages: readonly Message[]; bytes: number } {
    let rows = 0;
    let bytes = 0;
    while (rows < buffer.length && rows < flush.rows && (rows === 0 || bytes < flush.bytes)) {
      const message = buffer[rows];
      if (message !== undefined) bytes += sizeOf(message);
      rows += 1;
    }
    const messages = buffer.slice(0, rows);
    buffer = buffer.slice(rows);
    return { messages, bytes };
  }

  function pausePartition(): void {
    if (paused) return;
    paused = true;
    consumer.pause(place);
  }

  function resume(): void {
    paused = false;
    consumer.resume(place);
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  async function revoke(): Promise<void> {
    controller.abort();
    clearTimeout(timer);
    timer = undefined;
    buffer = [];
    bufferedBytes = 0;
    await underWay;
  }

  return {
    topic,
    partition,
    begin,
    accept,
    skip,
    revoke,
    progress: () =>
      handedOver === undefined
        ? []
        : [
            {
              topic,
              partition,
              position: handedOver,
              highWatermark,
              bufferedRows: buffer.length,
              bufferedBytes,
              paused,
            },
          ],
  };
}

/** Key, value and what a message object costs beside them. */
function sizeOf(message: Message): number {
  return (message.key?.length ?? 0) + (message.value?.length ?? 0) + 64;
}

function backoffMs(attempt: number): number {
  return Math.min(5_000, 100 * 2 ** Math.min(attempt, 6));
}
