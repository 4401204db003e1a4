import { spawn } from 'node:child_process';

export interface ProgramRun {
  /** Exit status; null after a signal. */
  readonly status: number | null;
  readonly output: string;
}

/**
 * Runs a short-lived program to its end; undefined when there is no such program. Standard output
 * and standard error come back as one text. The signal ends it early.
 */
export function runProgram(args: {
  command: string;
  args: readonly string[];
  cwd?: string;
  signal?: AbortSignal;
}): Promise<ProgramRun | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(args.command, args.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(args.cwd === undefined ? {} : { cwd: args.cwd }),
      ...(args.signal === undefined ? {} : { signal: args.signal }),
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve(undefined) : reject(error),
    );
    child.once('close', (status) => resolve({ status, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
