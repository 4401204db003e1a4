import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DriftwatchError } from '../../src/errors.ts';
import type { ChildProcess } from './child-process.ts';
import { CLICKHOUSE_USER, requirePassword, startClickHouse } from './clickhouse.ts';
import { claimHome } from './home-claim.ts';
import { requireJava } from './java.ts';
import { startKafka } from './kafka.ts';
import { requireJavaPrograms } from './maven.ts';
import { LOOPBACK, requireFreePorts, stackPorts } from './ports.ts';
import { registryUrl, startRegistry } from './registry.ts';
import { childDied } from './wait-until-ready.ts';

export interface StackOptions {
  /** Directory of everything the stack keeps, made if missing. */
  readonly home: string;
  /** Added to the usual ports 9092, 9093, 8081 and 8123. */
  readonly portOffset: number;
  /** Downloaded programs, `<home>/cache` unless given; several homes may share one. */
  readonly cache?: string;
  /** Java to use instead of the one on the PATH. */
  readonly javaHome?: string;
  /** One line for a person whenever something is done. */
  readonly onProgress: (line: string) => void;
  readonly log?: StackLog;
  /** Ends an unfinished start; what was started is stopped again. */
  readonly signal?: AbortSignal;
  /** How long each program may take to become ready; 120 s unless given. */
  readonly deadlineMs?: number;
}

export interface StackLog {
  info(fields: object, message: string): void;
}

export interface Stack {
  readonly brokers: readonly string[];
  /** Where the registry speaks the Confluent protocol. */
  readonly registryUrl: string;
  readonly clickhouse: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly passwordFile: string;
  };
  /** Process ids of the programs themselves, the present ones. */
  readonly pids: { readonly kafka: number; readonly registry: number; readonly clickhouse: number };
  /** Log file of each program. */
  readonly logs: { readonly kafka: string; readonly registry: string; readonly clickhouse: string };
  /** Resolves, never rejects, with the reason when a program ends that nobody asked to end. */
  readonly failed: Promise<DriftwatchError>;
  /** Stops ClickHouse if it runs and starts it again on the same port and data. */
  restartClickHouse(): Promise<void>;
  /** The same for Kafka. */
  restartKafka(): Promise<void>;
  /** Stops everything within 10 s; may be called again. */
  stop(): Promise<void>;
  /** Ends everything at once, for the impatient second Ctrl-C. */
  kill(): void;
}

type Role = 'kafka' | 'registry' | 'clickhouse';

const DEFAULT_DEADLINE_MS = 120_000;

