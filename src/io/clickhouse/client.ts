import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { z } from 'zod';
import { DriftwatchError } from '../../errors.ts';
import { type Fence, fenceParams, fenceTag } from './fence.ts';

/**
 * The one way to ClickHouse, over HTTP. Statements live in schemas/queries/NAME.sql and take
 * {name:Type} parameters; rows come back through a zod schema, so nothing undecoded gets in.
 */
export interface ClickHouse {
  /** Rows of schemas/queries/NAME.sql, decoded; `each` repeats parts of it as `runEach` does. */
  rows<T>(name: string, params: Params, row: z.ZodType<T>, each?: Repeated): Promise<T[]>;
  /** Runs schemas/queries/NAME.sql for its effect: DDL, INSERT ... SELECT, KILL. Statements that include the fence obey it. */
  run(name: string, params: Params, fence?: Fence): Promise<void>;
  /**
   * Result bytes of schemas/queries/NAME.sql, which ends in a FORMAT clause. A parameter
   * {columns:Identifiers} takes a list of column names; `each` repeats parts of it as `runEach` does.
   */
  bytes(name: string, params: Params, each?: Repeated): Promise<Buffer>;
  /**
   * Runs schemas/queries/NAME.sql for its effect, with each part marked EACH list SEPARATOR ... END repeated once
   * per entry of the list: {feature:Identifier} becomes {feature_3:Identifier}. `shared` is for all.
   */
  runEach(args: {
    name: string;
    shared: Params;
    each: Readonly<Record<string, readonly Params[]>>;
    fence?: Fence;
  }): Promise<void>;
  /**
   * Inserts plain rows; nothing to do for none. Keep below 100,000 rows. Under a fence all rows have the same columns,
   * and none is written when the fence has fallen.
   */
  insert(table: string, rows: readonly Record<string, unknown>[], fence?: Fence): Promise<void>;
  /** Inserts an Avro object container. `tag` names the insert, so that a dead owner's can be killed. */
  insertAvro(args: {
    table: string;
    columns: readonly string[];
    body: Uint8Array;
    tag: string;
  }): Promise<void>;
  /** Runs one statement as it is: for migrations and for what a person typed. */
  statement(sql: string): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export type Params = Readonly<Record<string, unknown>>;
/** Parameters of each copy, by list. */
export type Repeated = Readonly<Record<string, readonly Params[]>>;

const QUERIES = new URL('../../../schemas/queries/', import.meta.url);
const SETTINGS = {
  async_insert: 0,
  wait_end_of_query: 1,
  date_time_input_format: 'best_effort',
  date_time_output_format: 'iso',
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_denormals: 1,
} as const;
/** A part of a statement that is repeated: list, separator, text. */
const EACH = /\/\* EACH (\w+) (.*?) \*\/([\s\S]*?)\/\* END \*\//g;
/** A part of several statements: schemas/queries/parts/NAME.sql. */
const INCLUDE = /\/\* INCLUDE ([a-z-]+) \*\//g;
const COLUMN = z.object({ name: z.string(), type: z.string() });
const SAFE_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$/;

export function openClickHouse(args: {
  url: string;
  database: string;
  username?: string;
  password?: string;
  timeoutMs?: number;
}): ClickHouse {
  const client = createClient({
    url: args.url,
    database: args.database,
    request_timeout: args.timeoutMs ?? 60_000,
    max_open_connections: 16,
    // Failures are thrown as sentences; the client's own log would print them, settings and all.
    log: { level: ClickHouseLogLevel.OFF },
    ...(args.username === undefined ? {} : { username: args.username }),
    ...(args.password === undefined ? {} : { password: args.password }),
    clickhouse_settings: SETTINGS,
  });
  const types = new Map<string, ReadonlyMap<string, string>>();

  /** Types of the columns of a table, which migrations do not change while a process runs. */
  async function typesOf(table: string): Promise<ReadonlyMap<string, string>> {
    const known = types.get(table);
    if (known !== undefined) return known;
    const params = { table };
    const result = await client.query({
      query: sqlOf('table-columns'),
      query_params: params,
      format: 'JSONEachRow',
    });
    const columns = z.array(COLUMN).parse(await result.json());
    const found = new Map(columns.map(({ name, type }) => [name, type]));
    types.set(table, found);
    return found;
  }

  async function insertUnder(fence: Fence, table: string, rows: readonly Params[]): Promise<void> {
    const of = await typesOf(table);
    const columns = Object.keys(rows[0] ?? {}).map(safe);
    const structure = columns.map((column) => `${column} ${of.get(column) ?? ''}`).join(', ');
    const result = await client.exec({
      query: `INSERT INTO ${safe(table)} (${columns.join(', ')}) ${sqlOf('parts/fenced-rows')}`,
      query_params: { structure, ...fenceParams(fence) },
      query_id: fenceTag(fence),
      values: Readable.from([rows.map((row) => `${JSON.stringify(row)}\n`).join('')]),
    });
    await collect(result.stream);
  }

  return {
    async rows(name, params, row, each = {}) {
      const { sql, params: repeated } = repeatParts(sqlOf(name), each);
      const result = await guarded(name, () =>
        client.query({ query: sql, query_params: { ...params, ...repeated }, format: 'JSONEachRow' }),
      );
      return guarded(name, async () => z.array(row).parse(await result.json()));
    },
    async run(name, params, fence) {
      const query = sqlOf(name);
      await guarded(name, () => client.command({ query, ...underFence(query, params, fence) }));
    },
    async bytes(name, params, each = {}) {
      const copies = repeatParts(sqlOf(name), each);
      const { sql, params: named } = withNames(copies.sql, { ...params, ...copies.params });
      const result = await guarded(name, () => client.exec({ query: sql, query_params: { ...named } }));
      return collect(result.stream);
    },
    async runEach({ name, shared, each, fence }) {
      const { sql, params } = repeatParts(sqlOf(name), each);
      await guarded(name, () =>
        client.command({ query: sql, ...underFence(sql, { ...shared, ...params }, fence) }),
      );
    },
    async insert(table, rows, fence) {
      if (rows.length === 0) return;
      await guarded(`insert into ${table}`, async () => {
        if (fence !== undefined) await insertUnder(fence, table, rows);
        else await client.insert({ table: safe(table), values: rows, format: 'JSONEachRow' });
      });
    },
    async insertAvro({ table, columns, body, tag }) {
      const query = `INSERT INTO ${safe(table)} (${columns.map(safe).join(', ')}) FORMAT Avro`;
      await guarded(`insert into ${table}`, () => execInsert(client, query, body, tag));
    },
    async statement(sql) {
      await guarded('statement', () => client.command({ query: sql }));
    },
    async ping() {
      return (await client.ping()).success;
    },
    async close() {
      await client.close();
    },
  };
}

/** Parameters and name of a statement that may include the fence. */
function underFence(sql: string, params: Params, fence: Fence | undefined) {
  const own = sql.includes('{fence_model:') ? fenceParams(fence) : {};
  return {
    query_params: { ...params, ...own },
    ...(fence === undefined ? {} : { query_id: fenceTag(fence) }),
  };
}

/** Text of schemas/queries/NAME.sql with the parts it includes. Throws for a name that has no file. */
export function sqlOf(name: string): string {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`${name}.sql`, QUERIES), 'utf8')
    .trim()
    .replace(/;$/, '')
    .replaceAll(INCLUDE, (_, part: string) => sqlOf(`parts/${part}`));
  cache.set(name, text);
  return text;
}
const cache = new Map<string, string>();

