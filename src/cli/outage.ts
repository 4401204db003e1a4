import { resolve } from 'node:path';
import { buildCommand, type CommandContext } from '@stricli/core';
import { OUTAGES, type OutageReport, runOutage } from '../../deploy/chaos/run-outage.ts';
import { sentence } from '../errors.ts';

interface OutageFlags {
  readonly of: (typeof OUTAGES)[number];
  readonly seconds: number;
  readonly cache: string;
  readonly json: boolean;
}

/** `driftwatch outage`: one system away for a while, and what the processor makes of it. */
export const command = buildCommand<OutageFlags, [], CommandContext>({
  docs: {
    brief: 'A real processor while the registry, ClickHouse or its disk space is away',
    fullDescription: [
      'Starts a stack of its own in a temporary directory and a processor that reaches the registry and ClickHouse',
      'through proxies. One of them refuses connections for a while, or ClickHouse answers every insert that there is',
      'no disk space, as records go on coming in, some under schemas that are new to the processor. Prints what was',
      'lost or doubled, what the health endpoints said, memory, and how long it took to recover.',
      '',
      'Exit status 1 when a message is lost or doubled or /livez said that the process should be restarted.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      of: { kind: 'enum', values: [...OUTAGES], brief: 'What is away', default: 'registry' },
      seconds: { kind: 'parsed', parse: wholeNumber, brief: 'For how long', default: '600' },
      cache: {
        kind: 'parsed',
        parse: String,
        brief: 'Directory of downloaded programs',
        placeholder: 'directory',
        default: '.driftwatch/cache',
      },
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  async func(this: CommandContext, flags: OutageFlags): Promise<Error | undefined> {
    // Leaving through exit ends the processor as well; the stack ends with its launcher anyway.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
    try {
      const report = await runOutage({
        of: flags.of,
        seconds: flags.seconds,
        cache: resolve(flags.cache),
        env: process.env,
        say: (line) => process.stderr.write(`${line}\n`),
      });
      process.stdout.write(`${flags.json ? JSON.stringify(report) : JSON.stringify(report, null, 2)}\n`);
      return isClean(report) ? undefined : new Error('Something was lost, doubled, or not live.');
    } catch (error) {
      return new Error(sentence(error));
    }
  },
});

function isClean({ lost, duplicated, live_throughout }: OutageReport): boolean {
  return lost + duplicated === 0 && live_throughout;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SyntaxError(`Expected a whole number and received ${text}.`);
}
