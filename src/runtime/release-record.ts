import { z } from 'zod';
import { TRAFFIC_ACTIONS, type TrafficChange } from '../core/experiments/traffic.ts';

/** What a reader needs of a record of model-releases; undefined for a record that is none. */
export function readReleaseRecord(record: Record<string, unknown>): ReleaseRecord | undefined {
  const release = RELEASE.safeParse(record);
  if (release.success) {
    const { created: createdMs, ...data } = release.data;
    return { kind: 'release', release: { ...data, createdMs, number: Number(data.version.slice(1)) } };
  }
  const traffic = TRAFFIC.safeParse(record);
  if (!traffic.success) return undefined;
  const { data } = traffic;
  return {
    kind: 'traffic',
    id: data.release_id,
    model: data.model,
    createdMs: data.created,
    reasons: data.reasons,
    change: {
      action: data.action,
      champion: data.version,
      versions: data.split_versions.map((version, at) => ({ version, weight: data.split_weights[at] ?? 0 })),
      shadows: data.shadows,
      ...(data.experiment === null ? {} : { experiment: data.experiment }),
      ...(data.holds_from === null ? {} : { fromMs: data.holds_from }),
    },
  };
}

export type ReleaseRecord =
  | { readonly kind: 'release'; readonly release: Release }
  | {
      readonly kind: 'traffic';
      readonly id: string;
      readonly model: string;
      readonly createdMs: number;
      readonly reasons: readonly string[];
      readonly change: TrafficChange;
    };

export interface Release {
  readonly model: string;
  readonly version: string;
  /** 7 for v7. */
  readonly number: number;
  readonly status: 'accepted' | 'rejected';
  /** Version it was compared with. */
  readonly parent: string | null;
  readonly createdMs: number;
  readonly reasons: readonly string[];
  readonly uri: string;
  readonly sha256: string;
}

/** A record of model-releases that says who answers. The same change at the same time has the same id. */
export function trafficRecord(args: {
  id: string;
  model: string;
  change: TrafficChange;
  createdMs: number;
  reasons: readonly string[];
}): Record<string, unknown> {
  const { change } = args;
  return {
    release_id: args.id,
    model: args.model,
    version: change.champion,
    status: 'traffic',
    reasons: args.reasons,
    request_id: '',
    parent: null,
    created: args.createdMs,
    uri: '',
    sha256: '',
    log_loss_before: null,
    log_loss_after: null,
    validation_rows: 0,
    action: change.action,
    experiment: change.experiment ?? null,
    split_versions: change.versions.map(({ version }) => version),
    split_weights: change.versions.map(({ weight }) => weight),
    shadows: change.shadows,
    holds_from: change.fromMs ?? null,
  };
}

const version = z.string().regex(/^v[1-9][0-9]{0,14}$/);
const RELEASE = z.object({
  model: z.string(),
  version,
  status: z.enum(['accepted', 'rejected']),
  parent: z.string().nullable(),
  created: z.number(),
  reasons: z.array(z.string()),
  uri: z.string(),
  sha256: z.string(),
});
const TRAFFIC = z.object({
  release_id: z.string(),
  model: z.string(),
  version,
  status: z.literal('traffic'),
  reasons: z.array(z.string()),
  created: z.number(),
  action: z.enum(TRAFFIC_ACTIONS),
  experiment: z.string().nullable(),
  split_versions: z.array(version),
  split_weights: z.array(z.number().nonnegative()),
  shadows: z.array(version),
  holds_from: z.number().nullable(),
});
