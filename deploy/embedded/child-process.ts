import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DriftwatchError } from '../../src/errors.ts';
import { identify, type ProcessRecord } from './process-identity.ts';

/** What supervise.ts is told on its first input line. */
export interface SuperviseSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  /** How long the program may take to end after SIGTERM before it gets SIGKILL. */
  readonly graceMs: number;
}

export interface ChildProcess {
  readonly name: string;
  readonly record: ProcessRecord;
  readonly logFile: string;
  /** Resolves, never rejects, with half a sentence once the program is gone. */
  readonly exited: Promise<string>;
  /** How it ended, undefined while it runs. */
  ended(): string | undefined;
  /** Asks the program to end, forces it after the grace period, resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends program and supervisor at once. */
  kill(): void;
}

const SUPERVISE = fileURLToPath(new URL('supervise.ts', import.meta.url));
// The supervisor does next to nothing; a small heap keeps the price of three of them low.
const NODE_FLAGS = ['--max-old-space-size=32', '--max-semi-space-size=1'];

/**
 * Starts a program under its own supervisor, in a session of its own, so that Ctrl-C in the terminal
 * reaches only the launcher. Throws PROGRAM_MISSING when it cannot be started at all. The log of the
 * run before is kept beside the new one as `<name>.log.1`.
 */
export async function startChild(spec: SuperviseSpec & { name: string }): Promise<ChildProcess> {
  keepPreviousLog(spec.logFile);
  const supervisor = spawn(process.execPath, [...NODE_FLAGS, SUPERVISE, spec.name], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const killAll = (): void => killGroup(supervisor.pid);
  supervisor.stdin.on('error', () => undefined); // it died before it read; `exited` tells
  let ending: string | undefined;
  let ended: string | undefined;
  const exited = new Promise<string>((resolve) => {
    const finish = (how: string): void => {
      killAll(); // if only the supervisor was killed, its program must not stay
      ended ??= ending ?? how;
      resolve(ended);
    };
    supervisor.once('error', (error) => finish(`could not be started: ${error.message}`));
    supervisor.once('close', (code, signal) => finish(describeExit(code, signal)));
  });
  const pid = new Promise<number | undefined>((resolve) => {
    const lines = createInterface({ input: supervisor.stdout });
    lines.on('line', (line) => {
      const told = JSON.parse(line) as SupervisorMessage;
      if (told.pid !== undefined) resolve(told.pid);
      else if (told.error !== undefined) ending = `could not be started: ${told.error}`;
      else ending = describeExit(told.code ?? null, told.signal ?? null);
    });
    lines.once('close', () => resolve(undefined));
  });
  const { name, ...told } = spec;
  supervisor.stdin.write(`${JSON.stringify(told)}\n`);

  const started = await pid;
  if (started === undefined) {
    throw new DriftwatchError({
      code: 'PROGRAM_MISSING',
      message: `${name} ${await exited}.`,
      next: `Check that ${spec.command} is installed and may be run.`,
    });
  }
  return {
    name,
    record: { name, pid: started, identity: identify(started) ?? 'gone' },
    logFile: spec.logFile,
    exited,
    ended: () => ended,
    async stop() {
      supervisor.stdin.end();
      await exited;
    },
    kill: killAll,
  };
}

/** Last lines of a log that say something to a person: no frames of Java or Node stack traces. */
export function lastLines(logFile: string, count = 8): string[] {
  const TAIL_BYTES = 65_536;
  const LONGEST = 240;
  const FRAME = /^\s+at |^\s*\.\.\. \d+ (more|common frames)/;
  const file = openSync(logFile, 'r');
  try {
    const size = fstatSync(file).size;
    const tail = Buffer.alloc(Math.min(TAIL_BYTES, size));
    readSync(file, tail, 0, tail.length, size - tail.length);
    return tail
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '' && !FRAME.test(line))
      .slice(-count)
      .map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)} ...` : line));
  } finally {
    closeSync(file);
  }
}

interface SupervisorMessage {
  readonly pid?: number;
  readonly error?: string;
  readonly code?: number | null;
  readonly signal?: string | null;
}

function describeExit(code: number | null, signal: string | null): string {
  return signal === null ? `ended with exit status ${code}` : `was ended by ${signal}`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left.
  }
}

function keepPreviousLog(logFile: string): void {
  try {
    renameSync(logFile, `${logFile}.1`);
  } catch {
    // First run in this home.
  }
}
