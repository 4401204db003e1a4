import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DriftwatchError } from '../../src/errors.ts';
import { type ChildProcess, startChild } from './child-process.ts';
import { knowsItself } from './kafka-probe.ts';
import { LOOPBACK } from './ports.ts';
import { runProgram } from './run-program.ts';
import { waitUntilReady } from './wait-until-ready.ts';

interface KafkaArgs {
  readonly java: string;
  readonly classPath: string;
  /** Properties, log segments and temporary files of the broker. */
  readonly directory: string;
  readonly logFile: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** Called as soon as the process exists, so that the caller can stop it whatever happens next. */
  readonly onStarted: (child: ChildProcess) => void;
}

const LOG_CONFIG = fileURLToPath(new URL('kafka-log4j2.properties', import.meta.url));
const GRACE_MS = 4500;
const JVM = [
  '-Xmx512m',
  '-XX:+UseG1GC',
  '-XX:-UsePerfData',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
  '-Djava.io.tmpdir=tmp',
];

/**
 * One Kafka node that is broker and KRaft controller in one, on loopback. The data directory is
 * formatted the first time and kept afterwards. Resolves when the broker answers metadata requests.
 */
export async function startKafka(args: KafkaArgs): Promise<ChildProcess> {
  mkdirSync(join(args.directory, 'tmp'), { recursive: true });
  writeFileSync(join(args.directory, 'server.properties'), serverProperties(args));
  copyFileSync(LOG_CONFIG, join(args.directory, 'log4j2.properties'));
  await formatOnce(args);
  const child = await startChild({
    name: 'Kafka',
    command: args.java,
    args: [
      ...JVM,
      '-Dlog4j2.configurationFile=log4j2.properties',
      '-cp',
      args.classPath,
      'kafka.Kafka',
      'server.properties',
    ],
    env: {},
    cwd: args.directory,
    logFile: args.logFile,
    graceMs: GRACE_MS,
  });
  args.onStarted(child);
  await waitUntilReady({
    child,
    what: `answering on ${LOOPBACK}:${args.port}`,
    probe: () => knowsItself(LOOPBACK, args.port),
    deadlineMs: args.deadlineMs,
    signal: args.signal,
  });
  return child;
}

// Paths are relative to the working directory, so that no character in the home's own path can
// break the properties syntax or the list syntax of log.dirs.
function serverProperties(args: { port: number; controllerPort: number }): string {
  const broker = `${LOOPBACK}:${args.port}`;
  const controller = `${LOOPBACK}:${args.controllerPort}`;
  return `${Object.entries({
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${controller}`,
    listeners: `PLAINTEXT://${broker},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://${broker}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': 'data',
    // Topics are declared in topics/, a misspelt name must fail and not create one.
    'auto.create.topics.enable': 'false',
    // Nothing goes away unless its topic says so: the registry's journal must not, and replayed events
    // carry timestamps that are years old.
    'log.retention.ms': '-1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '8',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '8',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // One consumer per group is the rule here: waiting for others to join only delays the start.
    'group.initial.rebalance.delay.ms': '0',
    // Sessions of a few seconds are for tests that kill; who sets one means it.
    'group.min.session.timeout.ms': '500',
    'num.network.threads': '2',
    'num.io.threads': '4',
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

async function formatOnce(args: KafkaArgs): Promise<void> {
  if (existsSync(join(args.directory, 'data', 'meta.properties'))) return;
  const run = await runProgram({
    command: args.java,
    args: [
      '-XX:TieredStopAtLevel=1',
      '-XX:-UsePerfData',
      '-cp',
      args.classPath,
      'kafka.tools.StorageTool',
      'format',
      // With the equals sign, because one id in 64 begins with a dash and would read as an option.
      `--cluster-id=${randomBytes(16).toString('base64url')}`,
      '--config',
      'server.properties',
    ],
    cwd: args.directory,
    ...(args.signal === undefined ? {} : { signal: args.signal }),
  });
  if (run?.status === 0) return;
  throw new DriftwatchError({
    code: /no space left/i.test(run?.output ?? '') ? 'DISK_FULL' : 'STACK_DID_NOT_START',
    message: `Kafka's data directory ${join(args.directory, 'data')} could not be formatted: ${run?.output.trim().split('\n').at(-1) ?? `${args.java} is gone`}.`,
    next: 'Make sure that the directory can be written, or remove it to begin again.',
  });
}
