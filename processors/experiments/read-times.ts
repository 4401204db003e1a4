import { z } from 'zod';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { instant } from '../../src/io/clickhouse/columns.ts';
import type { TopicTimes } from './ports.ts';

/** How far in event time some topics have been taken in, by the ledger; topics without a row are left out. */
export async function readTimes(
  clickhouse: ClickHouse,
  topics: readonly string[],
): Promise<Map<string, TopicTimes>> {
  const rows = await clickhouse.rows('topic-times', { topics }, TIMES);
  return new Map(
    rows.map((row) => [row.topic, { reachedMs: row.reached, furthestMs: row.furthest }] as const),
  );
}

const TIMES = z.object({ topic: z.string(), reached: instant, furthest: instant });
