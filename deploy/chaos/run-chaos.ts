import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type ToyRow, TRAINING_HOURS } from '../../src/core/evaluation/toy/toy-rows.ts';
import { seededRandom } from '../../src/core/random.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import { openCodec } from '../../src/io/registry/codec.ts';
import { openRegistry } from '../../src/io/registry/registry.ts';
import { freeOffset } from '../embedded/ports.ts';
import { type Stack, startStack } from '../embedded/start-stack.ts';
import { type Fault, faultPlan } from './faults.ts';
import { crashAt, inject, left } from './inject.ts';
import { missingFrom, type Outcome, outcomeOf } from './outcome.ts';
import { openToyLoop, type Processor } from './toy-loop.ts';
import { until } from './until.ts';

export interface ChaosReport {
  readonly seed: number;
  readonly faults: number;
  /** Faults of each kind; `missed` are steps that nothing came to, where a plain kill was done instead. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly missed: number;
  readonly messages: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly windows: number;
  readonly windows_differing: number;
  /** Windows whose verdict was corrected on the way; the correction is what is compared. */
  readonly windows_revised: number;
  readonly alerts: number;
  readonly alerts_missing: number;
  readonly alerts_extra: number;
  readonly alerts_duplicated: number;
  readonly recovery_ms: { readonly p50: number; readonly p99: number; readonly n: number };
  /** The first few differences, `-` from the undisturbed run and `+` from the other. */
  readonly differences: readonly string[];
}

/**
 * Runs the toy model's rows twice on a real stack of its own: once undisturbed, once with faults, and
 * compares what the two runs end with. Everything started is stopped again.
 */
export async function runChaos(args: {
  kills: number;
  seed: number;
  cache: string;
  env: NodeJS.ProcessEnv;
  /** Last hour of event time, exclusive: up to 120, of which 48 are the training rows. */
  endHour: number;
  say(line: string): void;
}): Promise<ChaosReport> {
  const cleanups: (() => Promise<void>)[] = [];
  const after = (clean: () => Promise<void>) => cleanups.push(clean);
  try {
    const home = mkdtempSync(join(tmpdir(), 'driftwatch-chaos-'));
    after(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
    const freeBelow = () => freeOffset(12_000 + 10 * Math.floor(Math.random() * 1000));
    const stack = await startStack({
      home,
      cache: args.cache,
      portOffset: await freeBelow(),
      onProgress: args.say,
    });
    after(() => stack.stop());
    const open = (name: string) =>
      openToyLoop({
        systems: stack,
        name,
        after,
        env: args.env,
        freeOffset: freeBelow,
        settings: 'session_timeout: 6s',
        endHour: args.endHour,
      });
    const plan = faultPlan(seededRandom(args.seed), args.kills);
    const calm = await calmRun({ loop: await open('chaoscalm'), stack, faults: plan.length, say: args.say });
    const rough = await roughRun({ loop: await open('chaosrough'), stack, plan, say: args.say });
    return reportOf(args.seed, plan, calm, rough);
  } finally {
    for (const clean of cleanups.reverse()) await clean().catch(() => undefined);
  }
}

type Loop = Awaited<ReturnType<typeof openToyLoop>>;

async function calmRun(args: { loop: Loop; stack: Stack; faults: number; say(line: string): void }) {
  const { loop, faults } = args;
  const processor = await prepared(loop, {});
  for (const rows of portions(loop.rows, 2 * faults)) await feed(loop, rows);
  await loop.settled(processor);
  await left(processor);
  args.say('The undisturbed run is through');
  return outcome(args);
}

async function roughRun(args: {
  loop: Loop;
  stack: Stack;
  plan: readonly Fault[];
  say(line: string): void;
}): Promise<{ outcome: Outcome; recoveries: readonly number[]; missed: number }> {
  const { loop, stack, plan } = args;
  const rest = portions(loop.rows, 2 * plan.length);
  let main = await prepared(loop, {});
  let armed: string | undefined;
  let missed = 0;
  const recoveries: number[] = [];
  for (const [index, fault] of plan.entries()) {
    const own = [rest.shift() ?? [], rest.shift() ?? []];
    const wanted = crashAt(fault, stack);
    if (wanted !== undefined && wanted !== armed) {
      await left(main);
      main = await loop.startProcessor({ crashAt: wanted });
    }
    const next = plan[index + 1];
    const done = await inject({
      fault,
      main,
      next,
      victims: {
        stack,
        start: (how) => {
          armed = how?.crashAt;
          return loop.startProcessor(how);
        },
        feed: () => feed(loop, own.shift() ?? []),
        caughtUp: () => caughtUp(loop),
        settled: (processor) => loop.settled(processor),
      },
    });
    for (const rows of own) await feed(loop, rows);
    if (fault.kind === 'clickhouse') armed = undefined;
    ({ main } = done);
    recoveries.push(done.recoveryMs);
    if (!done.happened) missed += 1;
    const step = 'step' in fault ? ` ${fault.step}` : '';
    args.say(
      `${index + 1}/${plan.length} ${fault.kind}${step}${done.happened ? '' : ' (replaced)'}: recovered in ${Math.round(done.recoveryMs)} ms`,
    );
  }
  // A processor set to die at a step has still to come there: one that is not makes the end.
  await left(main);
  main = await loop.startProcessor();
  await loop.settled(main);
  await left(main);
  return { outcome: await outcome(args), recoveries, missed };
}

/** Training rows stored, version registered: the state in which faults begin. */
async function prepared(loop: Loop, how: { crashAt?: string }): Promise<Processor> {
  const processor = await loop.startProcessor(how);
  await loop.log(loop.rows.filter((row) => row.hour < TRAINING_HOURS));
  await loop.settled(processor);
  await loop.registerVersion(loop.rows);
  return processor;
}

/** Logs rows, and behind them a message that no reader can read, so that there are always dead letters. */
async function feed(loop: Loop, rows: readonly ToyRow[]): Promise<void> {
  const last = rows.at(-1);
  if (last === undefined) return;
  await loop.log(rows);
  const broken = [`broken ${last.id}`, ''].map((text) => Buffer.from(text));
  await loop.producer.send(
    broken.map((value, index) => ({
      topic: loop.topics.serving.name,
      key: `${last.id}/${index}`,
      value,
    })),
  );
}

/** The rows after training in so many portions, alike in every run. */
function portions(rows: readonly ToyRow[], count: number): ToyRow[][] {
  const rest = rows.filter((row) => row.hour >= TRAINING_HOURS);
  return Array.from({ length: count }, (_, i) =>
    rest.slice(Math.floor((rest.length * i) / count), Math.floor((rest.length * (i + 1)) / count)),
  );
}

async function caughtUp(loop: Loop): Promise<void> {
  const topics = Object.values(loop.topics).map(({ name }) => name);
  const highs = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, high } of await loop.kafka.watermarks(topic))
      highs.set(`${topic}/${partition}`, high);
  }
  await until(
    'everything to be accounted for',
    async () => {
      const rows = await loop.clickhouse.rows('ledger-floors', { topics }, FLOOR).catch(() => []);
      const floors = new Map(rows.map(({ topic, partition, floor }) => [`${topic}/${partition}`, floor]));
      return [...highs].every(([key, high]) => (floors.get(key) ?? 0) >= high);
    },
    150_000,
  );
}

