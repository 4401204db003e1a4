import { DriftwatchError } from '../../errors.ts';

/** A schema registry that speaks the Confluent protocol, as requests with a time-out and a size cap. */
export interface RegistryHttp {
  /** Throws REGISTRY_UNREACHABLE when there is no answer in time, or one that is no JSON or too large. */
  request(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer>;
}
export interface Answer {
  readonly status: number;
  readonly json: unknown;
}

export function registryHttp(args: {
  readonly url: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly fetch: typeof fetch;
}): RegistryHttp {
  const { base, headers } = splitCredentials(args.url);
  return {
    async request(method, path, body) {
      try {
        const response = await args.fetch(`${base}${path}`, {
          method,
          headers,
          redirect: 'error',
          signal: AbortSignal.timeout(args.timeoutMs),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await readCapped(response, args.maxBytes);
        return { status: response.status, json: response.ok ? JSON.parse(text) : jsonOrText(text) };
      } catch (cause) {
        throw new DriftwatchError({
          code: 'REGISTRY_UNREACHABLE',
          message: `The schema registry at ${base} did not answer ${method} ${path}: ${why(cause, args)}.`,
          next: 'Check SCHEMA_REGISTRY_URL and that the registry is up.',
          cause,
        });
      }
    },
  };
}

/** What the registry says about a refusal; its own sentence where it has one. */
export function messageOf(answer: Answer): string {
  const { json } = answer;
  if (typeof json === 'object' && json !== null && 'message' in json)
    return String(json.message).slice(0, 2000);
  return `status ${answer.status}`;
}

/** fetch refuses credentials in the URL, where registries are usually given theirs. */
function splitCredentials(url: string): { readonly base: string; readonly headers: Record<string, string> } {
  const headers = { 'content-type': CONTENT_TYPE, accept: `${CONTENT_TYPE}, application/json` };
  const parsed = URL.parse(url);
  if (parsed === null) {
    throw new DriftwatchError({
      code: 'CONFIG_INVALID',
      message: `The schema registry address "${url}" is not a URL.`,
      next: 'Give SCHEMA_REGISTRY_URL with its path, such as http://127.0.0.1:8081/apis/ccompat/v7.',
    });
  }
  const { username, password } = parsed;
  parsed.username = '';
  parsed.password = '';
  const base = parsed.href.replace(/\/+$/, '');
  if (username === '') return { base, headers };
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { base, headers: { ...headers, authorization: `Basic ${Buffer.from(plain).toString('base64')}` } };
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

async function readCapped(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 200) };
  }
}

function why(cause: unknown, { timeoutMs }: { readonly timeoutMs: number }): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
