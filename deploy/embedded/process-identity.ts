import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** One running process. `identity` tells it from a later process that got the same number. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
}

/**
 * Boot and start time of a live process, or undefined when there is none (a zombie counts as none).
 * Two processes with the same pid never share it. Without /proc it falls back on `ps`, whose start
 * times have a resolution of one second.
 */
export function identify(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) return startTimeFromPs(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may itself hold spaces and parentheses; fields count from after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    const startTicks = fields[19];
    if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
    return `${bootId()}:${startTicks}`;
  } catch {
    return undefined;
  }
}

/** Whether exactly the process that was recorded still runs. */
export function isRunning(process: ProcessRecord): boolean {
  return identify(process.pid) === process.identity;
}

/** Sends a signal to the recorded process, never to a later one with its number. */
export function signalRecorded(record: ProcessRecord, signal: NodeJS.Signals): void {
  if (!isRunning(record)) return;
  try {
    process.kill(record.pid, signal);
  } catch {
    // It ended between the two lines.
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'boot';
  }
}

function startTimeFromPs(pid: number): string | undefined {
  const found = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const text = found.status === 0 ? found.stdout.trim() : '';
  return text === '' ? undefined : text;
}
