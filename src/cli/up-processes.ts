import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChildProcess, lastLines, startChild } from '../../deploy/embedded/child-process.ts';
import { httpProbe, waitUntilReady } from '../../deploy/embedded/wait-until-ready.ts';
import { DriftwatchError } from '../errors.ts';
import type { Settings } from './settings.ts';
import { PROCESS_PORT, SERVER_PORT } from './wire.ts';

/** The processors, the trainer and the model server, each a process of its own that dies with this one. */
export interface Processes {
  readonly pids: Readonly<Record<string, number>>;
  /** Resolves with the name and the ending of the first one that ends by itself. */
  readonly failed: Promise<DriftwatchError>;
  stop(): Promise<void>;
}

export async function startProcesses(args: {
  settings: Settings;
  configFile: string | undefined;
  signal: AbortSignal;
  onStarted: (name: string) => void;
}): Promise<Processes> {
  const { settings, signal } = args;
  const flags = ['--home', settings.home, '--port-offset', String(settings.portOffset)];
  if (args.configFile !== undefined) flags.push('--config', args.configFile);
  const children: ChildProcess[] = [];
  const failed = Promise.withResolvers<DriftwatchError>();
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all(children.map((child) => child.stop()));
  };
  const start = async ({ name, probe }: (typeof PROCESSES)[number]): Promise<void> => {
    const child = await startChild({
      name,
      command: process.execPath,
      args: [MAIN, name, ...flags],
      env: {},
      cwd: process.cwd(),
      logFile: join(settings.logs, `${name}.log`),
      graceMs: 4_000,
    });
    children.push(child);
    void child.exited.then((how) => {
      if (!stopping) failed.resolve(endedByItself(name, how, child.logFile));
    });
    if (probe !== undefined) {
      const url = `http://127.0.0.1:${probe.port + settings.portOffset}${probe.path}`;
      await waitUntilReady({
        child,
        what: `answering on ${url}`,
        probe: httpProbe(url),
        deadlineMs: 60_000,
        signal,
      });
    }
    args.onStarted(name);
  };
  try {
    await Promise.all(PROCESSES.map(start));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pids: Object.fromEntries(children.map(({ name, record }) => [name, record.pid])),
    failed: failed.promise,
    stop,
  };
}

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const PROCESSES: readonly { name: string; probe?: { port: number; path: string } }[] = [
  { name: 'process', probe: { port: PROCESS_PORT, path: '/readyz' } },
  { name: 'train' },
  { name: 'serve', probe: { port: SERVER_PORT, path: '/v2/health/live' } },
];

function endedByItself(name: string, how: string, logFile: string): DriftwatchError {
  return new DriftwatchError({
    code: 'STACK_DID_NOT_START',
    message: `driftwatch ${name} ${how}. Its last words: ${lastLines(logFile).join(' | ')}`,
    next: `The whole log is ${logFile}.`,
  });
}
