import { z } from 'zod';
import { rawTableName } from '../../src/core/contract/raw-table.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { Contracts, ReplayPorts } from './ports.ts';
import { readWindow, type ServedRows } from './read-window.ts';

/**
 * The served rows of `[fromMs, untilMs)` of event time in blocks of whole hours, in order of time: each has about
 * `blockRows` rows, or one hour where that has more. Only one block is in memory at a time. Every row has the label that it
 * has when the window is read at once.
 */
export async function* readBlocks(args: {
  ports: Pick<ReplayPorts, 'clickhouse' | 'readRows'>;
  contracts: Contracts;
  fromMs: number;
  untilMs: number;
  blockRows?: number;
}): AsyncGenerator<ServedRows> {
  const { ports, contracts, fromMs, untilMs, blockRows = BLOCK_ROWS } = args;
  const window = { serving: rawTableName(contracts.serving), from_ms: fromMs, until_ms: untilMs };
  const hours = await ports.clickhouse.rows('served-hours', window, HOUR);
  let [startMs, rows] = [fromMs, 0];
  for (const hour of hours) {
    if (rows > 0 && rows + hour.rows > blockRows) {
      yield await readWindow({ ports, contracts, fromMs: startMs, untilMs: hour.hour, labelsFromMs: fromMs });
      [startMs, rows] = [hour.hour, 0];
    }
    rows += hour.rows;
  }
  if (rows > 0) yield await readWindow({ ports, contracts, fromMs: startMs, untilMs, labelsFromMs: fromMs });
}

const BLOCK_ROWS = 50_000;
const HOUR = z.object({ hour: instant, rows: count });
