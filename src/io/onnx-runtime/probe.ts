import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { z } from 'zod';
import type { Columns } from './scorer.ts';

export interface ProbeArgs {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** Rows to score, and the answers that are expected, when they are known. */
  readonly golden: {
    readonly columns: Columns;
    readonly expected?: Float32Array;
    readonly tolerance?: number;
  };
  readonly timeoutMs?: number;
  readonly memoryBytes?: number;
}

export type ProbeResult =
  | { readonly status: 'ok'; readonly scores: Float32Array; readonly peakBytes: number }
  | { readonly status: 'refused'; readonly reasons: readonly string[] };

/** What the child reports. */
export const PROBE_REPORT = z.discriminatedUnion('status', [
  z.object({ status: z.literal('ok'), scores: z.instanceof(Float32Array), peakBytes: z.number() }),
  z.object({ status: z.literal('refused'), reasons: z.array(z.string()) }),
]);

/** Milliseconds to start, load and score. */
export const TIMEOUT_MS = 30_000;
const MEMORY_BYTES = 768 * 1024 * 1024;
const WATCH_MS = 20;
const STDERR_CHARACTERS = 500;

/**
 * Loads a model in a child process and scores a golden batch there, before the server loads it: a file that crashes the
 * runtime, hangs, or eats memory kills the child and is refused with the reason. The child has
 * no environment variables. Memory is watched through /proc every 20 ms; where there is no /proc, the peak is
 * judged at the end. Never throws for what the model does.
 */
export async function probeModel(args: ProbeArgs): Promise<ProbeResult> {
  const timeoutMs = args.timeoutMs ?? TIMEOUT_MS;
  const memoryBytes = args.memoryBytes ?? MEMORY_BYTES;
  const child = fork(new URL(`./probe-child${extname(import.meta.filename)}`, import.meta.url), {
    execArgv: ['--max-old-space-size=256'],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let report: ProbeResult | undefined;
  let killed: string | undefined;
  let stderr = '';
  const kill = (why: string): void => {
    killed ??= why;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => kill(`it did not answer within ${timeoutMs} ms`), timeoutMs);
  const watch = setInterval(async () => {
    const resident = await residentBytes(child.pid);
    if (resident !== undefined && resident > memoryBytes) kill(tooBig(resident, memoryBytes));
  }, WATCH_MS);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARACTERS);
  });
  child.on('message', (message) => {
    const parsed = PROBE_REPORT.safeParse(message);
    if (parsed.success) report = parsed.data;
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`the probe could not run: ${error.message}`));
    child.on('close', (code, signal) => resolve(`the probe ended with ${signal ?? `status ${code}`}`));
  });
  // A child that dies early breaks the pipe; how it ended says why.
  child.send({ bytes: args.bytes, sha256: args.sha256, golden: args.golden, timeoutMs }, () => undefined);
  const ending = await ended;
  clearTimeout(timer);
  clearInterval(watch);
  if (killed !== undefined) return { status: 'refused', reasons: [killed] };
  if (report === undefined) {
    return { status: 'refused', reasons: [stderr === '' ? ending : `${ending}: ${stderr.trim()}`] };
  }
  if (report.status === 'ok' && report.peakBytes > memoryBytes) {
    return { status: 'refused', reasons: [tooBig(report.peakBytes, memoryBytes)] };
  }
  return report;
}

function tooBig(bytes: number, limit: number): string {
  return `it took ${Math.round(bytes / 1e6)} MB of memory; ${Math.round(limit / 1e6)} MB are allowed`;
}

const PAGE_BYTES = 4096;

/** Resident memory of a process by /proc, undefined where there is none. */
async function residentBytes(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  try {
    const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
    return Number(pages) * PAGE_BYTES;
  } catch {
    return undefined;
  }
}
