import { setTimeout as pause } from 'node:timers/promises';
import { sentence } from '../../errors.ts';
import type { Outgoing, Producer } from '../../io/kafka/port.ts';
import type { Log } from '../../runtime/log.ts';
import type { Metrics } from './metrics.ts';

/**
 * Predictions on their way to Kafka. The queue is bounded and never waited for: what does not fit is
 * dropped and counted. A batch whose sending failed is sent again, so a prediction can be there twice
 * after an unclear answer of the broker; readers tell them apart by example id and event time.
 */
export interface PredictionLog {
  /** Queues records without waiting. Those that do not fit are dropped. */
  offer(model: string, records: readonly Outgoing[]): void;
  /** Sends records past the queue and resolves when the broker has them. Throws BROKER_UNREACHABLE. */
  send(model: string, records: readonly Outgoing[]): Promise<void>;
  /** Sends what is queued, for at most `limitMs`; the rest is dropped and counted. */
  close(limitMs: number): Promise<void>;
}

export function openPredictionLog(args: {
  producer: Producer;
  metrics: Metrics;
  log: Log;
  /** Records that may wait. */
  limit?: number;
}): PredictionLog {
  const { producer, metrics, log } = args;
  const limit = args.limit ?? 50_000;
  const closing = new AbortController();
  let queue: { model: string; record: Outgoing }[] = [];
  let running: Promise<void> | undefined;

  function showLength(): void {
    metrics.gauge('driftwatch_prediction_log_queued', {}, queue.length);
  }

  function drop(model: string, records: number): void {
    metrics.count('driftwatch_prediction_log_dropped_total', { model }, records);
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH);
      try {
        await producer.send(batch.map((entry) => entry.record));
      } catch (error) {
        log.warn({ event: 'predictions.unsent', waiting: queue.length, why: sentence(error) }, UNSENT);
        if (closing.signal.aborted) return;
        await pause(RETRY_MS, undefined, { signal: closing.signal }).catch(() => undefined);
        continue;
      }
      queue = queue.slice(batch.length);
      for (const { model } of batch) metrics.count('driftwatch_prediction_log_records_total', { model });
      showLength();
    }
  }

  function wake(): void {
    running ??= drain().finally(() => {
      running = undefined;
      if (queue.length > 0 && !closing.signal.aborted) wake();
    });
  }

  return {
    offer(model, records) {
      const room = closing.signal.aborted ? 0 : Math.max(0, limit - queue.length);
      if (records.length > room) drop(model, records.length - room);
      queue.push(...records.slice(0, room).map((record) => ({ model, record })));
      showLength();
      if (room > 0) wake();
    },
    async send(model, records) {
      if (records.length === 0) return;
      await producer.send(records);
      metrics.count('driftwatch_prediction_log_records_total', { model }, records.length);
    },
    async close(limitMs) {
      const late = new AbortController();
      const overdue = pause(limitMs, undefined, { signal: late.signal }).catch(() => undefined);
      await Promise.race([running, overdue]);
      late.abort();
      closing.abort();
      for (const { model } of queue) drop(model, 1);
      if (queue.length > 0) log.warn({ event: 'predictions.dropped', records: queue.length }, DROPPED);
      queue = [];
    },
  };
}

const BATCH = 2_000;
const RETRY_MS = 500;
const UNSENT = 'Predictions could not be logged; they are tried again';
const DROPPED = 'Predictions were dropped at the end because they could not be logged in time';