function outcome({ loop, stack }: { loop: Loop; stack: Stack }): Promise<Outcome> {
  const codec = openCodec({ registry: openRegistry({ url: stack.registryUrl }) });
  return outcomeOf({ ...loop, codec, model: loop.name });
}

function reportOf(
  seed: number,
  plan: readonly Fault[],
  calm: Outcome,
  rough: { outcome: Outcome; recoveries: readonly number[]; missed: number },
): ChaosReport {
  const { outcome } = rough;
  const kinds: Record<string, number> = {};
  for (const { kind } of plan) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const gone = missingFrom(outcome.history, calm.history);
  const added = missingFrom(calm.history, outcome.history);
  const missing = missingFrom(outcome.events, calm.events);
  const extra = missingFrom(calm.events, outcome.events);
  const marked = (sign: string, lines: readonly string[]) =>
    lines.slice(0, 4).map((line) => `${sign} ${line}`);
  const sorted = rough.recoveries.toSorted((a, b) => a - b);
  const quantile = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return {
    seed,
    faults: plan.length,
    kinds,
    missed: rough.missed,
    messages: outcome.messages,
    lost: outcome.lost + Math.max(0, calm.messages - outcome.messages),
    duplicated: outcome.duplicated + Math.max(0, outcome.messages - calm.messages),
    windows: calm.history.length,
    windows_differing: Math.max(gone.length, added.length),
    windows_revised: outcome.revisions,
    alerts: calm.events.length,
    alerts_missing: missing.length,
    alerts_extra: extra.length,
    alerts_duplicated: outcome.eventsTwice,
    recovery_ms: { p50: quantile(0.5), p99: quantile(0.99), n: sorted.length },
    differences: [
      ...marked('-', gone),
      ...marked('+', added),
      ...marked('-', missing),
      ...marked('+', extra),
    ],
  };
}

const FLOOR = z.object({ topic: z.string(), partition: count, floor: count });
