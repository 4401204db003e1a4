import type { Role } from './access.ts';
import type { Refusal } from './errors.ts';
import type { Limits } from './limits.ts';

/** Statements that prepare a fresh session: `before` the guard looks at the query, `after` it has agreed. */
export interface Preparation {
  readonly before: string;
  readonly after: string;
}

export type Prepared = { status: 'ok'; preparation: Preparation } | { status: 'refused'; refusal: Refusal };

/**
 * Turns URL settings and parameters into SET statements. Pure. Parameters come before the guard, which must
 * see the names they stand for; settings after it, and for readers only such as change how an answer looks,
 * because others read files (format_schema), write them (output_format_schema), carry SQL
 * (additional_table_filters) or change the language (dialect). `readonly` is always the last word.
 */
export function prepare(args: {
  role: Role;
  readonly: boolean;
  database: string;
  params: readonly (readonly [string, string])[];
  settings: readonly (readonly [string, string])[];
  limits: Limits;
  tag: string;
}): Prepared {
  const { role, limits } = args;
  const asked = new Map(args.settings);
  for (const name of FORCED) asked.delete(name);
  if (role === 'reader') {
    const foreign = [...asked.keys()].find((name) => !harmless(name));
    if (foreign !== undefined) {
      const message = `Cannot modify '${foreign}' setting in readonly mode: outside readers may set output formats and lower limits.`;
      return { status: 'refused', refusal: { code: 164, type: 'READONLY', message } };
    }
  }
  const first = assignments([
    ['implicit_select', '0'],
    ...QUICK,
    ['async_insert', '0'],
    ['log_comment', args.tag],
    ...args.params,
  ]);
  const last: (readonly [string, string])[] = Object.entries(limits).flatMap(([name, limit]) => {
    const value = capped(asked.get(name), limit);
    asked.delete(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const readonly = role === 'reader' ? '1' : args.readonly ? '2' : '0';
  const after = assignments([...asked, ...last, ['readonly', readonly]]);
  return {
    status: 'ok',
    preparation: {
      before: `${ROOMY}; USE ${quotedName(args.database)}; SET ${first}`,
      after: `SET ${after}`,
    },
  };
}

/** A text as an SQL string literal. */
export function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A name in backticks. */
export function quotedName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** Parameters arrive in SET statements, which must not be cut at the engine's 256 KiB for a query. */
const ROOMY = `SET max_query_size = '${64 * 2 ** 20}'`;

/** On one small machine statements are short and seldom the same twice: compiling one costs more than it saves. */
const QUICK: readonly (readonly [string, string])[] = [
  ['compile_expressions', '0'],
  ['compile_aggregate_expressions', '0'],
  ['compile_sort_description', '0'],
];

/** Ours to decide, whatever a client asks for; clients send them to any server, so they are not refused. */
const FORCED = ['readonly', 'async_insert', 'wait_for_async_insert', 'implicit_select'];

const HARMLESS = new Set([
  'bool_false_representation',
  'bool_true_representation',
  'cast_keep_nullable',
  'date_time_input_format',
  'date_time_output_format',
  'empty_result_for_aggregation_by_empty_set',
  'extremes',
  'final',
  'format_csv_delimiter',
  'format_csv_null_representation',
  'format_tsv_null_representation',
  'group_by_use_nulls',
  'interval_output_format',
  'join_use_nulls',
  'limit',
  'max_block_size',
  'max_execution_time',
  'max_memory_usage',
  'max_result_bytes',
  'max_result_rows',
  'max_rows_to_read',
  'max_bytes_to_read',
  'max_threads',
  'offset',
  'prefer_column_name_to_alias',
  'result_overflow_mode',
  'session_timezone',
  'totals_mode',
]);

function harmless(name: string): boolean {
  return HARMLESS.has(name) || (name.startsWith('output_format_') && name !== 'output_format_schema');
}

/** The smaller of what was asked and what is allowed; zero and nonsense ask for everything. */
function capped(asked: string | undefined, limit: number): string | undefined {
  const wanted = Number(asked ?? 0);
  if (asked !== undefined && limit === 0) return asked;
  if (!Number.isFinite(wanted) || wanted <= 0) return limit === 0 ? undefined : String(limit);
  return String(Math.min(wanted, limit));
}

function assignments(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name} = ${quoted(value)}`).join(', ');
}
