import { changeTraffic, versionsInUse } from '../../core/experiments/traffic.ts';
import type { Log } from '../../runtime/log.ts';
import type { Release, ReleaseRecord } from '../../runtime/release-record.ts';
import type { LoadedVersions } from './loaded-versions.ts';
import type { Metrics } from './metrics.ts';
import type { TrafficControl } from './traffic-control.ts';

/** Every accepted version that was ever released, and the loading of those that are needed. */
export interface ReleaseCatalogue {
  /** Takes in what the topic held at the start, oldest first: only what is in use and the newest versions are loaded. */
  takePast(records: readonly ReleaseRecord[]): Promise<void>;
  /** Takes in a record that has just come. */
  take(record: ReleaseRecord): Promise<void>;
  /** Loads an accepted version unless it is loaded; false when there is none or it is refused. */
  ensure(model: string, version: string): Promise<boolean>;
}

export function createReleaseCatalogue(args: {
  versions: ReadonlyMap<string, LoadedVersions>;
  traffic: TrafficControl;
  load: (release: Release) => Promise<'loaded' | 'refused'>;
  keep: number;
  metrics: Metrics;
  log: Log;
}): ReleaseCatalogue {
  const { versions, traffic, metrics, log } = args;
  const accepted = new Map<string, Map<string, Release>>();

  function note(release: Release): void {
    const known = accepted.get(release.model) ?? new Map<string, Release>();
    known.set(release.version, release);
    accepted.set(release.model, known);
  }

  async function ensure(model: string, version: string): Promise<boolean> {
    if (versions.get(model)?.has(version) === true) return true;
    const release = accepted.get(model)?.get(version);
    if (release === undefined) return false;
    const outcome = await args.load(release);
    metrics.count('driftwatch_model_releases_total', { model, outcome });
    return outcome === 'loaded';
  }

  async function take(record: ReleaseRecord): Promise<void> {
    const model = record.kind === 'release' ? record.release.model : record.model;
    if (!versions.has(model)) return;
    if (record.kind === 'traffic') {
      // Loaded first, so that no request meets a version that is not there.
      const missing: string[] = [];
      for (const version of versionsInUse(changeTraffic(traffic.of(model), record.change))) {
        if (!(await ensure(model, version))) missing.push(version);
      }
      traffic.change(model, record.change);
      for (const version of missing) traffic.drop(model, version);
      const { action, champion, experiment } = record.change;
      log.info(
        { event: 'serve.traffic', model, action, champion, experiment, missing },
        'Traffic has changed',
      );
      return;
    }
    const { release } = record;
    if (release.status === 'rejected') return logRejected(release);
    note(release);
    if (versions.get(model)?.has(release.version) === true) return;
    const loaded = await ensure(model, release.version);
    traffic.release(model, release);
    if (!loaded) traffic.drop(model, release.version);
  }

  function logRejected({ model, version, reasons }: Release): void {
    metrics.count('driftwatch_model_releases_total', { model, outcome: 'rejected' });
    log.info({ event: 'serve.rejected', model, version, reasons }, 'A rejected version is not loaded');
  }

  async function takePast(records: readonly ReleaseRecord[]): Promise<void> {
    for (const record of records) {
      if (record.kind === 'traffic') traffic.change(record.model, record.change);
      else if (record.release.status === 'accepted' && versions.has(record.release.model)) {
        note(record.release);
        traffic.release(record.release.model, record.release);
      }
    }
    for (const [model, loaded] of versions) {
      const refused = new Set<string>();
      // A version that is refused leaves its place to the one before.
      for (;;) {
        const next = versionsInUse(traffic.of(model)).find((version) => !loaded.has(version));
        if (next === undefined) break;
        if (await ensure(model, next)) continue;
        refused.add(next);
        traffic.drop(model, next);
      }
      const newestFirst = [...(accepted.get(model)?.values() ?? [])].sort((a, b) => b.number - a.number);
      for (const { version } of newestFirst) {
        if (loaded.list().length >= args.keep) break;
        if (!refused.has(version)) await ensure(model, version);
      }
    }
  }

  return { takePast, take, ensure };
}
