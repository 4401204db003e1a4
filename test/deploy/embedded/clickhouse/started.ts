import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmbeddedClickHouse,
  freePort,
  startEmbeddedClickHouse,
} from '../../../fixtures/embedded-clickhouse.ts';

/** The server of one test file, with a plain HTTP client that sends exactly what it is told. */
export interface Started extends EmbeddedClickHouse {
  readonly directory: string;
  readonly port: number;
  ask(what: Question): Promise<Reply>;
  /** Resolves when exactly these queries, by id, are running. */
  untilRunning(ids: readonly string[]): Promise<void>;
  /** Runs a statement as driftwatch itself; throws unless it is answered with 200. */
  write(sql: string): Promise<string>;
  remove(): Promise<void>;
}

export interface Question {
  method?: string;
  path?: string;
  search?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  headers?: Readonly<Record<string, string>>;
  as?: 'reader' | 'writer';
  /** Breaks the connection off. */
  signal?: AbortSignal;
  /** Called with every piece of the answer. */
  onData?: (chunk: Buffer) => void;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** Exception code the server names in its header, as text. */
  readonly code: string | undefined;
}

export async function startForTest(): Promise<Started> {
  const directory = await mkdtemp(join(tmpdir(), 'driftwatch-clickhouse-'));
  const port = await freePort();
  const server = await startEmbeddedClickHouse({ port, directory });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const authorization = `Basic ${Buffer.from(`${server.username}:${server.password}`).toString('base64')}`;
  const ask: Started['ask'] = (what) =>
    new Promise((resolve, reject) => {
      const search = new URLSearchParams(what.search ?? {}).toString();
      const path = `${what.path ?? '/'}${search === '' ? '' : `?${search}`}`;
      const headers = { ...(what.as === 'writer' ? { authorization } : {}), ...what.headers };
      const method = what.method ?? 'POST';
      const signal = what.signal === undefined ? {} : { signal: what.signal };
      const sent = request(
        { host: '127.0.0.1', port, method, path, headers, agent, ...signal },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            what.onData?.(chunk);
          });
          response.on('error', reject);
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            const code = response.headers['x-clickhouse-exception-code'];
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              bytes,
              text: bytes.toString('utf8'),
              code: Array.isArray(code) ? code[0] : code,
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(what.body);
    });
  const write = async (sql: string): Promise<string> => {
    const reply = await ask({ body: sql, as: 'writer' });
    if (reply.status !== 200) throw new Error(`${sql}: ${reply.text}`);
    return reply.text;
  };
  return {
    ...server,
    directory,
    port,
    ask,
    write,
    async untilRunning(ids) {
      const wanted = [...ids].sort().join('\n');
      // The asking query and KILLs under way are left out.
      const sql = `SELECT Settings['log_comment'] AS id FROM system.processes WHERE query NOT LIKE '%system.processes%' AND query NOT LIKE 'KILL%' ORDER BY id`;
      while ((await write(sql)).trim() !== wanted);
    },
    async remove() {
      agent.destroy();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
