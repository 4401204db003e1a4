import { z } from 'zod';
import { assignVersion, type WeightedVersion } from '../../core/experiments/assign-version.ts';
import type { LoadedVersions } from './loaded-versions.ts';

/** How the requests of a model that name no version are spread over versions. */
export interface TrafficSplit {
  readonly experiment: string;
  readonly versions: readonly WeightedVersion[];
}

/** Splits by model, kept in memory: after a restart the newest version answers everything again. */
export interface TrafficSplits {
  get(model: string): TrafficSplit | undefined;
  set(model: string, split: TrafficSplit): void;
  clear(model: string): void;
  /**
   * Positions of the ids by the version that answers them, in order of first use; one group without a version when
   * nothing is split. A version that is no longer loaded takes part no more, and only its ids move.
   */
  group(model: string, versions: LoadedVersions, ids: readonly string[]): readonly VersionGroup[];
}

export interface VersionGroup {
  readonly version: string | undefined;
  readonly positions: readonly number[];
}

export function createTrafficSplits(): TrafficSplits {
  const splits = new Map<string, TrafficSplit>();
  return {
    get: (model) => splits.get(model),
    set: (model, split) => void splits.set(model, split),
    clear: (model) => void splits.delete(model),
    group(model, loaded, ids) {
      const split = splits.get(model);
      if (split === undefined) return [{ version: undefined, positions: [...ids.keys()] }];
      const versions = split.versions.filter(({ version }) => loaded.has(version));
      const groups = new Map<string | undefined, number[]>();
      for (const [position, id] of ids.entries()) {
        const version = assignVersion({ experiment: split.experiment, id, versions });
        const group = groups.get(version);
        if (group === undefined) groups.set(version, [position]);
        else group.push(position);
      }
      return [...groups].map(([version, positions]) => ({ version, positions }));
    },
  };
}

/** Reads `{"experiment": "v3 against v2", "weights": {"v2": 0.9, "v3": 0.1}}`, or says what is wrong with it. */
export function readSplit(
  body: unknown,
  loaded: LoadedVersions,
):
  | { readonly status: 'ok'; readonly split: TrafficSplit }
  | { readonly status: 'bad'; readonly why: string } {
  const parsed = BODY.safeParse(body);
  if (!parsed.success) {
    return { status: 'bad', why: z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ').trim() };
  }
  const versions = Object.entries(parsed.data.weights).map(([version, weight]) => ({ version, weight }));
  const missing = versions.filter(({ version }) => !loaded.has(version)).map(({ version }) => version);
  if (missing.length > 0) {
    return {
      status: 'bad',
      why: `not loaded: ${missing.join(', ')}; loaded are ${loaded.list().join(', ')}`,
    };
  }
  if (!versions.some(({ weight }) => weight > 0)) {
    return { status: 'bad', why: 'at least one weight must be above 0' };
  }
  return { status: 'ok', split: { experiment: parsed.data.experiment, versions } };
}

const BODY = z.strictObject({
  experiment: z.string().min(1).max(200),
  weights: z.record(z.string(), z.number().min(0).max(1e6)),
});
