import { z } from 'zod';
import { count, instant } from '../../io/clickhouse/columns.ts';

/**
 * Rows of schemas/queries/dashboard-*.sql about driftwatch itself: how far it is, what it accounts for, and its tables;
 * those named _ROW as they come.
 */

export const STAGE = z
  .object({ stage: z.string(), stream_time: instant, moving: count })
  .transform((row) => ({ stage: row.stage, streamTimeMs: row.stream_time, moving: row.moving === 1 }));
export const ACCOUNTING_ROW = z.object({
  topic: z.string(),
  consumed: count,
  stored: count,
  dead_letters: count,
  tombstones: count,
  unexplained: count,
});
export const ACCOUNTING = ACCOUNTING_ROW.transform(({ dead_letters: deadLetters, ...row }) => ({
  ...row,
  deadLetters,
}));
export const CATALOGUE = z
  .object({
    table: z.string(),
    table_comment: z.string(),
    column: z.string(),
    type: z.string(),
    comment: z.string(),
  })
  .transform(({ table_comment: tableComment, ...row }) => ({ ...row, tableComment }));
