import { DriftwatchError, sentence } from '../../errors.ts';
import type { Kafka, Message } from '../../io/kafka/port.ts';
import type { Log } from '../../runtime/log.ts';
import { type ReleaseRecord, readReleaseRecord } from '../../runtime/release-record.ts';
import type { ReleaseCatalogue } from './release-catalogue.ts';

/**
 * Follows model-releases: what the topic holds at the start is handed over in one go, what comes after that record by
 * record, in the order of the topic. `ready` resolves when the past is dealt with.
 */
export async function followReleases(args: {
  kafka: Kafka;
  topic: string;
  decode: (payload: Buffer) => Promise<Record<string, unknown>>;
  catalogue: ReleaseCatalogue;
  log: Log;
}): Promise<{ ready: Promise<void>; close(): Promise<void> }> {
  const { catalogue, log } = args;
  const past: ReleaseRecord[] = [];
  let live = false;

  async function onMessage(message: Message): Promise<void> {
    const record = await decodeRelease(args.decode, message, log);
    if (record === undefined) return;
    if (live) await catalogue.take(record);
    else past.push(record);
  }

  const follower = await args.kafka.follow({ topic: args.topic, onMessage });
  const ready = follower.caughtUp.then(async () => {
    await catalogue.takePast(past.splice(0));
    // What came while the past was loaded is behind it, and none is taken twice.
    for (let next = past.shift(); next !== undefined; next = past.shift()) await catalogue.take(next);
    live = true;
  });
  return { ready, close: () => follower.close() };
}

async function decodeRelease(
  decode: (payload: Buffer) => Promise<Record<string, unknown>>,
  message: Message,
  log: Log,
): Promise<ReleaseRecord | undefined> {
  const where = { offset: message.offset };
  if (message.value === null) return undefined;
  let record: Record<string, unknown>;
  try {
    record = await decode(message.value);
  } catch (error) {
    if (error instanceof DriftwatchError && error.code === 'REGISTRY_UNREACHABLE') throw error;
    log.error(
      { event: 'serve.unreadable', ...where, why: sentence(error) },
      'A release cannot be read; skipped',
    );
    return undefined;
  }
  const release = readReleaseRecord(record);
  if (release === undefined) log.error({ event: 'serve.unreadable', ...where }, 'Not a release; skipped');
  return release;
}
