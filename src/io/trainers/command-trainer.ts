import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { readOutput } from './read-output.ts';
import { JOB_FILE, type Trainer } from './trainer.ts';

/**
 * Any command as a trainer. It is started without a shell in the job's output directory, with the path
 * of `job.json` as its last argument, and gets PATH, HOME, LANG and TMPDIR of the environment given here
 * and nothing else. Lines on its stdout that are JSON objects are progress. It has failed when it ends
 * with another status than 0, runs longer than `timeLimitMs`, or leaves no valid model.onnx and
 * metrics.json. It runs in a process group of its own, which is killed as a whole.
 */
export function commandTrainer(args: {
  command: readonly [string, ...string[]];
  timeLimitMs: number;
  environment: Readonly<Record<string, string | undefined>>;
}): Trainer {
  const [program, ...fixed] = args.command;
  return {
    name: `command ${program}`,
    async train({ job, signal, onProgress }) {
      const jobPath = join(job.output, JOB_FILE);
      await writeFile(jobPath, `${JSON.stringify(job, null, 2)}\n`);
      const child = spawn(program, [...fixed, jobPath], {
        cwd: job.output,
        env: onlyNeeded(args.environment),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const ending = await ended({ child, signal, timeLimitMs: args.timeLimitMs, onProgress });
      signal.throwIfAborted();
      if (ending.status !== 'exited') return { status: 'failed', reason: reasonOf(program, ending) };
      if (ending.code !== 0) return { status: 'failed', reason: reasonOf(program, ending) };
      return readOutput(job.output);
    },
  };
}

type Ending = { stderr: string } & (
  | { status: 'exited'; code: number }
  | { status: 'killed'; by: string }
  | { status: 'overdue'; afterMs: number }
  | { status: 'not-started'; why: string }
);

function ended(args: {
  child: ChildProcess;
  signal: AbortSignal;
  timeLimitMs: number;
  onProgress(progress: Record<string, unknown>): void;
}): Promise<Ending> {
  const { child, signal, timeLimitMs } = args;
  const stderr = tail(child.stderr);
  progressLines(child.stdout, args.onProgress);
  let overdue = false;
  const kill = (): void => killGroup(child);
  const timer = setTimeout(() => {
    overdue = true;
    kill();
  }, timeLimitMs);
  signal.addEventListener('abort', kill, { once: true });
  return new Promise<Ending>((resolve) => {
    const finish = (ending: Ending): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
      resolve(ending);
    };
    child.once('error', (error) => finish({ status: 'not-started', why: error.message, stderr: '' }));
    child.once('close', (code, by) => {
      if (overdue) finish({ status: 'overdue', afterMs: timeLimitMs, stderr: stderr() });
      else if (code === null) finish({ status: 'killed', by: by ?? 'a signal', stderr: stderr() });
      else finish({ status: 'exited', code, stderr: stderr() });
    });
  });
}

function reasonOf(program: string, ending: Ending): string {
  const said = ending.stderr === '' ? '' : `; its last words: ${ending.stderr}`;
  switch (ending.status) {
    case 'exited':
      return `the trainer ${program} ended with status ${ending.code}${said}`;
    case 'killed':
      return `the trainer ${program} was ended by ${ending.by}${said}`;
    case 'overdue':
      return `the trainer ${program} ran longer than ${ending.afterMs / 1000} s and was stopped${said}`;
    case 'not-started':
      return `the trainer ${program} could not be started: ${ending.why}`;
  }
}

/** A trainer that ignores the end of its time gets no second warning: what it would leave is not used. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function progressLines(
  stdout: Readable | null,
  onProgress: (progress: Record<string, unknown>) => void,
): void {
  if (stdout === null) return;
  createInterface({ input: stdout }).on('line', (line) => {
    const progress = objectOf(line);
    if (progress !== undefined) onProgress(progress);
  });
}

function objectOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{') || line.length > LONGEST_LINE) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function tail(stderr: Readable | null): () => string {
  let text = '';
  stderr?.on('data', (chunk) => {
    text = `${text}${String(chunk)}`.slice(-KEPT_STDERR);
  });
  return () => text.trim().split('\n').slice(-3).join(' | ');
}

function onlyNeeded(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = environment[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TMPDIR'];
const LONGEST_LINE = 10_000;
const KEPT_STDERR = 2_000;
