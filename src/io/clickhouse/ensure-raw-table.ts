import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Contract } from '../../core/contract/contract.ts';
import { rawTable, renderRawTable } from '../../core/contract/raw-table.ts';
import { DriftwatchError } from '../../errors.ts';
import type { ClickHouse } from './client.ts';

/**
 * Makes the table that a contract's records are stored in, or adds the columns that the contract has won
 * since. Throws CONTRACT_INVALID when a column exists with another type: its rows would have to be
 * rewritten, which is for a person to decide.
 */
export async function ensureRawTable(args: { clickhouse: ClickHouse; contract: Contract }): Promise<void> {
  const { clickhouse, contract } = args;
  const raw = rawTable(contract);
  await clickhouse.statement(renderRawTable(template('raw-table'), raw));
  const rows = await clickhouse.rows('table-columns', { table: raw.table }, COLUMN);
  const present = new Map(rows.map((row) => [row.name, row.type]));
  for (const column of raw.columns) {
    const type = present.get(column.name);
    if (type === undefined) {
      await clickhouse.statement(renderRawTable(template('raw-column'), { ...raw, columns: [column] }));
    } else if (type !== column.type) {
      throw otherType({ table: raw.table, column: column.name, type, wanted: column.type });
    }
  }
}

const COLUMN = z.object({ name: z.string(), type: z.string() });

function template(name: string): string {
  return readFileSync(
    new URL(`../../../schemas/clickhouse/templates/${name}.sql`, import.meta.url),
    'utf8',
  ).trim();
}

function otherType(args: { table: string; column: string; type: string; wanted: string }): DriftwatchError {
  return new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `Column ${args.column} of ${args.table} is ${args.type}; the contract now says ${args.wanted}.`,
    next: 'Give the changed field a new name, or move the table away and let it be made again.',
  });
}
