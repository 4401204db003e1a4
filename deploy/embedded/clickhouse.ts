import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChildProcess, startChild } from './child-process.ts';
import { LOOPBACK } from './ports.ts';
import { httpProbe, waitUntilReady } from './wait-until-ready.ts';

interface ClickHouseArgs {
  /** Holds the data and, on the same disk, bodies of inserts under way. */
  readonly directory: string;
  readonly passwordFile: string;
  readonly logFile: string;
  readonly port: number;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  readonly onStarted: (child: ChildProcess) => void;
}

const MAIN = fileURLToPath(new URL('clickhouse/main.ts', import.meta.url));
const GRACE_MS = 4500;

/** The user that may write; whoever gives no password only reads. */
export const CLICKHOUSE_USER = 'driftwatch';

/** ClickHouse in a Node process of its own, behind its usual HTTP interface. */
export async function startClickHouse(args: ClickHouseArgs): Promise<ChildProcess> {
  mkdirSync(args.directory, { recursive: true });
  const child = await startChild({
    name: 'ClickHouse',
    command: process.execPath,
    args: [
      MAIN,
      '--port',
      String(args.port),
      '--directory',
      join(args.directory, 'data'),
      '--temporary',
      join(args.directory, 'tmp'),
      '--password-file',
      args.passwordFile,
    ],
    // Read by libuv before any script runs: each running query holds one of these threads.
    env: { UV_THREADPOOL_SIZE: '32' },
    cwd: args.directory,
    logFile: args.logFile,
    graceMs: GRACE_MS,
  });
  args.onStarted(child);
  const url = `http://${LOOPBACK}:${args.port}/ping`;
  await waitUntilReady({
    child,
    what: `answering on ${url}`,
    probe: httpProbe(url),
    deadlineMs: args.deadlineMs,
    signal: args.signal,
  });
  return child;
}

/** The password in `<home>/clickhouse-password`, made the first time; only this user may read it. */
export function requirePassword(home: string): { file: string; password: string } {
  const file = join(home, 'clickhouse-password');
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch {
    // There is one already, and it stays.
  } finally {
    rmSync(draft, { force: true });
  }
  return { file, password: readFileSync(file, 'utf8').trim() };
}