/**
 * Starts Kafka, the schema registry and ClickHouse on loopback and resolves when all three answer.
 * Everything that can be in the way ends in a DriftwatchError that says what to do, and with nothing
 * left running: PROGRAM_MISSING, DOWNLOAD_FAILED, PORT_IN_USE, DIRECTORY_LOCKED, DISK_FULL,
 * STACK_DID_NOT_START. When this process dies, however it dies, the three programs end too.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const home = resolve(options.home);
  const ports = stackPorts(options.portOffset);
  const java = await requireJava(options.javaHome);
  const claim = await translated(() => claimHome(home), home);
  const children = new Map<Role, ChildProcess>();
  const expected = new Set<ChildProcess>();
  const watchers = Promise.withResolvers<DriftwatchError>();

  const adopt = (role: Role, child: ChildProcess): void => {
    children.set(role, child);
    claim.record([...children.values()].map((each) => each.record));
    void child.exited.then(() => {
      if (!expected.has(child)) watchers.resolve(childDied(child));
    });
  };
  let restarting: Promise<unknown> = Promise.resolve();
  const stop = once(async () => {
    await restarting.catch(() => undefined); // its caller has the error
    for (const child of children.values()) expected.add(child);
    await stopInOrder(children);
    claim.release();
  });

  const logs = {
    kafka: join(home, 'logs', 'kafka.log'),
    registry: join(home, 'logs', 'registry.log'),
    clickhouse: join(home, 'logs', 'clickhouse.log'),
  };
  const giveUp = new AbortController();
  const signal =
    options.signal === undefined ? giveUp.signal : AbortSignal.any([options.signal, giveUp.signal]);
  const common = { deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS, signal };
  const broker = `${LOOPBACK}:${ports.kafka}`;
  const url = `http://${LOOPBACK}:${ports.clickhouse}`;
  const timed = timer(options);

  try {
    return await translated(async () => {
      signal.throwIfAborted();
      await requireFreePorts(ports);
      mkdirSync(join(home, 'logs'), { recursive: true });
      const secret = requirePassword(home);
      const programs = await requireJavaPrograms({
        cache: options.cache === undefined ? join(home, 'cache') : resolve(options.cache),
        onProgress: options.onProgress,
        signal,
      });
      const launchClickHouse = (): Promise<ChildProcess> =>
        startClickHouse({
          ...common,
          directory: join(home, 'clickhouse'),
          passwordFile: secret.file,
          logFile: logs.clickhouse,
          port: ports.clickhouse,
          onStarted: (child) => adopt('clickhouse', child),
        });

      const launchKafka = (): Promise<ChildProcess> =>
        startKafka({
          ...common,
          java,
          classPath: programs.kafka.classPath,
          directory: join(home, 'kafka'),
          logFile: logs.kafka,
          port: ports.kafka,
          controllerPort: ports.kafkaController,
          onStarted: (child) => adopt('kafka', child),
        });

      await timed(`Kafka ${programs.kafka.version} answers on ${broker}`, launchKafka);
      await allOrNone(giveUp, [
        timed(`Schema registry ${programs.registry.version} answers on ${registryUrl(ports.registry)}`, () =>
          startRegistry({
            ...common,
            java,
            application: programs.registry,
            directory: join(home, 'registry'),
            logFile: logs.registry,
            port: ports.registry,
            broker,
            onStarted: (child) => adopt('registry', child),
          }),
        ),
        timed(`ClickHouse answers on ${url}`, launchClickHouse),
      ]);

      const restart = (role: Role, launch: () => Promise<ChildProcess>): Promise<void> => {
        const restarted = restarting
          .catch(() => undefined)
          .then(async () => {
            const running = children.get(role);
            if (running !== undefined) {
              expected.add(running);
              await running.stop();
            }
            await launch();
          });
        restarting = restarted;
        return restarted;
      };
      const pid = (role: Role): number => children.get(role)?.record.pid ?? 0;
      return {
        brokers: [broker],
        registryUrl: registryUrl(ports.registry),
        clickhouse: { url, username: CLICKHOUSE_USER, password: secret.password, passwordFile: secret.file },
        get pids() {
          return { kafka: pid('kafka'), registry: pid('registry'), clickhouse: pid('clickhouse') };
        },
        logs,
        failed: watchers.promise,
        restartClickHouse: () => restart('clickhouse', launchClickHouse),
        restartKafka: () => restart('kafka', launchKafka),
        stop,
        kill() {
          for (const child of children.values()) {
            expected.add(child);
            child.kill();
          }
          claim.release();
        },
      };
    }, home);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The registry still writes to Kafka while it stops, so Kafka goes last. */
async function stopInOrder(children: ReadonlyMap<Role, ChildProcess>): Promise<void> {
  await Promise.all([children.get('registry')?.stop(), children.get('clickhouse')?.stop()]);
  await children.get('kafka')?.stop();
}

/**
 * Waits for all, so that no start is still under way when stopping begins; the first failure cuts
 * the waiting of the others short and is the one that is reported.
 */
async function allOrNone(giveUp: AbortController, starts: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(
    starts.map((start) =>
      start.catch((error: unknown) => {
        giveUp.abort(error);
        throw error;
      }),
    ),
  );
  if (outcomes.some((outcome) => outcome.status === 'rejected')) throw giveUp.signal.reason;
}

function timer(options: StackOptions): <T>(line: string, start: () => Promise<T>) => Promise<T> {
  return async (line, start) => {
    const began = performance.now();
    const result = await start();
    const seconds = (performance.now() - began) / 1000;
    options.onProgress(`${line} (${seconds.toFixed(1)} s)`);
    options.log?.info({ seconds }, line);
    return result;
  };
}

/** Errors of the operating system in the words of a person. */
async function translated<T>(work: () => Promise<T>, home: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new DriftwatchError({
        code: 'DISK_FULL',
        message: `The disk under ${home} is full.`,
        next: 'Make room, or choose a home on another disk with --home.',
        cause: error,
      });
    }
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR') {
      throw new DriftwatchError({
        code: 'CONFIG_INVALID',
        message: `The home directory ${home} cannot be written (${code}).`,
        next: 'Choose a directory of your own with --home.',
        cause: error,
      });
    }
    throw error;
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}
