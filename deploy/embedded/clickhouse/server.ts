import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isForeignOrigin, isLoopbackHost, roleOf } from './access.ts';
import { createAnswer } from './answer.ts';
import { decoded } from './body.ts';
import { ClickHouseException, toException } from './errors.ts';
import type { Job } from './execute.ts';
import { parseRequest } from './request.ts';

export interface FrontPorts {
  execute(job: Job): Promise<void>;
  readonly password: string;
  readonly version: string;
}

/** The ClickHouse HTTP interface: routes, identity, headers. What a statement does is the executor's business. */
export function createFront(ports: FrontPorts): Server {
  // Parameters travel in the URL, so it may be as long as on a server: 1 MiB.
  const server = createServer({ maxHeaderSize: 2 ** 20 }, (request, response) => {
    void handle(ports, request, response);
  });
  server.keepAliveTimeout = 10_000;
  // A big INSERT may take longer than Node's five minutes to arrive; its headers may not.
  server.requestTimeout = 0;
  server.headersTimeout = 20_000;
  server.maxConnections = 1024;
  return server;
}

async function handle(ports: FrontPorts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on('error', () => response.destroy());
  request.on('error', () => response.destroy());
  if (!isLoopbackHost(request.headers.host) || isForeignOrigin(request.headers.origin)) {
    plain(response, 403, 'This ClickHouse answers to 127.0.0.1 and localhost only.\n');
    return;
  }
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const method = request.method ?? 'GET';
  if (url.pathname === '/ping' || url.pathname === '/replicas_status') {
    plain(response, 200, 'Ok.\n');
  } else if (url.pathname !== '/') {
    plain(
      response,
      404,
      `There is no handle ${url.pathname}\n\nUse / or /ping for health checks, /?query=... for SQL.\n`,
    );
  } else if (method !== 'POST' && method !== 'GET' && method !== 'HEAD') {
    plain(response, 405, `${method} means nothing to SQL: use GET to read and POST to write.\n`, {
      Allow: 'GET, HEAD, POST',
    });
  } else if (method !== 'POST' && !url.searchParams.has('query')) {
    plain(response, 200, 'Ok.\n');
  } else {
    await query(ports, request, response, url, method);
  }
}

async function query(
  ports: FrontPorts,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  method: string,
): Promise<void> {
  const parsed = parseRequest({ method, url, headers: request.headers });
  const encoding = parsed.status === 'ok' && method !== 'HEAD' ? parsed.request.responseEncoding : 'identity';
  const answer = createAnswer({ response, encoding, version: ports.version });
  const tag = (parsed.status === 'ok' ? parsed.request.queryId : undefined) ?? crypto.randomUUID();
  const headers = {
    'X-ClickHouse-Query-Id': headerSafe(tag),
    'X-ClickHouse-Timezone': 'UTC',
    'X-ClickHouse-Server-Display-Name': 'driftwatch-embedded',
  };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  try {
    if (parsed.status === 'refused') throw new ClickHouseException(parsed.refusal);
    const identity = roleOf(parsed.request.credentials, ports.password);
    if (identity.status === 'refused') throw new ClickHouseException(identity.refusal);
    await ports.execute({
      request: parsed.request,
      role: identity.role,
      tag,
      body: method === 'POST' ? decoded(request, parsed.request.requestEncoding) : undefined,
      answer,
      headers,
      onGone: (callback) => {
        response.once('close', () => {
          if (!response.writableFinished) callback();
        });
      },
    });
  } catch (error) {
    await answer.fail(toException(error));
  } finally {
    // What is left of a body that was refused must not be taken for the next request.
    if (!request.complete) request.resume();
  }
}

/** Stops taking requests, gives running ones a moment, then cuts the rest. */
export async function closeFront(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

function plain(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8', ...headers });
  response.end(text);
}

function headerSafe(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '_').slice(0, 512);
}
