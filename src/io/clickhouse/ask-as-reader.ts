import { DriftwatchError } from '../../errors.ts';

/**
 * Sends one statement as a person would with curl, without credentials, and returns the answer as text.
 * Throws CLICKHOUSE_REFUSED with the server's own words, CLICKHOUSE_UNREACHABLE when there is no answer.
 */
export async function askAsReader(args: {
  url: string;
  database: string;
  statement: string;
  format: string;
}): Promise<string> {
  const url = new URL(args.url);
  url.searchParams.set('database', args.database);
  url.searchParams.set('default_format', args.format);
  let response: Response;
  try {
    response = await fetch(url, { method: 'POST', body: args.statement });
  } catch (cause) {
    throw new DriftwatchError({
      code: 'CLICKHOUSE_UNREACHABLE',
      message: `ClickHouse does not answer at ${args.url}.`,
      next: 'Start the embedded systems with `driftwatch stack` or `driftwatch up`, or set CLICKHOUSE_URL.',
      cause,
    });
  }
  const text = await response.text();
  if (response.ok) return text;
  throw new DriftwatchError({
    code: 'CLICKHOUSE_REFUSED',
    message: text.trim(),
    next: 'The view drift_history and its columns are described by `DESCRIBE drift_history`.',
  });
}
