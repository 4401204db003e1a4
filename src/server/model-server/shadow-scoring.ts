import { columnsOfRecords } from '../../core/models/scoring-columns.ts';
import { type Answer, answersOf } from '../../core/performance/answers.ts';
import { DriftwatchError, sentence } from '../../errors.ts';
import type { Outgoing, Producer } from '../../io/kafka/port.ts';
import type { Log } from '../../runtime/log.ts';
import type { LoadedVersions } from './loaded-versions.ts';
import type { Metrics } from './metrics.ts';

/**
 * Scores answered examples once more with the shadow versions and logs what they would have said. Nothing waits for
 * it: the queue is bounded, one batch at a time is scored, and what does not fit or cannot be sent is dropped and
 * counted.
 */
export interface ShadowScoring {
  offer(work: ShadowWork): void;
  /** Finishes what is queued, for at most `limitMs`. */
  close(limitMs: number): Promise<void>;
}

export interface ShadowWork {
  readonly model: string;
  readonly versions: LoadedVersions;
  readonly shadows: readonly string[];
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** Id and event time of a record. */
  readonly about: (record: Readonly<Record<string, unknown>>) => { id: string; eventTimeMs: number };
}

export function openShadowScoring(args: {
  /** Opened when the first shadow has scored. */
  producer: () => Promise<Producer>;
  topic: string;
  encode: (value: Record<string, unknown>) => Buffer;
  metrics: Metrics;
  log: Log;
  /** Examples that may wait. */
  limit?: number;
}): ShadowScoring {
  const { metrics, log } = args;
  const limit = args.limit ?? 20_000;
  const queue: ShadowWork[] = [];
  let waiting = 0;
  let closed = false;
  let producer: Promise<Producer> | undefined;
  let running: Promise<void> | undefined;

  function drop({ model, records, shadows }: ShadowWork): void {
    metrics.count('driftwatch_shadow_dropped_total', { model }, records.length * shadows.length);
  }

  async function score(work: ShadowWork): Promise<void> {
    for (const version of work.shadows) {
      const lease = work.versions.lease(version);
      if (lease === undefined) {
        drop({ ...work, shadows: [version] });
        continue;
      }
      try {
        const { scorer } = lease;
        const { width, classes } = scorer.info;
        if (width > 1 && classes === undefined) throw namelessClasses(version);
        const scores = await scorer.score(columnsOfRecords(work.records, scorer.inputs));
        const answers = answersOf(scores, classes);
        const messages = work.records.map((record, row) =>
          message(args, { work, version, record, answer: answers[row] ?? Number.NaN }),
        );
        producer ??= args.producer();
        await (await producer).send(messages);
        const labels = { model: work.model, version };
        metrics.count('driftwatch_shadow_predictions_total', labels, messages.length);
      } catch (error) {
        drop({ ...work, shadows: [version] });
        log.warn({ event: 'shadow.failed', model: work.model, version, why: sentence(error) }, FAILED);
      } finally {
        lease.release();
      }
    }
  }

  async function drain(): Promise<void> {
    for (let work = queue.shift(); work !== undefined; work = queue.shift()) {
      await score(work);
      waiting -= work.records.length;
    }
  }

  function wake(): void {
    running ??= drain().finally(() => {
      running = undefined;
      if (queue.length > 0) wake();
    });
  }

  return {
    offer(work) {
      if (closed || waiting + work.records.length > limit) return drop(work);
      queue.push(work);
      waiting += work.records.length;
      wake();
    },
    async close(limitMs) {
      closed = true;
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, limitMs);
      await Promise.race([running, late.promise]);
      clearTimeout(timer);
      for (const work of queue.splice(0)) drop(work);
      await producer?.then((one) => one.close());
    },
  };
}

function message(
  args: { topic: string; encode: (value: Record<string, unknown>) => Buffer },
  one: { work: ShadowWork; version: string; record: Readonly<Record<string, unknown>>; answer: Answer },
): Outgoing {
  const { id, eventTimeMs } = one.work.about(one.record);
  const { answer } = one;
  const chances = typeof answer === 'number' ? {} : answer.probabilities;
  const value = {
    model: one.work.model,
    version: one.version,
    example_id: id,
    event_time: eventTimeMs,
    prediction: typeof answer === 'number' ? answer : (chances[answer.label] ?? Number.NaN),
    classes: Object.keys(chances),
    probabilities: Object.values(chances),
  };
  return { topic: args.topic, key: id, value: args.encode(value) };
}

function namelessClasses(version: string): DriftwatchError {
  return new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `${version} answers with classes, and its manifest does not name them.`,
    next: 'Let the trainer write the manifest.',
  });
}

const FAILED = 'A shadow version did not score; its predictions are dropped';
