import { readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DriftwatchError, sentence } from '../../../src/errors.ts';
import { createExecutor } from './execute.ts';
import { createGate } from './gate.ts';
import { READERS_IN_LINE, slots } from './limits.ts';
import { poolSize, readOptions } from './options.ts';
import { createResultPipes } from './result-pipe.ts';
import { closeFront, createFront } from './server.ts';
import type { Engine } from './session.ts';
import { quotedName } from './settings.ts';

/**
 * The embedded ClickHouse as a process:
 * `node main.ts --port 8123 --directory D --temporary T --password-file F [--database driftwatch] [--memory-bytes N]`.
 * Prints one JSON line when it listens, sentences on stderr when it cannot; SIGTERM and SIGINT stop it.
 */
async function main(argv: readonly string[]): Promise<void> {
  const options = readOptions(argv);
  const pool = poolSize(process.env['UV_THREADPOOL_SIZE']);
  await mkdir(options.temporary, { recursive: true, mode: 0o700 });
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  // The engine takes its time zone from here; times in tables and answers must not depend on the machine.
  process.env['TZ'] = 'UTC';
  const configuration = join(options.temporary, CONFIGURATION);
  await writeFile(configuration, serverSettings(options.memory));
  const engine = await openEngine(options.directory, configuration);
  // Only now, when the directory is ours: the folder may be another process's until then.
  await wipe(options.temporary);
  const setup = engine.open();
  await setup.run(`CREATE DATABASE IF NOT EXISTS ${quotedName(options.database)}`);
  setup.close();
  const size = slots(pool);
  const server = createFront({
    execute: createExecutor({
      engine,
      gates: {
        writer: createGate({ size: size.writer, line: Number.POSITIVE_INFINITY }),
        reader: createGate({ size: size.reader, line: READERS_IN_LINE }),
      },
      pipes: await createResultPipes(options.temporary, size.writer + size.reader),
      database: options.database,
      temporary: options.temporary,
    }),
    password: options.password,
    version: engine.version,
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', (cause) => failed(portInUse(options.port, cause)));
    server.listen(options.port, '127.0.0.1', listening);
  });
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await closeFront(server, 2000);
    await untilIdle(engine, 3000);
    await wipe(options.temporary);
    // A query that even KILL cannot end would hold up the exit for ever. Tables bear a hard end.
    if (engine.opened > 0) process.kill(process.pid, 'SIGKILL');
    engine.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  process.stdout.write(
    `${JSON.stringify({ listening: options.port, pid: process.pid, version: engine.version })}\n`,
  );
}

const CONFIGURATION = 'engine.xml';

/** Takes away what a process like this one leaves when it is killed, and nothing else. */
async function wipe(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^result-\d+$|\.body$/.test(name));
  for (const name of names) await rm(join(folder, name), { force: true });
}

/** Queries cut off by the stop are being killed: the engine must not be closed under them. */
async function untilIdle(engine: Engine, withinMs: number): Promise<void> {
  for (let waited = 0; engine.opened > 0 && waited < withinMs; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function serverSettings(memory: number): string {
  return `<clickhouse><max_server_memory_usage>${memory}</max_server_memory_usage></clickhouse>\n`;
}

async function openEngine(directory: string, configuration: string): Promise<Engine> {
  const { startEngine } = await import('./session.ts').catch((cause: unknown) => {
    throw new DriftwatchError({
      code: 'PROGRAM_MISSING',
      message:
        'The embedded ClickHouse (npm package chdb, optional) is not installed or does not run on this machine.',
      next: 'Install it with the optional dependencies, or point CLICKHOUSE_URL at a server of your own.',
      cause,
    });
  });
  if (isLocked(directory)) throw locked(directory, undefined);
  try {
    return await startEngine({ directory, configuration });
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    if (!/failed to create connection/i.test(text)) throw cause;
    throw locked(directory, cause);
  }
}

/** The engine says "locked" on stderr only, so the kernel's list of locks is asked first, where there is one. */
function isLocked(directory: string): boolean {
  try {
    const { ino } = statSync(join(directory, 'status'));
    return readFileSync('/proc/locks', 'utf8').includes(`:${ino} `);
  } catch {
    return false;
  }
}

function locked(directory: string, cause: unknown): DriftwatchError {
  return new DriftwatchError({
    code: 'DIRECTORY_LOCKED',
    message: `The ClickHouse directory ${directory} cannot be opened: another process has it open.`,
    next: 'Stop the other driftwatch, or give this one a home directory of its own.',
    cause,
  });
}

function portInUse(port: number, cause: Error): DriftwatchError {
  return new DriftwatchError({
    code: 'PORT_IN_USE',
    message: `ClickHouse cannot listen on 127.0.0.1:${port}: ${cause.message}.`,
    next: 'Stop the program that has the port, or shift all ports with the port offset option.',
    cause,
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const code = error instanceof DriftwatchError ? `${error.code}: ` : '';
  process.stderr.write(`${code}${sentence(error)}\n`);
  process.exit(1);
});
