import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { DriftwatchError } from '../../errors.ts';
import { type ClickHouse, openClickHouse } from './client.ts';

/**
 * Applies the files schemas/clickhouse/NNNN_*.sql that have not been applied yet, in order, and returns
 * their names. Every statement says IF NOT EXISTS or OR REPLACE, so a file that a crash has cut short is applied
 * again from its start. Throws MIGRATION_CHANGED when an applied file reads differently now: DDL goes forward only.
 */
export async function migrate(args: { clickhouse: ClickHouse; directory?: URL }): Promise<readonly string[]> {
  const { clickhouse } = args;
  const directory = args.directory ?? MIGRATIONS;
  await clickhouse.run('migrations-create', {});
  const rows = await clickhouse.rows('migrations-applied', {}, APPLIED);
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  const done: string[] = [];
  for (const name of readdirSync(directory)
    .filter((file) => FILE.test(file))
    .sort()) {
    const text = readFileSync(new URL(name, directory), 'utf8');
    const sha256 = createHash('sha256').update(text).digest('hex');
    const before = applied.get(name);
    if (before === sha256) continue;
    if (before !== undefined) throw changed(name);
    for (const statement of statementsOf(text)) await clickhouse.statement(statement);
    await clickhouse.insert('migrations', [{ name, sha256 }]);
    done.push(name);
  }
  return done;
}

/** Creates the database that everything else connects to. */
export async function createDatabase(args: {
  url: string;
  database: string;
  username?: string;
  password?: string;
}): Promise<void> {
  const clickhouse = openClickHouse({ ...args, database: 'default' });
  try {
    await clickhouse.run('database-create', { database: args.database });
  } finally {
    await clickhouse.close();
  }
}

/** Statements end in a semicolon at the end of a line; one inside a line belongs to a comment. */
export function statementsOf(text: string): readonly string[] {
  return text
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

const MIGRATIONS = new URL('../../../schemas/clickhouse/', import.meta.url);
const FILE = /^\d{4}_[a-z0-9_]+\.sql$/;
const APPLIED = z.object({ name: z.string(), sha256: z.string() });

function changed(name: string): DriftwatchError {
  return new DriftwatchError({
    code: 'MIGRATION_CHANGED',
    message: `schemas/clickhouse/${name} is not what was applied to this database.`,
    next: 'Restore the file and put the change into a new one, or begin with an empty database.',
  });
}
