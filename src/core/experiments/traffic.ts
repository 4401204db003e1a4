import { assignVersion, type WeightedVersion } from './assign-version.ts';

/** Who answers the requests of one model, as the records of model-releases say from first to last. */
export interface Traffic {
  /** Versions that have answered what is not split, oldest first; the last one does now. */
  readonly champions: readonly string[];
  /** Number of the newest accepted version; 0 before the first. */
  readonly newest: number;
  /** How ids are split, oldest first: each holds from its event time on. Empty when nothing is split. */
  readonly phases: readonly TrafficPhase[];
  /** Versions that score without answering. */
  readonly shadows: readonly string[];
  /** Experiment under way, also while it only shadows. */
  readonly experiment?: string;
}

export interface TrafficPhase {
  readonly experiment: string;
  readonly versions: readonly WeightedVersion[];
  /** Milliseconds since 1970; minus infinity for at once. */
  readonly fromMs: number;
}

export const TRAFFIC_ACTIONS = ['shadow', 'split', 'step', 'promote', 'roll back', 'clear'] as const;
export type TrafficAction = (typeof TRAFFIC_ACTIONS)[number];

/** What a record of status traffic says. */
export interface TrafficChange {
  readonly action: TrafficAction;
  readonly champion: string;
  readonly experiment?: string;
  readonly versions: readonly WeightedVersion[];
  readonly shadows: readonly string[];
  readonly fromMs?: number;
}

export const NO_TRAFFIC: Traffic = { champions: [], newest: 0, phases: [], shadows: [] };

/**
 * The traffic after a version was accepted. `at once` it answers everything that is not split; `tested` it waits for
 * what an experiment decides, unless nothing answers yet. A release that comes again, or after a newer one, changes
 * nothing: what was rolled back does not come back by being repeated.
 */
export function releaseVersion(
  traffic: Traffic,
  released: { readonly version: string; readonly number: number },
  rollout: Rollout,
): Traffic {
  if (released.number <= traffic.newest) return traffic;
  const answers = rollout === 'at once' || traffic.champions.length === 0;
  const champions = answers ? [...traffic.champions, released.version] : traffic.champions;
  return { ...traffic, champions, newest: released.number };
}

export type Rollout = 'at once' | 'tested';

/** The traffic after a record that says who answers. A step adds a phase to those of its experiment. */
export function changeTraffic(traffic: Traffic, change: TrafficChange): Traffic {
  const now = traffic.champions.at(-1);
  const champions =
    change.champion === now ? traffic.champions : championsAfter(traffic.champions, change.champion);
  const { experiment, versions, shadows } = change;
  const goesOn = experiment !== undefined && (versions.length > 0 || shadows.length > 0);
  const { newest } = traffic;
  if (!goesOn) return { champions, newest, phases: [], shadows: [] };
  const earlier = traffic.phases.filter((phase) => phase.experiment === experiment);
  const fromMs = change.fromMs ?? Number.NEGATIVE_INFINITY;
  const phases =
    versions.length === 0
      ? earlier
      : [...earlier.filter((phase) => phase.fromMs < fromMs), { experiment, versions, fromMs }];
  return { champions, newest, phases, shadows, experiment };
}

/** The traffic without a version that cannot be had: who answered before it does again, and it takes no ids. */
export function dropVersion(traffic: Traffic, version: string): Traffic {
  const others = <T extends { readonly version: string }>(list: readonly T[]): T[] =>
    list.filter((one) => one.version !== version);
  return {
    ...traffic,
    champions: traffic.champions.filter((one) => one !== version),
    phases: traffic.phases.map((phase) => ({ ...phase, versions: others(phase.versions) })),
    shadows: traffic.shadows.filter((one) => one !== version),
  };
}

/**
 * The version that answers an example. A pure function of the records, the id and the event time, so that
 * every server gives the same answer, also after a restart. An example without an event time is of the newest
 * phase, one without an id is not split. A version that is not loaded takes part no more, and only its ids move.
 * Undefined when the default answers.
 */
export function versionOf(
  traffic: Traffic,
  example: { readonly id: string | undefined; readonly eventTimeMs: number | undefined },
  isLoaded: (version: string) => boolean,
): string | undefined {
  const { id, eventTimeMs = Number.POSITIVE_INFINITY } = example;
  const phase = traffic.phases.findLast(({ fromMs }) => fromMs <= eventTimeMs);
  if (phase === undefined || id === undefined) return undefined;
  const versions = phase.versions.filter(({ version }) => isLoaded(version));
  return assignVersion({ experiment: phase.experiment, id, versions });
}

/**
 * What a rollback leads to: without an experiment the version that answered before the one that does now, else the
 * champion alone. Undefined when there is nothing to go back to.
 */
export function rollbackTarget(traffic: Traffic): string | undefined {
  return traffic.experiment === undefined ? traffic.champions.at(-2) : traffic.champions.at(-1);
}

/** Versions that must stay loaded: those that answer and those that score beside them. */
export function versionsInUse(traffic: Traffic): readonly string[] {
  const split = traffic.phases.at(-1)?.versions.map(({ version }) => version) ?? [];
  return [...new Set([...traffic.champions.slice(-1), ...split, ...traffic.shadows])];
}

/** Going back takes the versions after the target off the list, so that going back again goes on from there. */
function championsAfter(champions: readonly string[], next: string): readonly string[] {
  const at = champions.lastIndexOf(next);
  return at < 0 ? [...champions, next] : champions.slice(0, at + 1);
}
