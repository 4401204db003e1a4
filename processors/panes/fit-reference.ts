import { eventId } from '../../src/core/uuid.ts';
import { paneOf } from '../../src/core/windows/pane.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { computePanes, FEATURES_AT_ONCE, rangeParams } from './compute-panes.ts';
import type { ModelView } from './model-view.ts';
import type { OffsetRanges } from './rows.ts';
import { watchedFeatures, watchedParams } from './watched-features.ts';

/**
 * Freezes a reference: quantile edges and most frequent values of its rows, then its panes in those bins.
 * The ids are a function of the rows it is made of, so fitting it twice writes the same again.
 */
export async function fitReference(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  version: string;
  fromMs: number;
  untilMs: number;
  paneMs: number;
  ranges: OffsetRanges;
  rows: number;
}): Promise<FittedReference> {
  const { clickhouse, view, ranges } = args;
  const id = referenceId(args);
  const shared = {
    bins_id: id,
    model: view.model,
    table: view.tables.training,
    from: new Date(args.fromMs),
    until: new Date(args.untilMs),
    ...rangeParams(ranges),
  };
  const watched = watchedFeatures(view.features);
  const tops = new Set(watched.map(({ top = TOP_CATEGORIES }) => top));
  for (const kind of ['numeric', 'categorical'] as const) {
    for (const most of kind === 'categorical' ? tops : [TOP_CATEGORIES]) {
      const some = watched.filter(({ kind: own, top = TOP_CATEGORIES }) => own === kind && top === most);
      const top = kind === 'categorical' ? { top: most } : {};
      for (let at = 0; at < some.length; at += FEATURES_AT_ONCE) {
        await clickhouse.runEach({
          name: `fit-bins-${kind}`,
          shared: { ...shared, ...top },
          each: watchedParams(some.slice(at, at + FEATURES_AT_ONCE)),
        });
      }
    }
  }
  await computePanes({
    clickhouse,
    view,
    table: view.tables.training,
    stream: REFERENCE,
    binsIds: [id],
    fromMs: args.fromMs,
    untilMs: args.untilMs,
    paneMs: args.paneMs,
    revision: 0,
    version: args.version,
    streamTimeMs: args.untilMs,
    ranges,
  });
  await clickhouse.insert('reference_windows', [
    {
      reference_id: id,
      model: view.model,
      version: args.version,
      bins_id: id,
      stream: 'training',
      window_start: new Date(args.fromMs).toISOString(),
      window_end: new Date(args.untilMs).toISOString(),
      topic: view.topics.training,
      partitions: ranges.partitions,
      first_offsets: ranges.firstOffsets,
      end_offsets: ranges.endOffsets,
      rows: args.rows,
    },
  ]);
  return { id, fromMs: paneOf(args.fromMs, args.paneMs), untilMs: args.untilMs };
}

export interface FittedReference {
  /** Id of the reference and of its bins. */
  readonly id: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export function referenceId(args: {
  view: ModelView;
  version: string;
  fromMs: number;
  untilMs: number;
  ranges: OffsetRanges;
}): string {
  const { ranges } = args;
  return eventId(
    'reference',
    args.view.model,
    args.version,
    args.fromMs,
    args.untilMs,
    JSON.stringify([ranges.partitions, ranges.firstOffsets, ranges.endOffsets]),
  );
}

/** Stream name under which a reference's own panes are kept. */
export const REFERENCE = 'reference';
const TOP_CATEGORIES = 20;
