import { buildCommand, type CommandContext } from '@stricli/core';
import { type Stack, startStack } from '../../deploy/embedded/start-stack.ts';
import { sentence } from '../errors.ts';

interface StackFlags {
  readonly home: string;
  readonly cache?: string;
  readonly portOffset: number;
  readonly json: boolean;
}

/** `driftwatch stack`: the embedded systems alone, in the foreground. */
export const command = buildCommand<StackFlags, [], CommandContext>({
  docs: {
    brief: 'Run Kafka, the schema registry and ClickHouse on this machine, without Docker',
    fullDescription: [
      'Starts one Kafka node, an Apicurio schema registry that keeps its schemas in that Kafka, and',
      'ClickHouse behind its HTTP interface, all on 127.0.0.1 only, prints their addresses and runs until',
      'Ctrl-C or SIGTERM. Data, logs and downloads stay in the home directory, and the next start continues',
      'with them. The first start downloads about 150 MB through Maven; later ones need no network.',
      '',
      'Ports: Kafka 9092 (controller 9093), registry 8081, ClickHouse 8123, all shifted by --port-offset.',
      'Needs Java 17 or newer (JAVA_HOME, else the PATH) and, for the first start, Maven.',
      '',
      'Exit status: 0 after Ctrl-C or SIGTERM, 1 when the stack could not start or one of its programs ended.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      home: {
        kind: 'parsed',
        parse: String,
        brief: 'Directory of data, logs and downloads',
        placeholder: 'directory',
        default: '.driftwatch',
      },
      cache: {
        kind: 'parsed',
        parse: String,
        brief: 'Directory of downloads, to share it between homes; cache in the home directory unless given',
        placeholder: 'directory',
        optional: true,
      },
      portOffset: {
        kind: 'parsed',
        parse: wholeNumber,
        brief: 'Shifts every port by this much',
        placeholder: 'number',
        default: '0',
      },
      json: {
        kind: 'boolean',
        brief: 'Print one line of JSON with the addresses on standard output, progress on standard error',
        default: false,
      },
    },
  },
  func: runStack,
});

async function runStack(this: CommandContext, flags: StackFlags): Promise<Error | undefined> {
  const { stdout, stderr } = this.process;
  const progress = flags.json ? stderr : stdout;
  const interrupt = catchSignals();
  try {
    const stack = await startStack({
      home: flags.home,
      portOffset: flags.portOffset,
      ...(flags.cache === undefined ? {} : { cache: flags.cache }),
      ...javaHome(),
      signal: interrupt.signal,
      onProgress: (line) => progress.write(`${line}\n`),
    });
    interrupt.onSecond(() => stack.kill());
    stdout.write(flags.json ? `${JSON.stringify(addresses(stack))}\n` : addressTable(stack));
    const failure = await Promise.race([stack.failed, interrupt.first]);
    if (failure === undefined) progress.write('Stopping ...\n');
    await stack.stop();
    if (failure === undefined) progress.write('Stopped.\n');
    return failure === undefined ? undefined : new Error(sentence(failure));
  } catch (error) {
    if (interrupt.signal.aborted)
      return new Error('Interrupted before the stack was up; nothing of it is left running.');
    return new Error(sentence(error));
  } finally {
    interrupt.release();
  }
}

function javaHome(): { javaHome: string } | Record<string, never> {
  const { JAVA_HOME } = process.env;
  return JAVA_HOME === undefined || JAVA_HOME === '' ? {} : { javaHome: JAVA_HOME };
}

function wholeNumber(text: string): number {
  if (!/^-?\d{1,5}$/.test(text)) throw new Error(`expected a whole number, got "${text}"`);
  return Number(text);
}

function addresses(stack: Stack): object {
  const { url, username, passwordFile } = stack.clickhouse;
  return {
    brokers: stack.brokers,
    registry_url: stack.registryUrl,
    clickhouse: { url, username, password_file: passwordFile },
    pids: stack.pids,
    logs: stack.logs,
  };
}

function addressTable(stack: Stack): string {
  const { clickhouse } = stack;
  return [
    '',
    `  Kafka            ${stack.brokers.join(',')}`,
    `  Schema registry  ${stack.registryUrl}`,
    `  ClickHouse       ${clickhouse.url}  (reads need no password; user ${clickhouse.username}, password in ${clickhouse.passwordFile})`,
    '',
    'Running. Ctrl-C stops everything.',
    '',
  ].join('\n');
}

/**
 * The first SIGINT, SIGTERM or SIGHUP asks for an orderly end, the second one for an immediate one.
 */
function catchSignals(): {
  signal: AbortSignal;
  first: Promise<undefined>;
  onSecond(action: () => void): void;
  release(): void;
} {
  const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const controller = new AbortController();
  const first = Promise.withResolvers<undefined>();
  let second = (): void => undefined;
  const listener = (): void => {
    if (controller.signal.aborted) second();
    controller.abort();
    first.resolve(undefined);
  };
  for (const name of SIGNALS) process.on(name, listener);
  return {
    signal: controller.signal,
    first: first.promise,
    onSecond(action) {
      second = action;
    },
    release() {
      for (const name of SIGNALS) process.off(name, listener);
    },
  };
}
