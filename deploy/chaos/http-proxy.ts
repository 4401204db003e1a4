import { once } from 'node:events';
import { createServer, type IncomingMessage, request as open, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before a registry or a ClickHouse and does to its clients what an outage does. */
export interface HttpProxy {
  readonly url: string;
  /** For requests from now on; those that were stalled are closed. */
  set(weather: Weather): void;
  /** Requests so far. */
  requests(): number;
  close(): Promise<void>;
}

/**
 * `refuse` closes connections, as a machine does on which nothing listens. `stall` takes requests and says nothing;
 * `mute` has them carried out and keeps the answer. `full` answers every insert as ClickHouse does without disk
 * space, and lets the rest pass.
 */
export type Weather = 'pass' | 'refuse' | 'stall' | 'mute' | 'full';

export async function startHttpProxy(args: { target: string }): Promise<HttpProxy> {
  const target = new URL(args.target);
  const held = new Set<ServerResponse>();
  let weather: Weather = 'pass';
  let requests = 0;

  function forward(asked: IncomingMessage, reply: ServerResponse, answer: boolean): void {
    const { method, url: path, headers } = asked;
    const onward = open(
      { host: target.hostname, port: target.port, method, path, headers: { ...headers, host: target.host } },
      (response) => {
        if (!answer) {
          response.resume();
          return;
        }
        reply.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(reply);
      },
    );
    onward.on('error', () => reply.destroy());
    reply.on('close', () => {
      if (answer) onward.destroy();
    });
    asked.pipe(onward);
  }

  const server = createServer((asked, reply) => {
    requests += 1;
    asked.on('error', () => undefined);
    if (weather === 'refuse') {
      asked.socket.destroy();
      return;
    }
    if (weather === 'stall' || weather === 'mute') {
      held.add(reply);
      reply.on('close', () => held.delete(reply));
      if (weather === 'mute') forward(asked, reply, false);
      else asked.resume();
      return;
    }
    if (weather === 'full' && isInsert(asked.url ?? '')) {
      asked.resume();
      asked.on('end', () => {
        reply.writeHead(500, { 'x-clickhouse-exception-code': '243', 'content-type': 'text/plain' });
        reply.end(NO_SPACE);
      });
      return;
    }
    forward(asked, reply, true);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${portOf(server.address())}${target.pathname.replace(/\/$/, '')}`,
    set(next) {
      weather = next;
      for (const reply of held) reply.destroy();
      if (next === 'refuse') server.closeAllConnections();
    },
    requests: () => requests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const NO_SPACE =
  'Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE) (version 26.7.1)\n';

function isInsert(url: string): boolean {
  const query = new URL(url, 'http://localhost').searchParams.get('query');
  return query?.trimStart().startsWith('INSERT') === true;
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return address.port;
}
