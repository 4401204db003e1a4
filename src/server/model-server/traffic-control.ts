import { z } from 'zod';
import {
  changeTraffic,
  dropVersion,
  NO_TRAFFIC,
  type Rollout,
  releaseVersion,
  type Traffic,
  type TrafficChange,
  versionOf,
  versionsInUse,
} from '../../core/experiments/traffic.ts';
import type { LoadedVersions } from './loaded-versions.ts';

/** Who answers the requests of each model, as the records of model-releases and the routes of this server say. */
export interface TrafficControl {
  of(model: string): Traffic;
  /** Takes in an accepted version that is loaded, or not to be had. */
  release(model: string, released: { readonly version: string; readonly number: number }): void;
  change(model: string, change: TrafficChange): void;
  /** Forgets a version that cannot be loaded. */
  drop(model: string, version: string): void;
  /** Positions of examples by the version that answers them, in order of first use; without a version the default does. */
  group(model: string, examples: readonly Example[]): readonly VersionGroup[];
}

export interface Example {
  readonly id: string | undefined;
  readonly eventTimeMs: number | undefined;
}

export interface VersionGroup {
  readonly version: string | undefined;
  readonly positions: readonly number[];
}

export function createTrafficControl(args: {
  versions: ReadonlyMap<string, LoadedVersions>;
  /** How an accepted version of a model comes to answer; at once unless said. */
  rollouts: ReadonlyMap<string, Rollout>;
  /** Whether the version that answered before stays loaded, so that going back to it takes no loading. */
  keepBefore: boolean;
}): TrafficControl {
  const traffics = new Map<string, Traffic>();
  const of = (model: string): Traffic => traffics.get(model) ?? NO_TRAFFIC;

  function set(model: string, traffic: Traffic): void {
    traffics.set(model, traffic);
    const wanted = traffic.champions.toReversed();
    const before = args.keepBefore ? traffic.champions.slice(-2, -1) : [];
    args.versions.get(model)?.hold(wanted, [...versionsInUse(traffic), ...before]);
  }

  return {
    of,
    release: (model, released) =>
      set(model, releaseVersion(of(model), released, args.rollouts.get(model) ?? 'at once')),
    change: (model, change) => set(model, changeTraffic(of(model), change)),
    drop: (model, version) => set(model, dropVersion(of(model), version)),
    group(model, examples) {
      const traffic = of(model);
      if (traffic.phases.length === 0) return [{ version: undefined, positions: [...examples.keys()] }];
      const loaded = args.versions.get(model);
      const groups = new Map<string | undefined, number[]>();
      for (const [position, example] of examples.entries()) {
        const version = versionOf(traffic, example, (one) => loaded?.has(one) ?? false);
        const group = groups.get(version);
        if (group === undefined) groups.set(version, [position]);
        else group.push(position);
      }
      return [...groups].map(([version, positions]) => ({ version, positions }));
    },
  };
}

/**
 * Reads `{"experiment": "v3 against v2", "weights": {"v2": 0.9, "v3": 0.1}, "shadows": ["v4"]}` into a change for
 * the champion, or says what is wrong with it. `from` is the event time from which the weights hold.
 */
export function readSplit(body: unknown, loaded: LoadedVersions): ReadChange {
  const parsed = SPLIT.safeParse(body);
  if (!parsed.success) return bad(parsed.error);
  const { experiment, weights, shadows, from } = parsed.data;
  const versions = Object.entries(weights).map(([version, weight]) => ({ version, weight }));
  const missing = [...versions.map(({ version }) => version), ...shadows].filter(
    (version) => !loaded.has(version),
  );
  if (missing.length > 0) {
    const why = `not loaded: ${missing.join(', ')}; loaded are ${loaded.list().join(', ')}`;
    return { status: 'bad', why };
  }
  if (shadows.length === 0 && !versions.some(({ weight }) => weight > 0)) {
    return { status: 'bad', why: 'at least one weight must be above 0' };
  }
  const champion = loaded.current();
  if (champion === undefined) return { status: 'bad', why: 'no version is loaded yet' };
  return {
    status: 'ok',
    change: {
      action: versions.length === 0 ? 'shadow' : 'split',
      champion,
      experiment,
      versions,
      shadows,
      ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
    },
  };
}

/** Reads the body of a rollback: empty, or `{"to": "v2", "reason": "..."}`. */
export function readRollback(
  body: unknown,
): { status: 'ok'; to: string | undefined; reason: string } | { status: 'bad'; why: string } {
  const parsed = ROLLBACK.safeParse(body);
  if (!parsed.success) return bad(parsed.error);
  return { status: 'ok', to: parsed.data.to, reason: parsed.data.reason };
}

export type ReadChange =
  | { readonly status: 'ok'; readonly change: TrafficChange }
  | { readonly status: 'bad'; readonly why: string };

function bad(error: z.ZodError): { status: 'bad'; why: string } {
  return { status: 'bad', why: z.prettifyError(error).replaceAll(/\s+/g, ' ').trim() };
}

const SPLIT = z.strictObject({
  experiment: z.string().min(1).max(200),
  weights: z.record(z.string(), z.number().min(0).max(1e6)).default({}),
  shadows: z.array(z.string()).max(8).default([]),
  from: z.iso.datetime({ offset: true }).optional(),
});
const ROLLBACK = z.strictObject({
  to: z.string().optional(),
  reason: z.string().min(1).max(500).default('a person rolled back'),
});
