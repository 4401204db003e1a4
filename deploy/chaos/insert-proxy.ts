import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Stands between clients and ClickHouse and swallows the answers to some inserts. */
export interface InsertProxy {
  readonly url: string;
  /** The next insert is carried out, its answer is swallowed and the connection closed; calls back then. */
  loseNext(done: () => void): void;
  /** Calls back when the next insert is on its way. */
  onNextInsert(event: () => void): void;
  /** Closes every connection at once, whatever is under way on it. */
  cut(): void;
  close(): Promise<void>;
}

/** Passes requests on as they are. Whatever writes is an insert here: rows, ledger, panes, verdicts, marks. */
export async function startInsertProxy(args: { url: string }): Promise<InsertProxy> {
  const upstream = new URL(args.url);
  const open = new Set<Socket>();
  const losing: (() => void)[] = [];
  const waiting: (() => void)[] = [];

  const server = createServer((incoming, answer) => {
    const passed = request({
      host: upstream.hostname,
      port: upstream.port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    let head = '';
    incoming.on('data', (chunk: Buffer) => {
      if (head.length < HEAD) head += chunk.toString('latin1', 0, HEAD);
      passed.write(chunk);
    });
    incoming.on('end', () => {
      passed.end();
      const insert = INSERT.test(incoming.url ?? '') || INSERT.test(head);
      const lost = insert ? losing.shift() : undefined;
      if (insert) for (const event of waiting.splice(0)) event();
      passed.on('response', (response) => {
        if (lost === undefined) {
          answer.writeHead(response.statusCode ?? 500, response.headers);
          response.pipe(answer);
          return;
        }
        response.resume();
        response.on('close', () => {
          answer.destroy();
          lost();
        });
      });
    });
    incoming.on('error', () => passed.destroy());
    silence(answer);
  });
  server.keepAliveTimeout = 30_000;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');

  return {
    url: `http://127.0.0.1:${address.port}`,
    loseNext: (done) => void losing.push(done),
    onNextInsert: (event) => void waiting.push(event),
    cut() {
      for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Statements travel in the URL or begin the body, behind their comment. */
const HEAD = 2_000;
const INSERT = /INSERT( |%20|\+)INTO( |%20|\+)/;

/** Connections end in the middle here: that is what the proxy is for. */
function silence(answer: ServerResponse): void {
  answer.on('error', () => undefined);
}
