import { DriftwatchError, sentence } from '../../errors.ts';
import type { Kafka, Message } from '../../io/kafka/port.ts';
import type { Log } from '../../runtime/log.ts';
import type { LoadedVersions } from './loaded-versions.ts';
import type { Metrics } from './metrics.ts';
import { type Release, readRelease } from './read-release.ts';

/**
 * Follows model-releases. Of what the topic holds at the start, only the newest versions that are kept are
 * loaded; after that every accepted release is, as it comes. The largest number serves, in whatever order
 * releases arrive. `ready` resolves when the past is dealt with.
 */
export async function followReleases(args: {
  kafka: Kafka;
  topic: string;
  decode: (payload: Buffer) => Promise<Record<string, unknown>>;
  versions: ReadonlyMap<string, LoadedVersions>;
  load: (release: Release) => Promise<'loaded' | 'refused'>;
  keep: number;
  metrics: Metrics;
  log: Log;
}): Promise<{ ready: Promise<void>; close(): Promise<void> }> {
  const { versions, metrics, log } = args;
  const past: Release[] = [];
  let live = false;

  async function take(release: Release): Promise<'loaded' | 'refused' | 'ignored'> {
    const loaded = versions.get(release.model);
    if (loaded === undefined || loaded.has(release.version)) return 'ignored';
    const outcome = await args.load(release);
    metrics.count('driftwatch_model_releases_total', { model: release.model, outcome });
    return outcome;
  }

  async function takePast(): Promise<void> {
    const releases = past.splice(0);
    for (const model of versions.keys()) {
      const accepted = releases.filter((release) => release.model === model && release.status === 'accepted');
      const newestFirst = [...new Map(accepted.map((release) => [release.version, release])).values()];
      newestFirst.sort((a, b) => b.number - a.number);
      let loaded = 0;
      for (const release of newestFirst) {
        if (loaded === args.keep) break;
        if ((await take(release)) === 'loaded') loaded += 1;
      }
    }
  }

  async function onMessage(message: Message): Promise<void> {
    const release = await decodeRelease(args.decode, message, log);
    if (release === undefined || !versions.has(release.model)) return;
    if (!live) past.push(release);
    else if (release.status === 'accepted') await take(release);
    else logRejected(release);
  }

  function logRejected({ model, version, reasons }: Release): void {
    metrics.count('driftwatch_model_releases_total', { model, outcome: 'rejected' });
    log.info({ event: 'serve.rejected', model, version, reasons }, 'A rejected version is not loaded');
  }

  const follower = await args.kafka.follow({ topic: args.topic, onMessage });
  const ready = follower.caughtUp.then(async () => {
    // A release that comes while the past is loaded is put behind it, and none is taken twice.
    while (past.length > 0) await takePast();
    live = true;
  });
  return { ready, close: () => follower.close() };
}

async function decodeRelease(
  decode: (payload: Buffer) => Promise<Record<string, unknown>>,
  message: Message,
  log: Log,
): Promise<Release | undefined> {
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
  const release = readRelease(record);
  if (release === undefined) log.error({ event: 'serve.unreadable', ...where }, 'Not a release; skipped');
  return release;
}
