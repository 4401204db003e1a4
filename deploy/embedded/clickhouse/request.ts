import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal } from './errors.ts';

/** A request of the ClickHouse HTTP interface, taken apart. Nothing here has been believed yet. */
export interface ParsedRequest {
  /** Text of `query`; the body is appended to it, as on a server. */
  readonly sql: string;
  readonly params: readonly (readonly [string, string])[];
  readonly settings: readonly (readonly [string, string])[];
  readonly database: string | undefined;
  /** Format for statements without a FORMAT clause. */
  readonly format: string;
  readonly credentials: { readonly user: string; readonly password: string };
  readonly queryId: string | undefined;
  /** GET and HEAD may only read. */
  readonly readonly: boolean;
  /** Hold the answer back until the query has ended, so that every error has a status of its own. */
  readonly waitEnd: boolean;
  readonly requestEncoding: string;
  readonly responseEncoding: 'gzip' | 'br' | 'deflate' | 'zstd' | 'identity';
}

export type Parsed = { status: 'ok'; request: ParsedRequest } | { status: 'refused'; refusal: Refusal };

/** Takes method, URL and headers apart. Pure. Refuses what this front cannot keep: sessions, native compression. */
export function parseRequest(args: { method: string; url: URL; headers: IncomingHttpHeaders }): Parsed {
  const { method, url, headers } = args;
  const query = url.searchParams;
  for (const [name, why] of UNSUPPORTED) {
    if (switchedOn(query.get(name))) return refuse(48, 'NOT_IMPLEMENTED', why);
  }
  const params: (readonly [string, string])[] = [];
  const settings = new Map<string, string>();
  for (const [name, value] of query) {
    if (OF_THE_INTERFACE.has(name) || name.startsWith('http_')) continue;
    if (!name.startsWith('param_')) {
      if (!/^\w+$/.test(name))
        return refuse(115, 'UNKNOWN_SETTING', `"${name}" is not the name of a setting.`);
      settings.set(name, value);
      continue;
    }
    if (!/^param_\w+$/.test(name)) {
      return refuse(
        36,
        'BAD_ARGUMENTS',
        `"${name}" is not a parameter: write param_ and letters, digits or _.`,
      );
    }
    params.push([name, value]);
  }
  const format = query.get('default_format') || text(headers['x-clickhouse-format']) || 'TabSeparated';
  if (!/^\w+$/.test(format)) return refuse(73, 'UNKNOWN_FORMAT', `"${format}" is not the name of a format.`);
  return {
    status: 'ok',
    request: {
      sql: query.get('query') ?? '',
      params,
      settings: [...settings],
      database: query.get('database') || text(headers['x-clickhouse-database']) || undefined,
      format,
      credentials: credentials(query, headers),
      queryId: query.get('query_id') || text(headers['x-clickhouse-query-id']) || undefined,
      readonly: method !== 'POST',
      waitEnd: switchedOn(query.get('wait_end_of_query')),
      requestEncoding: text(headers['content-encoding'])?.trim().toLowerCase() || 'identity',
      responseEncoding: switchedOn(query.get('enable_http_compression'))
        ? encoding(text(headers['accept-encoding']) ?? '')
        : 'identity',
    },
  };
}

/** Parameters that belong to the HTTP interface and never reach the engine as settings. */
const OF_THE_INTERFACE = new Set([
  'query',
  'database',
  'default_format',
  'user',
  'password',
  'query_id',
  'quota_key',
  'role',
  'session_id',
  'session_check',
  'session_timeout',
  'compress',
  'decompress',
  'wait_end_of_query',
  'buffer_size',
  'enable_http_compression',
  'send_progress_in_http_headers',
  'add_http_cors_header',
  'cancel_http_readonly_queries_on_client_close',
  'stacktrace',
  'close_session',
  'client_protocol_version',
  // Taken over by this front: see settings.ts.
  'log_comment',
]);

const UNSUPPORTED = [
  ['session_id', 'Sessions are not kept here: every request stands alone, so leave session_id out.'],
  ['compress', 'Native compression is not spoken here: use enable_http_compression=1 and Accept-Encoding.'],
  ['decompress', 'Native compression is not spoken here: send the body with Content-Encoding instead.'],
] as const;

/** Headers before Authorization before URL, so that a link cannot override what a client sends. */
function credentials(query: URLSearchParams, headers: IncomingHttpHeaders): ParsedRequest['credentials'] {
  const user = text(headers['x-clickhouse-user']);
  const key = text(headers['x-clickhouse-key']);
  if (user !== undefined || key !== undefined) return { user: user ?? '', password: key ?? '' };
  const basic = /^basic (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const pair = Buffer.from(basic, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    if (colon !== -1) return { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
    return { user: pair, password: '' };
  }
  return { user: query.get('user') ?? '', password: query.get('password') ?? '' };
}

function encoding(accepted: string): ParsedRequest['responseEncoding'] {
  const offers = accepted.split(',').map((part) => part.trim().toLowerCase());
  const usable = offers
    .filter((offer) => !/;\s*q=0(?:\.0*)?$/.test(offer))
    .map((offer) => offer.split(';')[0]);
  for (const name of ['gzip', 'br', 'zstd', 'deflate'] as const) if (usable.includes(name)) return name;
  return 'identity';
}

function switchedOn(value: string | null): boolean {
  return value !== null && value !== '' && value !== '0' && value.toLowerCase() !== 'false';
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function refuse(code: number, type: string, message: string): Parsed {
  return { status: 'refused', refusal: { code, type, message } };
}
