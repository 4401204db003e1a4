import { domainSize, valueRulesOf } from '../../src/core/contract/value-rules.ts';
import type { ClickHouse, Params } from '../../src/io/clickhouse/client.ts';
import { computeJointPanes, type StoredAxes } from './joint-pane.ts';
import type { ModelView } from './model-view.ts';
import { withRevision } from './pane-revision.ts';
import { NO_RANGES, type OffsetRanges } from './rows.ts';
import { countedFeatures, type WatchedFeature, watchedParams } from './watched-features.ts';

/**
 * Reduces the deduplicated rows of one or more whole panes to counts per bin, feature and segment, and
 * writes the revision last: a reader sees all of a revision or none of it. Resolves with the number of panes that have
 * rows.
 */
export async function computePanes(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  table: string;
  stream: string;
  /** Sets of bins to count in: the rows are read once for all of them. */
  binsIds: readonly string[];
  fromMs: number;
  untilMs: number;
  paneMs: number;
  revision: number;
  version: string;
  streamTimeMs: number;
  ranges?: OffsetRanges;
  /** Stored axes, each of some of these bins: the joint signatures of all rows are kept beside the counts. */
  joint?: readonly StoredAxes[];
}): Promise<number> {
  const { clickhouse, view } = args;
  const shared = {
    model: view.model,
    stream: args.stream,
    bins_ids: args.binsIds,
    table: args.table,
    from: new Date(args.fromMs),
    until: new Date(args.untilMs),
    pane_seconds: args.paneMs / 1000,
    revision: args.revision,
    ...rangeParams(args.ranges ?? NO_RANGES),
  };
  const segment = segmentParams(view.segments);
  // Each statement reads the same rows and writes rows of its own: side by side they use both cores.
  const statements: (() => Promise<void>)[] = [];
  for (const kind of ['numeric', 'categorical'] as const) {
    const watched = countedFeatures(view, args.table).filter((feature) => feature.kind === kind);
    for (const some of byStatement(watched)) {
      const features = some.map(({ field }) => field.name);
      const each = { ...watchedParams(some), segment };
      const rules = ruleParams(some)[kind];
      const name = `pane-${kind}`;
      statements.push(() => clickhouse.runEach({ name, shared: { ...shared, features, ...rules }, each }));
    }
  }
  for (const axes of args.joint ?? [])
    statements.push(() => computeJointPanes({ clickhouse, view, axes, shared }));
  const sources = { ...shared, ...nothingElse(args) };
  return withRevision({ ...args, model: view.model, sources }, () =>
    Promise.all(statements.map((statement) => statement())),
  );
}

export function segmentParams(names: readonly string[]): Params[] {
  return names.map((name) => ({ segment: name, segment_name: name }));
}

/** A pane of one table has no other side. */
function nothingElse({ table, fromMs }: { table: string; fromMs: number }): Params {
  return { also: table, also_from: new Date(fromMs), also_until: new Date(fromMs) };
}

export function rangeParams(ranges: OffsetRanges): Params {
  return {
    partitions: ranges.partitions,
    first_offsets: ranges.firstOffsets,
    end_offsets: ranges.endOffsets,
  };
}

/** Features that one statement can name, with the values of the domains that it must; a long domain has its own. */
export function byStatement(watched: readonly WatchedFeature[]): WatchedFeature[][] {
  const lists: WatchedFeature[][] = [];
  let room = 0;
  for (const feature of watched) {
    const list = lists.at(-1);
    const size = domainSize(valueRulesOf(feature.field).domain ?? []);
    if (list === undefined || list.length === FEATURES_AT_ONCE || size > room) {
      lists.push([feature]);
      room = DOMAINS_AT_ONCE - size;
    } else {
      list.push(feature);
      room -= size;
    }
  }
  return lists;
}

/** What the contract says of the values of some features, in the order of their names. */
function ruleParams(watched: readonly WatchedFeature[]): { numeric: Params; categorical: Params } {
  const rules = watched.map(({ field }) => valueRulesOf(field));
  return {
    numeric: { lows: rules.map(({ min }) => min ?? null), highs: rules.map(({ max }) => max ?? null) },
    categorical: { domains: rules.map(({ domain }) => domain ?? []) },
  };
}

/** Parameters travel in the URL: ClickHouse takes 1 MiB of it, but what stands before it may be content with 16 KiB. */
export const FEATURES_AT_ONCE = 80;
/** Characters of the domains in one statement, together. */
const DOMAINS_AT_ONCE = 8_000;
