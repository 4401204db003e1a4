import { DriftwatchError, sentence } from '../../src/errors.ts';
import type { Batch, Consumer, Control, Kafka, Message } from '../../src/io/kafka/port.ts';
import type { Outbox } from '../../src/runtime/outbox.ts';
import { modelReleases, retrainRequests } from '../../topics/index.ts';
import type { TrainableModel, TrainPorts } from './ports.ts';
import { readRequest } from './read-request.ts';
import { type DecidedVersion, releaseEvent } from './release.ts';
import { rejectUnusable, runRequest } from './run-request.ts';

export interface RunningTrainer {
  /** Resolves when every request that is on the topic now has been decided and its release published. */
  idle(): Promise<void>;
  /** Gives up the training under way and leaves the group; the request is taken up again at the next start. */
  stop(): Promise<void>;
}

const OWN_TOPICS = { requests: retrainRequests.name, releases: modelReleases.name };

/** Turns the bytes of a record into its fields, by the schema it was written with. */
export type Decode = (payload: Buffer) => Promise<Record<string, unknown>>;

/**
 * Answers every record of retrain-requests with one record on model-releases, in order; one that cannot be used is
 * rejected there with the reason as far as it names itself and a model that is trained here, else it is skipped. All requests are
 * looked at again at each start: decided ones are answered from model_versions, so that a trainer killed
 * at any step loses and repeats nothing. One trainer at a time works, the others of the group stand by.
 */
export async function startTrainer(args: {
  kafka: Kafka;
  decode: Decode;
  /** Publishes to model-releases. */
  outbox: Outbox;
  models: ReadonlyMap<string, TrainableModel>;
  ports: TrainPorts;
  /** Topics other than retrain-requests and model-releases. */
  topics?: { readonly requests: string; readonly releases: string };
  groupId?: string;
  /** Time after which a dead trainer's requests go to the next one. */
  sessionTimeoutMs?: number;
}): Promise<RunningTrainer> {
  const { kafka, decode, outbox, models, ports } = args;
  const { log } = ports;
  const { requests, releases } = args.topics ?? OWN_TOPICS;
  const stopping = new AbortController();
  const progress = followProgress();
  const attempts = new Map<string, number>();

  async function answer(message: Message, signal: AbortSignal): Promise<void> {
    const read = await decodeRequest(decode, message);
    const where = { partition: message.partition, offset: message.offset };
    if (read.status === 'bad') {
      const { about, why } = read;
      if (about === undefined || !models.has(about.model)) {
        return log.error({ event: 'train.unreadable', ...where, why }, 'Request cannot be read; skipped');
      }
      const requestedMs = about.requestedMs ?? message.timestampMs;
      return tell(await rejectUnusable({ ports, about: { ...about, requestedMs }, why }), where);
    }
    const { request } = read;
    const model = models.get(request.model);
    if (model === undefined) {
      return log.warn(
        { event: 'train.foreign', ...where, model: request.model },
        'No such model here; skipped',
      );
    }
    const attempt = 1 + (attempts.get(request.requestId) ?? 0);
    attempts.set(request.requestId, attempt);
    const decided = await runRequest({ ports, model, request, attempt, signal });
    attempts.delete(request.requestId);
    await tell(decided, where);
  }

  /** Puts a decision on model-releases. */
  async function tell(decided: DecidedVersion, where: Record<string, number>): Promise<void> {
    log.debug({ event: 'train.recorded', ...where }, 'Decision is in model_versions');
    await outbox.put([releaseEvent(decided, releases)]);
    log.debug({ event: 'train.queued', ...where }, 'Release is in the outbox');
    const published = await outbox.publish();
    if (published === 0) return;
    const { model, version, status } = decided;
    log.info({ event: 'train.released', model, version, status }, 'Release is published');
  }

  async function onBatch(batch: Batch, control: Control): Promise<void> {
    const signal = AbortSignal.any([control.signal, stopping.signal]);
    for (const message of batch.messages) {
      signal.throwIfAborted();
      await answer(message, signal).catch((error: unknown) => {
        if (!signal.aborted) log.warn({ event: 'train.waiting', why: sentence(error) }, 'Request waits');
        throw error;
      });
      progress.reached(message.partition, message.offset + 1);
      await control.commit(message.offset + 1);
    }
    progress.reached(batch.partition, batch.nextOffset);
  }

  const consumer: Consumer = await kafka.consume({
    groupId: args.groupId ?? 'driftwatch-train',
    topics: [requests],
    fromBeginning: true,
    sessionTimeoutMs: args.sessionTimeoutMs ?? 10_000,
    onBatch,
    async onAssigned({ topic, partition }) {
      const low = (await kafka.watermarks(topic)).find((mark) => mark.partition === partition)?.low ?? 0;
      progress.reached(partition, low);
      return low;
    },
  });
  return {
    async idle() {
      for (const { partition, high } of await kafka.watermarks(requests)) {
        await progress.until(partition, high);
      }
    },
    async stop() {
      stopping.abort();
      await consumer.close();
    },
  };
}

async function decodeRequest(decode: Decode, message: Message): Promise<ReturnType<typeof readRequest>> {
  if (message.value === null) return { status: 'bad', why: 'it has no value' };
  let record: Record<string, unknown>;
  try {
    record = await decode(message.value);
  } catch (error) {
    if (error instanceof DriftwatchError && error.code === 'REGISTRY_UNREACHABLE') throw error;
    return { status: 'bad', why: sentence(error) };
  }
  return readRequest(record);
}

/** How far each partition has been answered, and who waits for it. */
function followProgress(): {
  reached(partition: number, offset: number): void;
  until(partition: number, offset: number): Promise<void>;
} {
  const positions = new Map<number, number>();
  let waiting: { partition: number; offset: number; resolve: () => void }[] = [];
  const isReached = (partition: number, offset: number): boolean =>
    offset === 0 || (positions.get(partition) ?? -1) >= offset;
  return {
    reached(partition, offset) {
      positions.set(partition, Math.max(offset, positions.get(partition) ?? 0));
      const done = waiting.filter((wait) => isReached(wait.partition, wait.offset));
      waiting = waiting.filter((wait) => !done.includes(wait));
      for (const wait of done) wait.resolve();
    },
    async until(partition, offset) {
      if (isReached(partition, offset)) return;
      await new Promise<void>((resolve) => waiting.push({ partition, offset, resolve }));
    },
  };
}
