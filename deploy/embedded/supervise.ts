/**
 * Runs one program of the stack and makes sure that it does not outlive the launcher.
 *
 * A JVM does not notice that its parent is gone, so each one gets this small parent. Its standard
 * input is a pipe held by the launcher: the first line says what to run, and the end of the pipe,
 * whether closed on purpose or by the death of the launcher, means stop: SIGTERM, then SIGKILL
 * after the grace period. On standard output it tells `{"pid":N}` once and
 * `{"code":N|null,"signal":S|null}` at the end.
 */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { SuperviseSpec } from './child-process.ts';

const CANNOT_START = 127;

process.title = 'driftwatch-supervise';
process.stdout.on('error', () => undefined); // the launcher may be gone; there is nobody to tell
const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => supervise(JSON.parse(line) as SuperviseSpec));
lines.once('close', () => process.exit()); // closed before anything was started

function supervise(spec: SuperviseSpec): void {
  lines.removeAllListeners('close');
  const log = openLog(spec.logFile);
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { ...process.env, ...spec.env },
    stdio: ['ignore', log, log],
  });
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    if (killTimer !== undefined) return;
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), spec.graceMs);
  };
  child.once('spawn', () => tell({ pid: child.pid }));
  child.once('error', (error) => {
    tell({ error: error.message });
    process.exit(CANNOT_START);
  });
  child.once('exit', (code, signal) => {
    tell({ code, signal });
    process.exit(code ?? 1);
  });
  lines.once('close', stop);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
}

function openLog(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    tell({ error: error instanceof Error ? error.message : String(error) });
    process.exit(CANNOT_START);
  }
}

function tell(message: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
