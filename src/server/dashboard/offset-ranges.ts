import { z } from 'zod';
import { count } from '../../io/clickhouse/columns.ts';
import type { OffsetRange } from './reader.ts';

/** The ranges of offsets of a row that names partitions, first offsets and end offsets side by side. */
export function rangesOf(row: {
  partitions: readonly number[];
  first_offsets: readonly number[];
  end_offsets: readonly number[];
}): OffsetRange[] {
  return row.partitions.map((partition, index) => ({
    partition,
    first: row.first_offsets[index] ?? 0,
    end: row.end_offsets[index] ?? 0,
  }));
}

/** Columns of those. */
export const OFFSET_RANGES = {
  partitions: z.array(z.number()),
  first_offsets: z.array(count),
  end_offsets: z.array(count),
};
