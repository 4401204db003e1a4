import { ClickHouseError } from '@clickhouse/client';
import { DriftwatchError } from '../../errors.ts';

/** The ClickHouse exception code behind an error of our client, where there is one. */
export function clickHouseCode(error: unknown): number | undefined {
  if (!(error instanceof DriftwatchError) || !(error.cause instanceof ClickHouseError)) return undefined;
  return Number(error.cause.code);
}