/** Repeats the marked parts of a statement, with the parameters of each copy renamed. */
function repeatParts(
  statement: string,
  each: Readonly<Record<string, readonly Params[]>>,
): { sql: string; params: Params } {
  const params: Record<string, unknown> = {};
  const sql = statement.replaceAll(EACH, (_, list: string, separator: string, part: string) =>
    (each[list] ?? [])
      .map((own, index) => {
        let copy = part;
        for (const [name, value] of Object.entries(own)) {
          copy = copy.replaceAll(`{${name}:`, `{${name}_${index}:`);
          params[`${name}_${index}`] = value;
        }
        return copy;
      })
      .join(separator),
  );
  return { sql, params };
}

/** {columns:Identifiers} becomes {columns_0:Identifier}, {columns_1:Identifier}, ...: a server takes one name each. */
function withNames(statement: string, params: Params): { sql: string; params: Params } {
  const named: Record<string, unknown> = {};
  let sql = statement;
  for (const [name, value] of Object.entries(params)) {
    if (!Array.isArray(value) || !sql.includes(`{${name}:Identifiers}`)) {
      named[name] = value;
      continue;
    }
    const holes = value.map((_, index) => `{${name}_${index}:Identifier}`);
    sql = sql.replaceAll(`{${name}:Identifiers}`, holes.join(', '));
    for (const [index, column] of value.entries()) named[`${name}_${index}`] = column;
  }
  return { sql, params: named };
}

async function execInsert(
  client: ClickHouseClient,
  query: string,
  body: Uint8Array,
  tag: string,
): Promise<void> {
  const result = await client.exec({
    query,
    values: Readable.from([body]),
    query_id: tag,
    clickhouse_settings: { max_insert_block_size: '1048576', min_insert_block_size_rows: '1048576' },
  });
  await collect(result.stream);
}

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    else chunks.push(Buffer.from(String(chunk)));
  }
  return Buffer.concat(chunks);
}

function safe(name: string): string {
  if (SAFE_NAME.test(name)) return name;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `"${name}" is not a plain table or column name.`,
    next: 'Names of contract fields are letters, digits and underscores.',
  });
}

/** Connection failures and refusals become sentences; the cause is kept. */
async function guarded<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof ClickHouseError) {
      throw new DriftwatchError({
        code: 'CLICKHOUSE_REFUSED',
        message: `ClickHouse refused ${what} (code ${cause.code}): ${cause.message.split('\n')[0]}`,
        next: 'The statement is in schemas/queries; run it with `driftwatch sql` to see it alone.',
        cause,
      });
    }
    if (cause instanceof z.ZodError) {
      throw new DriftwatchError({
        code: 'INVARIANT_BROKEN',
        message: `A row of ${what} does not have the expected shape: ${z.prettifyError(cause)}.`,
        next: 'The query and its decoder disagree; change them together.',
        cause,
      });
    }
    throw new DriftwatchError({
      code: 'CLICKHOUSE_UNREACHABLE',
      message: `ClickHouse did not answer ${what}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      next: 'Check CLICKHOUSE_URL and that the server is up.',
      cause,
    });
  }
}
