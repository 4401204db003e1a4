import type { ContainerWriter } from '../../src/core/avro/container.ts';
import { sentence } from '../../src/errors.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { clickHouseCode } from '../../src/io/clickhouse/exception-code.ts';
import type { Row } from './classify.ts';

/** A row that ClickHouse would not take although its length is right. */
export interface RefusedRow {
  readonly row: Row;
  readonly detail: string;
}

/**
 * Inserts rows of one writer schema and one ClickHouse partition, as one block. When ClickHouse refuses the
 * data, halves are tried until the culprits stand alone: the error does not name the row. Everything
 * else, a lost connection or a full disk, is thrown: it says nothing about the rows.
 */
export async function storeRows(args: {
  clickhouse: Pick<ClickHouse, 'insertAvro'>;
  table: string;
  partition: number;
  container: ContainerWriter;
  columns: readonly string[];
  rows: readonly Row[];
  tagPrefix: string;
}): Promise<readonly RefusedRow[]> {
  const { clickhouse, table, partition, container, columns, rows, tagPrefix } = args;
  const refused: RefusedRow[] = [];
  let stored = 0;

  async function store(part: readonly Row[]): Promise<void> {
    const first = part[0];
    const last = part.at(-1);
    if (first === undefined || last === undefined) return;
    if (stored === 0 && refused.length >= HOPELESS) {
      const detail = `Refused like the ${refused.length} rows before it: ${refused[0]?.detail ?? ''}`;
      refused.push(...part.map((row) => ({ row, detail })));
      return;
    }
    try {
      await clickhouse.insertAvro({
        table,
        columns,
        body: container.build(part.map(({ offset, value }) => ({ partition, offset, value }))),
        tag: `${tagPrefix}${first.offset}-${last.offset}`,
      });
      stored += part.length;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (part.length === 1) {
        refused.push({ row: first, detail: sentence(error).slice(0, 500) });
        return;
      }
      const middle = part.length >>> 1;
      await store(part.slice(0, middle));
      await store(part.slice(middle));
    }
  }

  await store(rows);
  return refused;
}

/**
 * So many rows refused one by one and none taken: it is the schema, not the rows. The rest is not tried, or a
 * batch of 50,000 would cost 100,000 requests.
 */
const HOPELESS = 32;

/** True for ClickHouse codes that speak of the data in the insert. */
export function isRefusal(error: unknown): boolean {
  const code = clickHouseCode(error);
  return code !== undefined && DATA_CODES.has(code);
}

const DATA_CODES: ReadonlySet<number> = new Set([
  1001, // a C++ exception of the Avro reader
  748, // AVRO_EXCEPTION
  6, // CANNOT_PARSE_TEXT
  8, // THERE_IS_NO_COLUMN
  25, // CANNOT_PARSE_ESCAPE_SEQUENCE
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  32, // ATTEMPT_TO_READ_AFTER_EOF
  33, // CANNOT_READ_ALL_DATA
  36, // BAD_ARGUMENTS
  38, // CANNOT_PARSE_DATE
  41, // CANNOT_PARSE_DATETIME
  43, // ILLEGAL_TYPE_OF_ARGUMENT
  44, // ILLEGAL_COLUMN
  50, // UNKNOWN_TYPE
  53, // TYPE_MISMATCH
  69, // ARGUMENT_OUT_OF_BOUND
  70, // CANNOT_CONVERT_TYPE
  72, // CANNOT_PARSE_NUMBER
  117, // INCORRECT_DATA
  128, // TOO_LARGE_ARRAY_SIZE
  131, // TOO_LARGE_STRING_SIZE
  321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  407, // DECIMAL_OVERFLOW
  691, // UNKNOWN_ELEMENT_OF_ENUM
]);
