import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { DriftwatchError } from '../errors.ts';
import { loopbackOnly } from './loopback-only.ts';

/**
 * What the processors say about themselves over HTTP, on loopback: /livez and /readyz tell of progress, not
 * of a running process; /progress is the same in numbers; /metrics is for Prometheus.
 */
export function startProcessServer(args: {
  port: number;
  report: () => ProcessReport;
}): Promise<{ url: string; stop(): Promise<void> }> {
  const app = new Hono();
  app.use(loopbackOnly());
  app.get('/livez', (context) => health(context, args.report()));
  app.get('/readyz', (context) => health(context, args.report()));
  app.get('/progress', (context) => context.json(args.report()));
  app.get('/metrics', (context) =>
    context.text(metrics(args.report()), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  );
  return listen({ app, port: args.port, name: 'the processors' });
}

export interface ProcessReport {
  readonly live: boolean;
  readonly problems: readonly string[];
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly floor: number;
    readonly highWatermark: number;
    readonly consumed: number;
    readonly stored: number;
    readonly deadLetters: number;
    readonly tombstones: number;
  }[];
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

function health(
  context: { json(body: object, status: 200 | 503): Response },
  report: ProcessReport,
): Response {
  return context.json({ live: report.live, problems: report.problems }, report.live ? 200 : 503);
}

function metrics(report: ProcessReport): string {
  const lines: string[] = [];
  const gauge = (name: string, help: string, values: readonly { labels: string; value: number }[]) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
    for (const { labels, value } of values) lines.push(`${name}{${labels}} ${value}`);
  };
  const of = (pick: (partition: ProcessReport['partitions'][number]) => number) =>
    report.partitions.map((partition) => ({
      labels: `topic="${partition.topic}",partition="${partition.partition}"`,
      value: pick(partition),
    }));
  gauge(
    'kafka_consumergroup_lag',
    'Messages not yet accounted for',
    of((p) => Math.max(0, p.highWatermark - p.floor)),
  );
  gauge(
    'monitor_consumed_messages',
    'Messages accounted for, of all time',
    of((p) => p.consumed),
  );
  gauge(
    'monitor_stored_messages',
    'Messages stored as rows since the partition was taken',
    of((p) => p.stored),
  );
  gauge(
    'monitor_dead_letter_messages',
    'Messages dead-lettered since the partition was taken',
    of((p) => p.deadLetters),
  );
  gauge(
    'monitor_tombstone_messages',
    'Messages without a value since the partition was taken',
    of((p) => p.tombstones),
  );
  const times = report.models.flatMap(({ model, streamTimes }) =>
    Object.entries(streamTimes).flatMap(([stream, ms]) =>
      ms === undefined ? [] : [{ labels: `model="${model}",stream="${stream}"`, value: ms / 1000 }],
    ),
  );
  gauge('monitor_stream_time_seconds', 'Watermark of a stream, seconds since 1970', times);
  return `${lines.join('\n')}\n`;
}
