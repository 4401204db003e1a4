import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildCommand, type CommandContext } from '@stricli/core';
import { prepareDemo } from '../../deploy/demo/prepare.ts';
import { summaryJson } from '../../deploy/demo/summary.ts';
import { startStack } from '../../deploy/embedded/start-stack.ts';
import { retrainRequests } from '../../topics/index.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { loadSettings, SETTINGS_FLAGS, type Settings, type SettingsFlags } from './settings.ts';
import { startDashboard } from './start-dashboard.ts';
import { hasEnded, openYear, runDemo } from './up-demo.ts';
import { type Processes, startProcesses } from './up-processes.ts';
import { openView } from './view/open-view.ts';
import { summaryTable } from './view/summary-table.ts';
import type { View } from './view/view.ts';
import { DASHBOARD_PORT, openPorts, prepareDatabase, prepareSystemTopics, recordOf } from './wire.ts';

export interface UpFlags extends SettingsFlags {
  readonly demo: boolean;
  readonly once: boolean;
  readonly json: boolean;
  readonly fresh: boolean;
}

/** `driftwatch up`: stack, processors, trainer, model server and dashboard, and with --demo the story of 2013. */
export const command = buildCommand<UpFlags, [], CommandContext>({
  docs: {
    brief: 'Start everything on this machine; with --demo replay a year of real flights',
    fullDescription: [
      'Starts the embedded Kafka, schema registry and ClickHouse, the processors, the trainer, the model server',
      'and the dashboard, all on 127.0.0.1, and keeps running until Ctrl-C, which stops everything.',
      '',
      'With --demo the year 2013 of departures from New York is replayed as producers would: a model is',
      'trained on January and February, serves from March on, faults are injected, the year drifts by itself,',
      'and what is found, retrained and released shows as it happens.',
      '',
      'A second start continues; --fresh forgets everything but the downloads.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...SETTINGS_FLAGS,
      demo: { kind: 'boolean', brief: 'Replay the year of flights', default: false },
      once: { kind: 'boolean', brief: 'Stop everything when the story has ended', default: false },
      json: {
        kind: 'boolean',
        brief: 'Summary as one JSON object on the last line of standard output',
        default: false,
      },
      fresh: { kind: 'boolean', brief: 'Begin with empty data', default: false },
    },
  },
  func: runUp,
});

async function runUp(this: CommandContext, flags: UpFlags): Promise<Error | undefined> {
  const startedMs = Date.now();
  const interrupt = new AbortController();
  const interrupted = Promise.withResolvers<void>();
  const onSignal = (): void => {
    interrupt.abort();
    interrupted.resolve();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const view = openView({ json: flags.json, noColour: (process.env['NO_COLOR'] ?? '') !== '' });
  const running: { stop(): Promise<void> }[] = [];
  try {
    if (flags.fresh) forget(flags.home);
    // Reading the year takes as long as the stack takes to come up.
    const year = flags.demo && !hasEnded(flags.home) ? openYear() : undefined;
    const stack = await startStack({
      home: flags.home,
      portOffset: flags.portOffset,
      signal: interrupt.signal,
      onProgress: (line) => view.step(line),
    });
    running.push(stack);
    const settings = loadSettings(flags);
    const work = startAll({ flags, settings, view, signal: interrupt.signal, running });
    const { processes, ports } = await Promise.race([
      work,
      failure(stack.failed),
      cancelled(interrupt.signal),
    ]);
    const broken = Promise.race([stack.failed, processes.failed]);
    if (flags.demo) {
      const records = await prepareSystemTopics(ports);
      const schemas = await prepareDemo({
        ...ports,
        partitions: settings.config.models['flights']?.partitions ?? 1,
      });
      const demo = runDemo({
        settings,
        ports,
        ...(year === undefined ? {} : { year }),
        schemas,
        retrainRequest: recordOf(records, retrainRequests.name),
        view,
        signal: interrupt.signal,
      });
      const { summary } = await Promise.race([demo, failure(broken)]);
      view.block(summaryTable(summary, view.style()));
      const seconds = (Date.now() - startedMs) / 1000;
      view.close();
      if (flags.json) process.stdout.write(`${JSON.stringify(summaryJson(summary, seconds))}\n`);
    }
    if (!flags.once) {
      view.step(
        `Dashboard on ${dashboardUrl(settings)}, SQL on ${stack.clickhouse.url}. Ctrl-C stops everything.`,
      );
      const ended = await Promise.race([broken, interrupted.promise]);
      if (ended instanceof DriftwatchError) throw ended;
    }
    return undefined;
  } catch (error) {
    if (interrupt.signal.aborted) return undefined;
    return new Error(sentence(error));
  } finally {
    view.close();
    view.step('Stopping ...');
    for (const part of running.toReversed()) await part.stop();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** Database, topics, contracts; then the processes and the dashboard. What was started is in `running`. */
async function startAll(args: {
  flags: UpFlags;
  settings: Settings;
  view: View;
  signal: AbortSignal;
  running: { stop(): Promise<void> }[];
}): Promise<{ processes: Processes; ports: ReturnType<typeof openPorts> }> {
  const { flags, settings, view, running } = args;
  const ports = openPorts({ settings, name: 'up', logFile: join(settings.logs, 'up.log') });
  running.push({ stop: async () => void (await ports.shutdown.close()) });
  await prepareDatabase(settings, ports.clickhouse);
  await prepareSystemTopics(ports);
  if (flags.demo)
    await prepareDemo({ ...ports, partitions: settings.config.models['flights']?.partitions ?? 1 });
  const onStarted = (name: string): void => view.step(`driftwatch ${name} is up`);
  const processes = await startProcesses({
    settings,
    configFile: flags.config,
    signal: args.signal,
    onStarted,
  });
  running.push(processes);
  const dashboard = await startDashboard(settings);
  running.push(dashboard);
  view.step(`Dashboard on ${dashboard.url}`);
  return { processes, ports };
}

function forget(home: string): void {
  for (const part of ['kafka', 'clickhouse', 'store', 'schemas', 'logs', 'demo-finished']) {
    rmSync(join(home, part), { recursive: true, force: true });
  }
}

/** Turns the announcement of a failure into a throw, for races. */
async function failure(announced: Promise<DriftwatchError>): Promise<never> {
  throw await announced;
}

function cancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function dashboardUrl(settings: Settings): string {
  return `http://127.0.0.1:${DASHBOARD_PORT + settings.portOffset}`;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
