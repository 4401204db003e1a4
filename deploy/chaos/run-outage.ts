import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type ToyRow, TRAINING_HOURS } from '../../src/core/evaluation/toy/toy-rows.ts';
import { freeOffset } from '../embedded/ports.ts';
import { startStack } from '../embedded/start-stack.ts';
import { startHttpProxy, type Weather } from './http-proxy.ts';
import { outcomeOf } from './outcome.ts';
import { openToyLoop, type Processor } from './toy-loop.ts';
import { until } from './until.ts';

export const OUTAGES = ['registry', 'clickhouse', 'disk'] as const;

export interface OutageReport {
  readonly of: (typeof OUTAGES)[number];
  readonly seconds: number;
  readonly messages: number;
  readonly lost: number;
  readonly duplicated: number;
  /** How long after the beginning /readyz said 503; null when the outage was shorter than that takes. */
  readonly not_ready_after_s: number | null;
  /** Whether /livez said 200 whenever it was asked. */
  readonly live_throughout: boolean;
  /** What /readyz said that it waits for, at the end of the outage. */
  readonly waiting: readonly string[];
  /** Resident memory of the processor: before, the most during and after, and at the end. */
  readonly rss_mb: { readonly before: number; readonly most: number; readonly end: number };
  /** From the end of the outage until everything was stored and judged. */
  readonly recovery_ms: number;
}

/**
 * A real stack and a real processor, and one of its systems away for a while as records go on coming in, some of
 * them under schemas that it meets for the first time then. Everything started is stopped again.
 */
export async function runOutage(args: {
  of: (typeof OUTAGES)[number];
  seconds: number;
  cache: string;
  env: NodeJS.ProcessEnv;
  say(line: string): void;
}): Promise<OutageReport> {
  const cleanups: (() => Promise<void>)[] = [];
  const after = (clean: () => Promise<void>) => cleanups.push(clean);
  try {
    const home = mkdtempSync(join(tmpdir(), 'driftwatch-outage-'));
    after(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
    const freeBelow = () => freeOffset(12_000 + 10 * Math.floor(Math.random() * 1000));
    const { cache, say } = args;
    const stack = await startStack({ home, cache, portOffset: await freeBelow(), onProgress: say });
    after(() => stack.stop());
    const registry = await startHttpProxy({ target: stack.registryUrl });
    after(() => registry.close());
    const clickhouse = await startHttpProxy({ target: stack.clickhouse.url });
    after(() => clickhouse.close());
    const loop = await openToyLoop({
      systems: {
        brokers: stack.brokers,
        registryUrl: registry.url,
        clickhouse: { ...stack.clickhouse, url: clickhouse.url },
      },
      name: 'outage',
      after,
      env: args.env,
      freeOffset: freeBelow,
      endHour: END_HOUR,
    });
    const processor = await loop.startProcessor();
    const pid = processor.child.pid ?? 0;
    await loop.log(between(loop.rows, 0, TRAINING_HOURS));
    await loop.settled(processor);
    await loop.registerVersion(loop.rows);
    await loop.log(between(loop.rows, TRAINING_HOURS, BEGIN_HOUR));
    await loop.settled(processor);

    const before = rssMb(pid);
    say(`The ${args.of} goes away for ${args.seconds} s`);
    const proxy = args.of === 'registry' ? registry : clickhouse;
    proxy.set(args.of === 'disk' ? 'full' : ('refuse' satisfies Weather));
    const seen = watch({ processor, pid });
    const rows = between(loop.rows, BEGIN_HOUR, END_HOUR);
    await loop.log(rows.slice(0, rows.length / 2));
    await sleep((args.seconds * 1000) / 2);
    await loop.log(rows.slice(rows.length / 2));
    await sleep((args.seconds * 1000) / 2);
    const { waiting } = await ask(processor, 'readyz');
    proxy.set('pass');
    const back = performance.now();
    say('It is back');
    await loop.settled(processor, 300_000);
    const recoveryMs = Math.round(performance.now() - back);
    await until(
      'the processor says that it is ready',
      async () => (await ask(processor, 'readyz')).status === 200,
    );
    const { most, notReadyAfterMs, live } = await seen.stop();
    const { messages, lost, duplicated } = await outcomeOf({ ...loop, model: loop.name });
    return {
      of: args.of,
      seconds: args.seconds,
      messages,
      lost,
      duplicated,
      not_ready_after_s: notReadyAfterMs === undefined ? null : Math.round(notReadyAfterMs / 1000),
      live_throughout: live,
      waiting,
      rss_mb: { before, most: Math.max(most, rssMb(pid)), end: rssMb(pid) },
      recovery_ms: recoveryMs,
    };
  } finally {
    for (const clean of cleanups.reverse()) await clean().catch(() => undefined);
  }
}

/** The toy's faults with schemas of their own lie between these. */
const BEGIN_HOUR = 72;
const END_HOUR = 84;

function between(rows: readonly ToyRow[], from: number, to: number): ToyRow[] {
  return rows.filter(({ hour }) => hour >= from && hour < to);
}

/** Asks for health and memory once a second until it is stopped. */
function watch({ processor, pid }: { processor: Processor; pid: number }) {
  const stopping = new AbortController();
  const began = performance.now();
  const running = (async () => {
    const found: { most: number; live: boolean; notReadyAfterMs?: number } = { most: 0, live: true };
    while (!stopping.signal.aborted) {
      found.most = Math.max(found.most, rssMb(pid));
      const ready = await ask(processor, 'readyz');
      if (ready.status === 503) found.notReadyAfterMs ??= performance.now() - began;
      if ((await ask(processor, 'livez')).status !== 200) found.live = false;
      await sleep(1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    return found;
  })();
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/** Status 0 for a process that does not answer. */
async function ask(processor: Processor, path: 'livez' | 'readyz') {
  try {
    const response = await fetch(`${processor.url}/${path}`, { signal: AbortSignal.timeout(5_000) });
    return { status: response.status, ...HEALTH.parse(await response.json()) };
  } catch (cause) {
    return { status: 0, waiting: [`/${path} did not answer: ${String(cause)}`] };
  }
}

const HEALTH = z.object({ waiting: z.array(z.string()) });

function rssMb(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
