import type { ToyRow } from '../../src/core/evaluation/toy/toy-rows.ts';
import { TRAINING_HOURS } from '../../src/core/evaluation/toy/toy-rows.ts';
import { modelReleases, retrainRequests } from '../../topics/index.ts';
import type { Stack } from '../embedded/start-stack.ts';
import { startDropProxy } from './drop-proxy.ts';
import type { Fault } from './faults.ts';
import { behindProxies, type Field, type Struck } from './field.ts';
import { startInsertProxy } from './insert-proxy.ts';
import { ended, processorLane } from './processor-lane.ts';
import { watchRecovery } from './recovery.ts';
import { networkLane, type Placed, systemLane, trainerLane } from './system-lanes.ts';
import { lastWords, type Processor, type ToyLoop } from './toy-loop.ts';
import { until } from './until.ts';

/** What came of the faults of a round. */
export interface Came extends Struck {
  readonly recoveryMs: number;
}

/** The rows of a round in the portions in which they are logged, and how many trainings are asked for. */
export interface Script {
  readonly portions: readonly (readonly ToyRow[])[];
  readonly requests: number;
}

/** Portions a fault logs: one before it comes and one after. */
export const PORTIONS_A_FAULT = 2;

/** The same for every round of so many faults, and for the undisturbed run. */
export function scriptOf(args: { rows: readonly ToyRow[]; faults: number; requests: number }): Script {
  const rest = args.rows.filter((row) => row.hour >= TRAINING_HOURS);
  const count = PORTIONS_A_FAULT * args.faults;
  const cut = (i: number) => Math.floor((rest.length * i) / count);
  const portions = Array.from({ length: count }, (_, i) => rest.slice(cut(i), cut(i + 1)));
  return { portions, requests: args.requests };
}

/** Logs everything with nobody in the way, and ends when all of it has been judged and answered. */
export async function undisturbed(loop: ToyLoop, script: Script): Promise<void> {
  const processor = await prepared(loop, script);
  const trainer = loop.startTrainer();
  for (const rows of script.portions) await log(loop, rows);
  await loop.settled(processor);
  await answered(loop);
  await Promise.all([ended(processor, 'SIGTERM'), ended(trainer, 'SIGTERM')]);
}

/**
 * Three processors and a trainer behind proxies, with faults of several kinds at once; ends like the undisturbed
 * run, with a processor and a trainer that nobody disturbs any more. When time is up, what was not begun is left out.
 */
export async function disturbed(args: {
  loop: ToyLoop;
  stack: Stack;
  script: Script;
  plan: readonly Fault[];
  sessionMs: number;
  isOver(): boolean;
  onCame(came: Came): void;
}): Promise<void> {
  const { loop, stack, plan } = args;
  const first = await prepared(loop, args.script);
  const kafkaProxy = await startDropProxy({
    broker: stack.brokers[0] ?? '',
    every: Number.POSITIVE_INFINITY,
  });
  const insertProxy = await startInsertProxy({ url: stack.clickhouse.url });
  const recovery = watchRecovery(loop);
  const portions = [...args.script.portions];
  let turn: Promise<void> = Promise.resolve();
  let count = 0;

  const field: Field = {
    loop,
    stack,
    sessionMs: args.sessionMs,
    isOver: args.isOver,
    kafkaProxy,
    insertProxy,
    recovery,
    feed() {
      const rows = portions.shift() ?? [];
      turn = turn.then(() => log(loop, rows));
      return turn;
    },
    async hold() {
      const held = Promise.withResolvers<void>();
      const before = turn;
      turn = before.then(() => held.promise);
      await before;
      return held.resolve;
    },
    start: (crashAt) =>
      loop.startProcessor({
        ...behindProxies({ kafkaProxy, insertProxy }),
        ...(crashAt === undefined ? {} : { crashAt }),
      }),
    startTrainer: (crashAt) =>
      loop.startTrainer({
        ...behindProxies({ kafkaProxy, insertProxy }),
        ...(crashAt === undefined ? {} : { crashAt }),
      }),
    async struck(struck) {
      const since = performance.now();
      count += 1;
      args.onCame({ ...struck, recoveryMs: await recovery.from(since) });
    },
    count: () => count,
  };

  const placed = plan.map((fault, place): Placed => ({ fault, place }));
  const of = (...kinds: Fault['kind'][]) => placed.filter(({ fault }) => kinds.includes(fault.kind));
  const forProcessors = of('processor-at-step', 'processor', 'zombie', 'rebalance').map(({ fault }) => fault);
  const alone = () => forProcessors.length === 0;
  const lanes = Array.from({ length: PROCESSORS }, () => processorLane(field, forProcessors));
  const [processors, trainer] = await Promise.all([
    Promise.all(lanes),
    trainerLane(field, of('trainer'), alone),
    networkLane(field, of('lost-produce-answer', 'lost-insert-answer', 'cut-connections'), alone),
    systemLane(field, of('clickhouse', 'broker'), alone),
    ended(first, 'SIGTERM'),
  ]);
  while (portions.length > 0) await field.feed();
  recovery.stop();
  await Promise.all(processors.map((processor) => ended(processor, 'SIGTERM')));
  const last = await loop.startProcessor();
  await loop.settled(last);
  await answered(loop);
  await Promise.all([ended(last, 'SIGTERM'), ended(trainer, 'SIGTERM')]);
  await Promise.all([kafkaProxy.close(), insertProxy.close()]);
}

const PROCESSORS = 3;

/** Training rows stored, version registered, trainings asked for: the state in which faults begin. */
async function prepared(loop: ToyLoop, script: Script): Promise<Processor> {
  const processor = await loop.startProcessor();
  await loop.log(loop.rows.filter((row) => row.hour < TRAINING_HOURS));
  await loop.settled(processor);
  await loop.registerVersion(loop.rows);
  for (let nth = 1; nth <= script.requests; nth += 1) await loop.askForTraining(nth);
  return processor;
}

/** Logs rows, and behind them messages that no reader can read, so that there are always dead letters. */
async function log(loop: ToyLoop, rows: readonly ToyRow[]): Promise<void> {
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

/** Every request on the topic has its version, and its release is published. */
async function answered(loop: ToyLoop): Promise<void> {
  const { length: asked } = await loop.events(retrainRequests.name);
  try {
    await until(
      `the trainer to have answered ${asked} requests`,
      async () => (await loop.events(modelReleases.name)).length >= asked,
      ANSWERED_MS,
    );
  } catch (cause) {
    throw new Error(`${String(cause)}\nlog: ${lastWords(loop.home, 'train')}`, { cause });
  }
}

const ANSWERED_MS = 120_000;
