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
  /** Accepted versions that replaced or shall replace another, oldest first. */
  readonly accepted: readonly AcceptedVersion[];
  /** Comparison of two versions under way. */
  readonly run?: RolloutRun;
  /** Records per experiment so far: the number of the next one. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Experiments that have ended. */
  readonly ended: ReadonlySet<string>;
}

export interface AcceptedVersion {
  readonly version: string;
  /** Event time from which it answers what is not split; undefined before. */
  readonly answersFromMs?: number;
  /** When it was taken back: event time, or wall clock when a person did it. */
  readonly rolledBackMs?: number;
}

export const NOTHING_RELEASED: KnownReleases = {
  traffic: NO_TRAFFIC,
  accepted: [],
  numbers: new Map(),
  ended: new Set(),
};

/** Takes in one record about the model. */
export function takeRecord(known: KnownReleases, record: ReleaseRecord, rollout: Rollout): KnownReleases {
  if (record.kind === 'release') {
    if (record.release.status === 'rejected') return known;
    const { version, parent, createdMs } = record.release;
    const traffic = releaseVersion(known.traffic, record.release, rollout);
    if (traffic === known.traffic) return known;
    const answers = traffic.champions.at(-1) === version ? { answersFromMs: createdMs } : {};
    const accepted = parent === null ? known.accepted : [...known.accepted, { version, ...answers }];
    return { ...known, traffic, accepted, newest: version };
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
  const before = known.traffic.champions.at(-1);
  const left = before === change.champion ? known.run?.challenger : before;
  const accepted = known.accepted.map((one) => {
    if (one.version === change.champion && one.answersFromMs === undefined) {
      return { ...one, answersFromMs: record.createdMs };
    }
    const back = change.action === 'roll back' && one.version === left;
    return back ? { ...one, rolledBackMs: record.createdMs } : one;
  });
  return { ...rest, traffic, accepted, numbers, ended, ...(run === undefined ? {} : { run }) };
}
