import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { DriftwatchError } from '../errors.ts';
import type { Health } from '../runtime/health.ts';
import { loopbackOnly } from './loopback-only.ts';

/**
 * What the processors say about themselves over HTTP, on loopback: /readyz tells whether they make progress and,
 * if not, what they wait for; /livez whether they still try, so that nobody restarts a process for a system that
 * is away; /progress is the same in numbers; /metrics is for Prometheus.
 */
export function startProcessServer(args: {
  port: number;
  report: () => ProcessReport;
}): Promise<{ url: string; stop(): Promise<void> }> {
  const app = new Hono();
  app.use(loopbackOnly());
  app.get('/livez', (context) => {
    const { live, problems, waiting } = args.report();
    return context.json({ live, problems, waiting }, live ? 200 : 503);
  });
  app.get('/readyz', (context) => {
    const { ready, problems, waiting } = args.report();
    return context.json({ ready, problems, waiting }, ready ? 200 : 503);
  });
  app.get('/progress', (context) => context.json(args.report()));
  app.get('/metrics', (context) =>
    context.text(metrics(args.report(), Date.now()), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  );
  return listen({ app, port: args.port, name: 'the processors' });
}

export interface ProcessReport extends Health {
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly floor: number;
    readonly highWatermark: number;
    /** Of all time; the others since this process took the partition. */
    readonly consumed: number;
    readonly taken: number;
    readonly stored: number;
    readonly deadLetters: number;
    readonly tombstones: number;
    readonly bufferedBytes: number;
    readonly holding: { readonly sinceMs: number } | undefined;
  }[];
  /** What the view `accounting` said last. */
  readonly accounting:
    | {
        readonly checkedAtMs: number;
        readonly partitions: readonly {
          readonly topic: string;
          readonly partition: number;
          readonly consumed: number;
          readonly stored: number;
          readonly dead_letters: number;
          readonly tombstones: number;
          readonly unexplained: number;
        }[];
      }
    | undefined;
  readonly models: readonly {
    readonly model: string;
    readonly streamTimes: { readonly training?: number; readonly serving?: number; readonly labels?: number };
    readonly judged: Readonly<Record<string, number>>;
    readonly idle: boolean;
  }[];
}

/** Serves an app on loopback. Throws PORT_IN_USE. */
export function listen(args: {
  app: Hono;
  port: number;
  name: string;
}): Promise<{ url: string; stop(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: args.app.fetch, port: args.port, hostname: '127.0.0.1' }, () =>
      resolve({
        url: `http://127.0.0.1:${args.port}`,
        stop: () =>
          new Promise((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      }),
    );
    server.once('error', (cause) => {
      reject(
        new DriftwatchError({
          code: 'PORT_IN_USE',
          message: `Port ${args.port} of ${args.name} cannot be opened: ${cause.message}.`,
          next: 'Stop what uses it, or shift all ports with --port-offset.',
          cause,
        }),
      );
    });
  });
}

interface Sample {
  readonly labels: string;
  readonly value: number;
}

/** Prometheus text. Messages since a process took a partition, and, counted from what is stored, of all time. */
function metrics(report: ProcessReport, nowMs: number): string {
  const lines: string[] = [];
  const gauge = (name: string, help: string, samples: readonly Sample[]) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
    for (const { labels, value } of samples) lines.push(`${name}${labels} ${value}`);
  };
  const each = <T extends Place>(all: readonly T[], pick: (one: T) => number) =>
    all.map((one) => ({
      labels: `{topic="${one.topic}",partition="${one.partition}"}`,
      value: pick(one),
    }));
  const of = (pick: (one: ProcessReport['partitions'][number]) => number) => each(report.partitions, pick);
  const flag = (value: boolean) => [{ labels: '', value: value ? 1 : 0 }];

  gauge('monitor_live', 'Whether the process still tries', flag(report.live));
  gauge('monitor_ready', 'Whether every partition makes progress or has nothing to do', flag(report.ready));
  const lag = of((one) => Math.max(0, one.highWatermark - one.floor));
  gauge('kafka_consumergroup_lag', 'Messages not yet accounted for', lag);
  const since = 'since the partition was taken';
  gauge(
    'monitor_consumed_messages',
    `Messages accounted for ${since}`,
    of((one) => one.taken),
  );
  gauge(
    'monitor_stored_messages',
    `Messages stored as rows ${since}`,
    of((one) => one.stored),
  );
  gauge(
    'monitor_dead_letter_messages',
    `Messages dead-lettered ${since}`,
    of((one) => one.deadLetters),
  );
  gauge(
    'monitor_tombstone_messages',
    `Messages without a value ${since}`,
    of((one) => one.tombstones),
  );
  gauge(
    'monitor_unexplained_messages',
    `Consumed - stored - dead letters - tombstones ${since}: 0`,
    of((one) => one.taken - one.stored - one.deadLetters - one.tombstones),
  );
  gauge(
    'monitor_buffered_bytes',
    'Read from Kafka and not yet taken in',
    of((one) => one.bufferedBytes),
  );
  gauge(
    'monitor_waiting_seconds',
    'How long a partition has waited for a system; 0 when it does not',
    of(({ holding }) => (holding === undefined ? 0 : Math.max(0, (nowMs - holding.sinceMs) / 1000))),
  );

  const { accounting } = report;
  if (accounting !== undefined) {
    const { partitions, checkedAtMs } = accounting;
    const audited = (pick: (one: (typeof partitions)[number]) => number) => each(partitions, pick);
    const all = 'of all time, by the view accounting';
    gauge(
      'monitor_accounting_consumed_messages',
      `Messages consumed ${all}`,
      audited((one) => one.consumed),
    );
    gauge(
      'monitor_accounting_stored_messages',
      `Messages stored ${all}`,
      audited((one) => one.stored),
    );
    gauge(
      'monitor_accounting_dead_letter_messages',
      `Messages dead-lettered ${all}`,
      audited((one) => one.dead_letters),
    );
    gauge(
      'monitor_accounting_tombstone_messages',
      `Messages without a value ${all}`,
      audited((one) => one.tombstones),
    );
    gauge(
      'monitor_accounting_unexplained_messages',
      `Consumed - stored - dead letters - tombstones ${all}: 0 at rest`,
      audited((one) => one.unexplained),
    );
    gauge('monitor_accounting_checked_seconds', 'When the view was read last, seconds since 1970', [
      { labels: '', value: checkedAtMs / 1000 },
    ]);
  }

  const times = report.models.flatMap(({ model, streamTimes }) =>
    Object.entries(streamTimes).flatMap(([stream, ms]) =>
      ms === undefined ? [] : [{ labels: `{model="${model}",stream="${stream}"}`, value: ms / 1000 }],
    ),
  );
  gauge('monitor_stream_time_seconds', 'Watermark of a stream, seconds since 1970', times);
  return `${lines.join('\n')}\n`;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}
