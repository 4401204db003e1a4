import type { ClickHouse, Params } from '../../src/io/clickhouse/client.ts';
import type { ModelView } from './model-view.ts';
import { NO_RANGES, type OffsetRanges } from './rows.ts';

/**
 * Reduces the deduplicated rows of one or more whole panes to counts per bin, feature and segment, and
 * writes the revision last: a reader sees all of a revision or none of it.
 */
export async function computePanes(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  table: string;
  stream: string;
  binsId: string;
  fromMs: number;
  untilMs: number;
  paneMs: number;
  revision: number;
  version: string;
  streamTimeMs: number;
  ranges?: OffsetRanges;
}): Promise<void> {
  const { clickhouse, view } = args;
  const shared = {
    model: view.model,
    stream: args.stream,
    bins_id: args.binsId,
    table: args.table,
    from: new Date(args.fromMs),
    until: new Date(args.untilMs),
    pane_seconds: args.paneMs / 1000,
    revision: args.revision,
    ...rangeParams(args.ranges ?? NO_RANGES),
  };
  for (const kind of ['numeric', 'categorical'] as const) {
    const features = view.features.filter((feature) => feature.kind === kind).map(({ field }) => field.name);
    const each = cellsOf(features, view.segments);
    await clickhouse.insertEach({ table: 'panes', name: `pane-${kind}`, shared, each });
  }
  await clickhouse.run('pane-revision', {
    ...shared,
    version: args.version,
    watermark: new Date(args.streamTimeMs),
  });
}

/** One copy of the statement per feature and way to segment; `event_time` stands in where there is no segment. */
export function cellsOf(features: readonly string[], segments: readonly string[]): Params[] {
  return features.flatMap((feature) => [
    { feature, feature_name: feature, segment: 'event_time', segment_name: '' },
    ...segments
      .filter((segment) => segment !== feature)
      .map((segment) => ({ feature, feature_name: feature, segment, segment_name: segment })),
  ]);
}

export function rangeParams(ranges: OffsetRanges): Params {
  return {
    partitions: ranges.partitions,
    first_offsets: ranges.firstOffsets,
    end_offsets: ranges.endOffsets,
  };
}
