import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { AvroDefinition } from '../../../src/core/avro/definition.ts';
import type { Contract } from '../../../src/core/contract/contract.ts';
import { parseContract } from '../../../src/core/contract/parse-contract.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { ensureRawTable } from '../../../src/io/clickhouse/ensure-raw-table.ts';
import { migrate, statementsOf } from '../../../src/io/clickhouse/migrate.ts';
import { EXAMPLE } from '../../fixtures/ingest-rig.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';
import { temporaryHome } from '../../fixtures/own-stack.ts';
import { uniqueName } from '../../fixtures/stack.ts';

test('every file is applied once, in order, and the second time there is nothing to do', async (t) => {
  const clickhouse = await ownDatabase(t, 'migrate', { bare: true });
  const files = readdirSync(new URL('../../../schemas/clickhouse/', import.meta.url))
    .filter((name) => name.endsWith('.sql'))
    .sort();
  assert.deepEqual(await migrate({ clickhouse }), files);
  assert.deepEqual(await migrate({ clickhouse }), []);
});

test('a file that changed after it was applied is refused, and a new one is applied after the others', async (t) => {
  const clickhouse = await ownDatabase(t, 'migrate', { bare: true });
  const home = temporaryHome(t);
  const directory = pathToFileURL(`${home}/`);
  writeFileSync(
    join(home, '0001_one.sql'),
    "CREATE TABLE IF NOT EXISTS one (a Int32 COMMENT 'a; b') ENGINE = Memory;\n",
  );
  writeFileSync(join(home, 'notes.txt'), 'not a migration');
  assert.deepEqual(await migrate({ clickhouse, directory }), ['0001_one.sql']);
  writeFileSync(join(home, '0002_two.sql'), 'CREATE TABLE IF NOT EXISTS two (a Int32) ENGINE = Memory');
  assert.deepEqual(await migrate({ clickhouse, directory }), ['0002_two.sql']);
  writeFileSync(join(home, '0001_one.sql'), 'CREATE TABLE IF NOT EXISTS one (a Int64) ENGINE = Memory');
  await assert.rejects(migrate({ clickhouse, directory }), (error: unknown) => {
    return error instanceof DriftwatchError && error.code === 'MIGRATION_CHANGED';
  });
});

test('statements end at a semicolon that ends a line, and only there', () => {
  assert.deepEqual(statementsOf("SELECT ';' AS a, 1; \n\nSELECT 2;\nSELECT 3\n"), [
    "SELECT ';' AS a, 1",
    'SELECT 2',
    'SELECT 3',
  ]);
});

test('after all migrations every table, view and column carries a comment', async (t) => {
  const clickhouse = await ownDatabase(t, 'migrate', { bare: true });
  await migrate({ clickhouse });
  const silent = async (): Promise<string[]> => {
    const columns = await clickhouse.rows('dashboard-catalogue', {}, CATALOGUE);
    assert.ok(columns.length > 200, String(columns.length));
    return columns
      .filter(({ comment, table_comment }) => comment === '' || table_comment === '')
      .map(({ table, column }) => `${table}.${column}`);
  };
  assert.deepEqual(await silent(), []);
  await clickhouse.statement('ALTER TABLE incidents ADD COLUMN unsaid String');
  assert.deepEqual(await silent(), ['incidents.unsaid']);
});

const CATALOGUE = z.object({
  table: z.string(),
  table_comment: z.string(),
  column: z.string(),
  comment: z.string(),
});

test('a raw table is made from its contract, wins columns with it, and refuses another type', async (t) => {
  const clickhouse = await ownDatabase(t, 'migrate', { bare: true });
  const model = uniqueName('grows');
  await ensureRawTable({ clickhouse, contract: contractOf(model, EXAMPLE) });
  await ensureRawTable({ clickhouse, contract: contractOf(model, EXAMPLE) });
  const extra = { name: 'extra', type: ['null', 'double'], default: null, role: 'feature' } as const;
  await ensureRawTable({ clickhouse, contract: contractOf(model, withField(extra)) });
  const columns = await clickhouse.rows('table-columns', { table: `training_${model}` }, COLUMN);
  assert.deepEqual(
    columns
      .filter(({ name }) => ['event_time', 'extra', '_offset'].includes(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    [
      { name: '_offset', type: 'Int64' },
      { name: 'event_time', type: "DateTime64(3, 'UTC')" },
      { name: 'extra', type: 'Nullable(Float64)' },
    ],
  );
  const text = { ...extra, type: ['null', 'string'] } as const;
  await assert.rejects(
    ensureRawTable({ clickhouse, contract: contractOf(model, withField(text)) }),
    /extra of/,
  );
});

const COLUMN = z.object({ name: z.string(), type: z.string() });

function contractOf(model: string, definition: AvroDefinition): Contract {
  const parsed = parseContract({ model, stream: 'training', topic: 't', subject: 't-value', definition });
  if (parsed.status === 'invalid') throw new Error(parsed.problems.join(' '));
  return parsed.contract;
}

function withField(field: { readonly name: string; readonly type: AvroDefinition }): AvroDefinition {
  if (typeof EXAMPLE === 'string' || !('type' in EXAMPLE) || EXAMPLE.type !== 'record') return EXAMPLE;
  return { ...EXAMPLE, fields: [...EXAMPLE.fields, field] };
}
