import { advanceRun, type RolloutRun } from '../../src/core/experiments/rollout.ts';
import {
  changeTraffic,
  NO_TRAFFIC,
  type Rollout,
  releaseVersion,
  type Traffic,
} from '../../src/core/experiments/traffic.ts';
import type { ReleaseRecord } from '../../src/runtime/release-record.ts';

/** What the records of model-releases say of one model, from first to last. Plain data. */
export interface KnownReleases {
  readonly traffic: Traffic;
  /** Newest accepted version. */
  readonly newest?: string;
  /** Comparison of two versions under way. */
  readonly run?: RolloutRun;
  /** Records per experiment so far: the number of the next one. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Experiments that have ended. */
  readonly ended: ReadonlySet<string>;
}

export const NOTHING_RELEASED: KnownReleases = { traffic: NO_TRAFFIC, numbers: new Map(), ended: new Set() };

/** Takes in one record about the model. */
export function takeRecord(known: KnownReleases, record: ReleaseRecord, rollout: Rollout): KnownReleases {
  if (record.kind === 'release') {
    if (record.release.status === 'rejected') return known;
    const traffic = releaseVersion(known.traffic, record.release, rollout);
    return traffic === known.traffic ? known : { ...known, traffic, newest: record.release.version };
  }
  const { change } = record;
  const traffic = changeTraffic(known.traffic, change);
  const run = advanceRun(known.run, change);
  const numbers = new Map(known.numbers);
  const ended = new Set(known.ended);
  if (known.traffic.experiment !== undefined && known.traffic.experiment !== traffic.experiment) {
    ended.add(known.traffic.experiment);
  }
  if (change.experiment !== undefined) {
    numbers.set(change.experiment, (numbers.get(change.experiment) ?? 0) + 1);
  }
  const { run: _, ...rest } = known;
  return { ...rest, traffic, numbers, ended, ...(run === undefined ? {} : { run }) };
}
