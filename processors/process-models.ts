import type { Config } from '../src/config.ts';
import type { Contract, Stream } from '../src/core/contract/contract.ts';
import { DriftwatchError, sentence } from '../src/errors.ts';
import type { ClickHouse } from '../src/io/clickhouse/client.ts';
import type { Kafka } from '../src/io/kafka/port.ts';
import type { Clock } from '../src/runtime/clock.ts';
import type { Log } from '../src/runtime/log.ts';
import type { Outbox } from '../src/runtime/outbox.ts';
import { budgetOfModel } from './detect/error-budget.ts';
import { type Evaluator, type EvaluatorArgs, openEvaluator } from './detect/evaluate.ts';
import type { StreamTimes } from './detect/stage.ts';
import type { Origin } from './detect/verdict.ts';
import type { Ingest, StoredEvent } from './ingest/ports.ts';
import { viewModel } from './panes/model-view.ts';
import { openStreamClock, type StreamClock } from './stream-clock.ts';

/**
 * Lets ingest drive the decisions: whenever rows are stored, stream time is worked out and every pane that
 * has closed is judged. When a decision cannot be written, the evaluator is thrown away and opened again
 * from what is stored, so that nothing half done is carried on.
 */
export interface Processing {
  /** Hand this to ingest as onStored. */
  stored(event: StoredEvent): void;
  /** Begins to judge, with ingest's watermarks as stream time. */
  start(ingest: Pick<Ingest, 'watermarks'>): void;
  /** Per model: stream time per stream, and whether every stored row has been taken into the decisions. */
  progress(): readonly ModelProgress[];
  stop(): Promise<void>;
}

export interface ModelProgress {
  readonly model: string;
  readonly streamTimes: StreamTimes;
  /** Offset per topic/partition up to which everything stored has been taken into the decisions. */
  readonly judged: Readonly<Record<string, number>>;
  readonly idle: boolean;
}

export function processModels(args: {
  clickhouse: ClickHouse;
  kafka: Pick<Kafka, 'watermarks'>;
  outbox: Outbox;
  config: Config;
  contracts: ReadonlyMap<string, Readonly<Record<Stream, Contract>>>;
  origin: Origin;
  /** Name of this process, which no other has had. */
  owner: string;
  clock: Clock;
  log: Log;
  onStep?: EvaluatorArgs['onStep'];
}): Processing {
  const { config, log } = args;
  const stopping = new AbortController();
  const models = [...args.contracts].map(([model, contracts]) =>
    followModel({ ...args, model, contracts, stopping }),
  );
  const running: Promise<void>[] = [];
  return {
    stored: (event) => models.find((follower) => follower.model === event.model)?.stored(event),
    start(ingest) {
      for (const follower of models) running.push(follower.run(ingest));
      log.info(
        { event: 'processing', models: models.map(({ model }) => model), idle_after_ms: config.idle_after },
        'Processing',
      );
    },
    progress: () => models.map((follower) => follower.progress()),
    async stop() {
      stopping.abort();
      for (const follower of models) follower.wake();
      await Promise.all(running);
    },
  };
}

function followModel(args: {
  model: string;
  contracts: Readonly<Record<Stream, Contract>>;
  clickhouse: ClickHouse;
  kafka: Pick<Kafka, 'watermarks'>;
  outbox: Outbox;
  config: Config;
  origin: Origin;
  /** Name of this process, which no other has had. */
  owner: string;
  clock: Clock;
  log: Log;
  onStep?: EvaluatorArgs['onStep'];
  stopping: AbortController;
}) {
  const { model, contracts, config, clock, stopping } = args;
  const settings = config.models[model];
  const log = args.log.child({ model });
  const waiting: StoredEvent[] = [];
  let alarm = Promise.withResolvers<void>();
  let busy = true;
  let opened = 0;
  let evaluator: Evaluator | undefined;
  let judged: Readonly<Record<string, number>> = {};
  let streamClock: StreamClock | undefined;

  function wake(): void {
    alarm.resolve();
  }

  /** One that has just got the decisions has everything to do, before it knows. */
  function isIdle(): boolean {
    return !busy && (evaluator !== undefined || streamClock?.leads() === false);
  }

  async function open(): Promise<Evaluator> {
    if (settings === undefined) throw new Error(`no settings for the model ${model}`);
    opened += 1;
    return openEvaluator({
      clickhouse: args.clickhouse,
      clock,
      owner: `${args.owner}#${opened}`,
      view: viewModel({ ...contracts, segments: settings.segments }),
      config: settings,
      budget: budgetOfModel(config),
      origin: args.origin,
      outbox: args.outbox,
      log,
      ...(args.onStep === undefined ? {} : { onStep: args.onStep }),
    });
  }

  async function run(ingest: Pick<Ingest, 'watermarks'>): Promise<void> {
    const time = openStreamClock({ ...args, ingest });
    streamClock = time;
    while (!stopping.signal.aborted) {
      alarm = Promise.withResolvers<void>();
      busy = true;
      try {
        if (!time.leads()) {
          // Another process decides for this model, from what all of them have stored.
          evaluator = undefined;
          waiting.length = 0;
          busy = false;
          await Promise.race([alarm.promise, clock.sleep(TICK_MS, stopping.signal)]);
          continue;
        }
        if (evaluator === undefined) {
          // What is stored from here on is told; what was stored before is found at the opening.
          await time.read();
          evaluator = await open();
        }
        for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
          evaluator.stored({ stream: event.stream, eventTimesMs: event.eventTimes });
        }
        const taken = positionsOf(ingest.watermarks());
        const { times, stored } = await time.read();
        for (const elsewhere of stored) evaluator.stored(elsewhere);
        await evaluator.advance(times);
        judged = taken;
      } catch (cause) {
        // What was decided but not written is decided again from the panes.
        evaluator = undefined;
        if (cause instanceof DriftwatchError && cause.code === 'LEASE_LOST') {
          // Kafka will soon say so too. Only if it does not are the decisions taken back.
          log.warn({ event: 'decisions.lost', cause }, sentence(cause));
          await clock.sleep(LOST_MS, stopping.signal);
          continue;
        }
        log.error(
          { event: 'decisions.failed', cause },
          `Deciding failed and is tried again: ${sentence(cause)}`,
        );
        await clock.sleep(RETRY_MS, stopping.signal);
        continue;
      }
      if (waiting.length > 0) continue;
      busy = false;
      await Promise.race([alarm.promise, clock.sleep(TICK_MS, stopping.signal)]);
    }
  }

  return {
    model,
    run,
    wake,
    progress: (): ModelProgress => ({
      model,
      streamTimes: streamClock?.times() ?? {},
      judged,
      idle: isIdle(),
    }),
    stored(event: StoredEvent) {
      waiting.push(event);
      busy = true;
      wake();
    },
  };
}

function positionsOf(marks: ReturnType<Ingest['watermarks']>): Record<string, number> {
  const positions: Record<string, number> = {};
  for (const [topic, list] of marks) {
    for (const { partition, position } of list) positions[`${topic}/${partition}`] = position;
  }
  return positions;
}

const RETRY_MS = 1_000;
/** Longer than Kafka needs to tell a process that slept that its partitions are another's. */
const LOST_MS = 10_000;
/** Stream time also moves when a partition falls idle, which no record tells. */
const TICK_MS = 500;
