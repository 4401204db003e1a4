import { DriftwatchError } from '../../errors.ts';
import { columnType } from './column-type.ts';
import type { Contract, Field } from './contract.ts';

export interface RawTable {
  readonly table: string;
  readonly comment: string;
  readonly columns: readonly RawColumn[];
}
export interface RawColumn {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
  /** SQL expression for rows that do not name the column. */
  readonly defaultSql?: string;
}

/** Columns of ours that each row of an insert carries in front of the producer's payload. */
export const PREFIX_COLUMNS = ['_partition', '_offset', '_schema_id'] as const;

/**
 * The ClickHouse table that a contract's records are stored in: a column per field that has a column
 * type (see columnType), then ours. A field that may be missing from a writer's schema takes the
 * default of the contract's Avro field, as an Avro reader would.
 */
export function rawTable(contract: Contract): RawTable {
  const columns = contract.fields.flatMap((field): RawColumn[] => {
    const type = columnType(field);
    if (type === undefined) return [];
    const value = defaultSql(field, type);
    const base = { name: field.name, type, comment: commentOf(field) };
    return [value === undefined ? base : { ...base, defaultSql: value }];
  });
  return {
    table: rawTableName(contract),
    comment: `${contract.stream} records of the model ${contract.model}, one row per message of ${contract.topic}`,
    columns: [...columns, ...ourColumns(contract.topic)],
  };
}

/** `training_flights` for stream training of model flights. */
export function rawTableName({ stream, model }: Pick<Contract, 'stream' | 'model'>): string {
  return `${stream}_${model}`;
}

/**
 * Fills schemas/clickhouse/templates/raw-table.sql. Names are checked and texts are escaped here,
 * because DDL takes no parameters. Throws INVARIANT_BROKEN for a name that is not plain.
 */
export function renderRawTable(template: string, raw: RawTable): string {
  const columns = raw.columns.map(renderColumn).join(',\n    ');
  const values: Readonly<Record<string, string>> = {
    table: plain(raw.table),
    columns,
    comment: sqlText(raw.comment),
  };
  return template.replace(/\{\{(\w+)\}\}/g, (marker, name: string) => values[name] ?? marker);
}

function renderColumn({ name, type, comment, defaultSql: value }: RawColumn): string {
  const middle = value === undefined ? '' : ` DEFAULT ${value}`;
  return `${plain(name)} ${type}${middle} COMMENT ${sqlText(comment)}`;
}

function ourColumns(topic: string): readonly RawColumn[] {
  return [
    { name: '_partition', type: 'Int32', comment: 'Kafka partition' },
    { name: '_offset', type: 'Int64', comment: 'Kafka offset; with _partition the identity of the row' },
    { name: '_schema_id', type: 'Int64', comment: 'Registry id of the schema it was written with' },
    {
      name: '_topic',
      type: 'LowCardinality(String)',
      defaultSql: sqlText(topic),
      comment: 'Kafka topic',
    },
    {
      name: '_ingested_at',
      type: "DateTime64(3, 'UTC')",
      defaultSql: 'now64(3)',
      comment: 'Wall clock of the insert',
    },
  ];
}

function defaultSql(field: Field, type: string): string | undefined {
  const value = field.registered?.default;
  if (type.includes('Nullable(') && (value === undefined || value === null)) return undefined;
  if (typeof value === 'string' && type.includes('String')) return sqlText(value);
  if (typeof value === 'boolean' && type.includes('Bool')) return String(value);
  if (typeof value === 'number' && Number.isFinite(value) && /\b(Int|Float)\d/.test(type))
    return String(value);
  return undefined;
}

function commentOf(field: Field): string {
  const doc = field.registered?.doc;
  const words = [
    ...(doc === undefined || doc === '' ? [] : [doc]),
    field.unit === undefined ? `(${field.role})` : `(${field.role}, ${field.unit})`,
  ];
  return words.join(' ');
}

/** A quoted SQL text, with what could end it early escaped. */
function sqlText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function plain(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `"${name}" is not a plain table or column name.`,
    next: 'Names of models and contract fields are letters, digits and underscores.',
  });
}
