import { z } from 'zod';
import { count, instant } from '../../src/io/clickhouse/columns.ts';

/** How rows of the pane tables come back. */
const STORED_PANE = z.object({
  pane_start: instant,
  segment: z.string(),
  feature: z.string(),
  n: count,
  codes: z.array(z.number()),
  counts: z.array(count),
  finite: count,
  total: z.number(),
  squares: z.number(),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  distinct: count,
  below: count.nullish(),
  above: count.nullish(),
  unexpected: count.nullish(),
  unexpected_values: z.array(z.tuple([z.string(), count])),
});
export const PANE_ROW = STORED_PANE.transform(({ unexpected_values, ...pane }) => ({
  ...pane,
  unexpectedValues: unexpected_values,
}));
export type PaneRow = z.infer<typeof PANE_ROW>;

/** Joint signature of one pane. */
export const SIGNATURE_ROW = z.object({
  pane_start: instant,
  n: count,
  sums: z.array(z.number()),
  products: z.array(z.number()),
  fourier: z.array(z.number()),
});

const SOURCES = z.object({
  pane_start: instant,
  rows: count,
  partitions: z.array(z.number()),
  first_offsets: z.array(count),
  end_offsets: z.array(count),
  joined_partitions: z.array(z.number()),
  joined_first_offsets: z.array(count),
  joined_end_offsets: z.array(count),
});

/** Rows and offset ranges behind one pane, before it is reduced. */
export const SOURCE_ROW = SOURCES.extend({ own_rows: count });
export const REVISION_ROW = SOURCES.extend({ revision: count, version: z.string() });
export type RevisionRow = z.infer<typeof REVISION_ROW>;

export const PERFORMANCE_ROW = z.object({
  pane_start: instant,
  segment: z.string(),
  n: count,
  unmatched: count,
  positives: count,
  loss: z.number(),
  loss_squares: z.number(),
  expected: z.number(),
  excess_squares: z.number(),
  brier: z.number(),
  predicted: z.number(),
  errors: count,
});
export type PerformanceRow = z.infer<typeof PERFORMANCE_ROW>;

export const SKEW_ROW = z.object({
  segment: z.string(),
  feature: z.string(),
  joined: count,
  training_only: count,
  serving_only: count,
  matches: count,
  mismatches: count,
  training_value_only: count,
  serving_value_only: count,
  both_null: count,
  difference: z.number(),
  training_total: z.number(),
  serving_total: z.number(),
});
export type SkewRow = z.infer<typeof SKEW_ROW>;

/** Offset ranges of the rows behind something: the same position in the three lists is one partition. */
export interface OffsetRanges {
  readonly partitions: readonly number[];
  readonly firstOffsets: readonly number[];
  readonly endOffsets: readonly number[];
}

export const NO_RANGES: OffsetRanges = { partitions: [], firstOffsets: [], endOffsets: [] };
