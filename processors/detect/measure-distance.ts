import { z } from 'zod';
import { finiteOr, insufficient, type Result } from '../../src/core/statistic.ts';
import { binnedKolmogorovSmirnov } from '../../src/core/statistics/binned-kolmogorov-smirnov.ts';
import { binnedWasserstein } from '../../src/core/statistics/binned-wasserstein.ts';
import { kolmogorovOfGap } from '../../src/core/statistics/kolmogorov-smirnov.ts';
import { wassersteinOfArea } from '../../src/core/statistics/wasserstein.ts';
import { mergePanes } from '../../src/core/windows/pane-counts.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { Span } from './read-window.ts';
import { cellKey, groupByCell, readPanes } from './references.ts';

/** Stored rows of one table and stretch of event time. */
export interface Sample extends Span {
  readonly table: string;
}

/**
 * How far a numeric feature is between two stretches of stored rows: Kolmogorov-Smirnov and Wasserstein-1 of the
 * rows themselves, sorted in the database, so for any number of rows. They are what the core gives for the same
 * rows; `segment` takes the rows of one segment only.
 */
export async function measureDistance(args: {
  clickhouse: ClickHouse;
  feature: string;
  segment?: { readonly name: string; readonly value: string };
  reference: Sample;
  current: Sample;
}): Promise<Distances> {
  const { clickhouse, reference, current, segment } = args;
  const params = {
    feature: args.feature,
    reference_table: reference.table,
    reference_from: new Date(reference.fromMs),
    reference_until: new Date(reference.untilMs),
    current_table: current.table,
    from: new Date(current.fromMs),
    until: new Date(current.untilMs),
  };
  const only = segment === undefined ? [] : [{ segment: segment.name, segment_value: segment.value }];
  const [[ranks], [areas]] = await Promise.all([
    clickhouse.rows('exact-kolmogorov-smirnov', params, GAP_ROW, { only }),
    clickhouse.rows('exact-wasserstein', params, AREA_ROW, { only }),
  ]);
  const none = insufficient(1, 0, 'one of the stretches has no rows with a number');
  return {
    kolmogorovSmirnov:
      ranks === undefined ? none : kolmogorovOfGap({ ...ranks, value: ranks.gap / (ranks.n * ranks.m) }),
    wasserstein: areas === undefined ? none : wassersteinOfArea({ ...areas, referenceSd: areas.sd }),
  };
}

/**
 * The same two from the counts of stored panes of serving, with the resolution that bins have: for what the panes
 * between `fromMs` and `untilMs` hold. Insufficient where no set of bins has panes of both stretches.
 */
export async function measureBinnedDistance(args: {
  clickhouse: ClickHouse;
  model: string;
  feature: string;
  segment: string;
  reference: Span;
  current: Span;
}): Promise<Distances> {
  const { clickhouse, model, feature } = args;
  for (const { bins_id: binsId, edges } of await clickhouse.rows(
    'bins-of-feature',
    { model, feature },
    BINS,
  )) {
    const [reference, current] = await Promise.all(
      [args.reference, args.current].map(async (span) => {
        const rows = await readPanes({ clickhouse, model, stream: 'serving', binsId, ...span });
        return (groupByCell(rows).get(cellKey(feature, args.segment)) ?? []).map(({ pane }) => pane);
      }),
    );
    if (reference === undefined || current === undefined) continue;
    const [a, b] = [mergePanes(reference), mergePanes(current)];
    const extremes = [...reference, ...current].flatMap(({ minimum, maximum }) => [minimum, maximum]);
    const values = extremes.filter((value) => value !== null);
    if (!(a.finite > 0 && b.finite > 0)) continue;
    const mean = a.total / a.finite;
    return {
      kolmogorovSmirnov: binnedKolmogorovSmirnov(a, b),
      wasserstein: finiteOr(
        binnedWasserstein({
          reference: a,
          current: b,
          edges,
          minimum: values.reduce((least, value) => Math.min(least, value)),
          maximum: values.reduce((most, value) => Math.max(most, value)),
          referenceSd: Math.sqrt(Math.max(0, a.squares / a.finite - mean * mean)),
        }),
      ),
    };
  }
  const none = insufficient(1, 0, 'no panes of both stretches in the same bins');
  return { kolmogorovSmirnov: none, wasserstein: none };
}

export interface Distances {
  readonly kolmogorovSmirnov: Result;
  readonly wasserstein: Result;
}

const GAP_ROW = z.object({ gap: z.number(), n: count, m: count });
/** Sums of numbers near the largest double overflow, which arrives as null or a text. */
const sum = z.union([z.number(), z.null(), z.string()]).transform((value) => Number(value ?? Number.NaN));
const AREA_ROW = z.object({ value: sum, n: count, m: count, sd: sum });
const BINS = z.object({ bins_id: z.string(), edges: z.array(z.number()) });
