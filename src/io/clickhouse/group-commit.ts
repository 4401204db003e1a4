import type { ClickHouse } from './client.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * Group commit (Gray and Reuter, Transaction Processing, 1993): while one insert into a table of `tables` is on
 * its way, the rows of those that come after it wait and then go as one insert. A small insert costs the server
 * as much as a larger one, and many partitions advance their ledger at the same moment.
 *
 * An insert is done when the insert that carried its rows is, and fails with it: what failed may have been
 * written or not, for every caller alike. Order among the rows of one caller is kept as long as it waits for
 * one insert before the next. Inserts under a fence, and everything but `insert`, are passed on as they are.
 */
export function groupCommit(clickhouse: ClickHouse, tables: readonly string[]): ClickHouse {
  const groups = new Map(tables.map((table) => [table, group((rows) => clickhouse.insert(table, rows))]));
  return {
    ...clickhouse,
    insert(table, rows, fence) {
      const grouped = fence === undefined ? groups.get(table) : undefined;
      return grouped === undefined ? clickhouse.insert(table, rows, fence) : grouped(rows);
    },
  };
}

function group(insert: (rows: readonly Row[]) => Promise<void>): (rows: readonly Row[]) => Promise<void> {
  let waiting: { rows: Row[]; done: Promise<void> } | undefined;
  let before: Promise<void> = Promise.resolve();
  return (rows) => {
    if (waiting !== undefined) {
      waiting.rows.push(...rows);
      return waiting.done;
    }
    const mine: Row[] = [...rows];
    const done = before.then(() => {
      waiting = undefined;
      return insert(mine);
    });
    waiting = { rows: mine, done };
    // The next group goes when this one has ended, however it ended.
    before = done.catch(() => undefined);
    return done;
  };
}
