import { startIngest } from '../../../processors/ingest/ingest.ts';
import type { IngestArgs } from '../../../processors/ingest/ports.ts';
import { type Processing, processModels } from '../../../processors/process-models.ts';
import { parseConfig } from '../../../src/config.ts';
import { randomBelow } from '../../../src/core/random.ts';
import { paneOf } from '../../../src/core/windows/pane.ts';
import type { ClickHouse } from '../../../src/io/clickhouse/client.ts';
import type { Kafka } from '../../../src/io/kafka/port.ts';
import type { Registry } from '../../../src/io/registry/registry.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { openOutbox } from '../../../src/runtime/outbox.ts';
import { alerts, retrainRequests } from '../../../topics/index.ts';
import { openDisk } from '../disk.ts';
import type { Expected } from '../expected.ts';
import { openFleet } from '../fleet.ts';
import type { Machine } from '../machine.ts';
import { CODEC, registryOf } from '../registry.ts';
import { openWorld, type World } from '../world.ts';
import { type EventTopics, openEventTopics } from './event-topics.ts';
import { eventFailures, sameHistory } from './loop-checker.ts';
import {
  CONTRACTS,
  type Logged,
  type LoggedRow,
  MODEL,
  PANE_MS,
  SERVING_ID,
  SERVING_SCHEMA,
  servingLog,
  TRAINING_ID,
  TRAINING_SCHEMA,
  trainingLog,
} from './serving-log.ts';
import { openStreams } from './streams.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

export interface LoopRun {
  readonly failures: readonly string[];
  readonly messages: number;
  readonly windows: number;
  readonly events: number;
  readonly deaths: number;
  readonly sleeps: number;
  readonly rebalances: number;
  readonly full_disks: number;
}

/** What a process of the loop is given; changed to plant a bug. */
export interface LoopPorts {
  readonly kafka: Kafka;
  readonly clickhouse: ClickHouse;
  readonly onStored: (processing: Processing) => IngestArgs['onStored'];
}
export type LoopMutate = (ports: LoopPorts, warehouse: Warehouse) => LoopPorts;

/**
 * One run of everything between a prediction on its topic and an alert on its: the real ingest, stream clock,
 * evaluator, judgements, incidents and outbox, in one to two processes on simulated systems, with the same
 * trouble as `simulate`. What it ends with is compared with a run of the same messages in one process without
 * any trouble.
 */
export async function simulateLoop(args: { seed: number; mutate?: LoopMutate }): Promise<LoopRun> {
  const world = openWorld(args.seed);
  const { random } = world;
  const late = random() < 0.5;
  const nowMs = world.now();
  const serving = servingLog({ random, nowMs, hours: 5 + randomBelow(random, 4), late });
  const training = trainingLog({ random, nowMs, served: serving.rows, late });
  const log: Logs = { serving, training };
  const rough = await runOnce({ world, log, late, ...args });
  const calmWorld = openWorld(args.seed);
  calmWorld.calm();
  const calm = await runOnce({ world: calmWorld, log, late, seed: args.seed });
  const failures = [
    ...rough.failures,
    ...calm.failures.map((failure) => `undisturbed: ${failure}`),
    ...sameHistory(calm.settled(), rough.settled()),
    ...eventFailures({
      outbox: rough.warehouse.outbox(),
      marks: rough.warehouse.marks(),
      published: [alerts.name, retrainRequests.name].flatMap((topic) => rough.events.on(topic)),
      // What was known when a row came late depends on when it came.
      ...(late ? {} : { wanted: calm.warehouse.outbox() }),
      untilMs: calm.lastPaneMs,
    }),
  ];
  return {
    failures,
    messages: countOf(serving.expected) + countOf(training.expected),
    windows: rough.warehouse.verdicts().length,
    events: rough.warehouse.outbox().length,
    deaths: rough.deaths,
    sleeps: rough.sleeps,
    rebalances: rough.rebalances,
    full_disks: rough.full_disks,
  };
}

const LOGGED = ['serving', 'training'] as const;
type Logs = Readonly<Record<(typeof LOGGED)[number], Logged>>;

interface Ended {
  readonly failures: readonly string[];
  readonly warehouse: Warehouse;
  /** Start of the first pane that may stay open. */
  readonly lastPaneMs: number;
  /** Verdicts on the windows that must be closed: a later one is closed only where a partition seemed idle. */
  readonly settled: () => readonly Readonly<Record<string, unknown>>[];
  readonly events: EventTopics;
  readonly deaths: number;
  readonly sleeps: number;
  readonly rebalances: number;
  readonly full_disks: number;
}

async function runOnce(args: {
  world: World;
  log: Logs;
  late: boolean;
  seed: number;
  mutate?: LoopMutate;
}): Promise<Ended> {
  const { world, log } = args;
  const { random } = world;
  const disk = openDisk(world);
  const warehouse = openWarehouse(world, disk);
  const events = openEventTopics(world);
  const tableOf = { serving: `serving_${MODEL}`, training: `training_${MODEL}` } as const;
  const values = new Map<string, LoggedRow>(
    LOGGED.flatMap((stream) =>
      log[stream].rows.map((row) => [`${tableOf[stream]}/${row.partition}/${row.offset}`, row] as const),
    ),
  );
  const streams = openStreams({
    world,
    disk,
    logs: LOGGED.map((stream) => {
      const all = log[stream].expected;
      const coming = world.isCalm() ? all : arriving(world, all);
      return { topic: CONTRACTS[stream].topic, table: tableOf[stream], all, coming };
    }),
    latestMs: world.now() + MAX_FUTURE_MS,
    onStored(table, row) {
      const found = values.get(`${table}/${Number(row['_partition'])}/${Number(row['_offset'])}`);
      if (found !== undefined) warehouse.store(table, found);
    },
  });
  const running: { machine: Machine; processing: Processing; latest: number }[] = [];
  const failures: string[] = [];
  const reached = new Map<string, number>();
  warehouse.onProgress((stage, streamTimeMs) => {
    if (streamTimeMs < (reached.get(stage) ?? 0)) failures.push(`the progress of ${stage} went back`);
    reached.set(stage, streamTimeMs);
  });

  async function open(machine: Machine): Promise<void> {
    const own = streams.open(machine);
    const plain: LoopPorts = {
      kafka: kafkaOf(machine, own.kafka, events),
      clickhouse: sleepingOverDecisions(machine, warehouse.open(machine, own.clickhouse)),
      onStored: (processing) => (event) => {
        streams.told(event.maxEventTimeMs);
        processing.stored(event);
      },
    };
    const { kafka, clickhouse, onStored } = args.mutate?.(plain, warehouse) ?? plain;
    const { clock } = machine;
    const outbox = await openOutbox({
      clickhouse,
      kafka,
      encoders: new Map([alerts.name, retrainRequests.name].map((topic) => [topic, () => Buffer.alloc(1)])),
      source: '/simulated',
      exclusive: 'simulated',
      log: silentLog,
    });
    const processing = processModels({
      clickhouse,
      kafka,
      outbox,
      config: CONFIG,
      contracts: new Map([[MODEL, CONTRACTS]]),
      origin: { configHash: 'simulated', codeVersion: 'simulated' },
      owner: machine.name,
      clock,
      log: silentLog,
    });
    const ingest = await startIngest({
      kafka,
      clickhouse,
      registry: registryFor(machine, world),
      deadLetterCodec: CODEC,
      sources: LOGGED.map((stream) => ({ contract: CONTRACTS[stream], topic: CONTRACTS[stream].topic })),
      owner: machine.name,
      groupId: 'simulated',
      limits: { sessionTimeoutMs: 6_000, maxFutureMs: MAX_FUTURE_MS, killWaitMs: 5_000 },
      clock,
      log: silentLog,
      onStored: onStored(processing),
    });
    processing.start(ingest);
    running.push({ machine, processing, latest: 0 });
  }

  /** The worst moments to fall asleep: it knows what to publish or what to say of a window, and has not begun. */
  function sleepingOverDecisions(machine: Machine, clickhouse: ClickHouse): ClickHouse {
    return {
      ...clickhouse,
      async rows(name, params, row) {
        const rows = await clickhouse.rows(name, params, row);
        const worst = WORST_MOMENTS.get(name) ?? 0;
        if (worst > 0 && rows.length > 0 && machine.isAwake() && world.strikes(worst)) {
          fleet.putToSleep(machine);
          await machine.clock.sleep(1);
        }
        return rows;
      },
    };
  }

  /** Stream time of a process never goes back. */
  function lookAtClocks(): void {
    for (const one of running) {
      const now = one.processing.progress()[0]?.streamTimes.serving ?? 0;
      if (now < one.latest) failures.push(`stream time of ${one.machine.name} went back`);
      one.latest = now;
    }
    world.after(200, lookAtClocks);
  }

  const fleet = openFleet({
    world,
    broker: streams,
    mostAwaits: 400,
    // A process that cannot even start ends, and whoever looks after it starts another.
    run: (machine) => void open(machine).catch(() => machine.die()),
  });
  const ends = { serving: endPane(log.serving), training: endPane(log.training) };
  const lastPane = { serving: ends.serving, skew: Math.min(ends.serving, ends.training) };
  const atRest = () =>
    streams.arrived() &&
    (reached.get('serving') ?? 0) >= lastPane.serving &&
    (reached.get('skew') ?? 0) >= lastPane.skew &&
    warehouse.outbox().length <= warehouse.marks().length;
  fleet.start();
  if (!world.isCalm()) {
    if (random() < 0.6) fleet.start();
    fleet.beginTrouble();
  }
  lookAtClocks();
  const disturbed = !world.isCalm();
  if (disturbed) {
    await world.run(() => false, TROUBLE_MS);
    world.calm();
    world.after(100, streams.rebalance);
  }
  const settled = await world.run(atRest, CALM_MS);
  // What is still under way must not change anything any more, and late rows must have been judged again.
  await world.run(() => false, disturbed ? AFTER_MS : 2_000);
  if (settled) streams.atEnd();
  if (!settled) {
    const now = [...reached].map(([stage, ms]) => `${stage} at ${new Date(ms).toISOString()}`);
    failures.push(
      `it does not come to rest: ${now.join(', ')}, outbox ${warehouse.outbox().length}, marks ${warehouse.marks().length}`,
    );
  }
  return {
    failures: [...streams.failures(), ...failures],
    warehouse,
    lastPaneMs: lastPane.serving,
    settled: () =>
      warehouse
        .verdicts()
        .filter(
          (row) =>
            Date.parse(String(row['window_start'])) <
            (row['kind'] === 'feature-skew' ? lastPane.skew : lastPane.serving),
        ),
    events,
    ...fleet.troubles(),
    full_disks: disk.times(),
  };
}

/** Stream time is that of the partition that is behind: start of the first pane that may stay open. */
function endPane({ expected, rows }: Logged): number {
  const ends = expected.partitions.map((wanted) =>
    Math.max(...rows.flatMap(({ partition, eventTimeMs }) => (partition === wanted ? eventTimeMs : []))),
  );
  return paneOf(Math.min(...ends), PANE_MS);
}

function countOf(expected: Expected): number {
  return expected.partitions.reduce((sum, partition) => sum + expected.of(partition).length, 0);
}

/** Both schemas, each under its id. */
function registryFor(machine: Machine, world: World): Registry {
  const serving = registryOf({ machine, world, known: [SERVING_ID], definition: SERVING_SCHEMA });
  const training = registryOf({ machine, world, known: [TRAINING_ID], definition: TRAINING_SCHEMA });
  return {
    ...serving,
    byId: (id) => (id === TRAINING_ID ? training : serving).byId(id),
    idsOf: (subject) => (subject === CONTRACTS.training.subject ? training : serving).idsOf(subject),
  };
}

/** The messages come one after the other while there is trouble, with no pause that a partition could seem idle for. */
function arriving(world: World, all: Expected): Expected {
  const beganMs = world.now();
  const share = () => Math.min(1, (world.now() - beganMs) / (0.8 * TROUBLE_MS));
  return {
    ...all,
    of: (partition) => {
      const messages = all.of(partition);
      return messages.slice(0, Math.ceil(messages.length * share()));
    },
  };
}

function kafkaOf(machine: Machine, broker: Kafka, events: EventTopics): Kafka {
  const ours = events.open(machine);
  return {
    ...broker,
    producer: (wanted) => (wanted?.exclusive === undefined ? broker.producer() : ours.producer(wanted)),
    follow: ours.follow,
  };
}

/** Statements after which a process falls asleep, with this probability. */
const WORST_MOMENTS: ReadonlyMap<string, number> = new Map([
  ['outbox-pending', 0.2],
  ['pane-revision-of', 0.05],
]);
const TROUBLE_MS = 20_000;
const CALM_MS = 600_000;
const AFTER_MS = 20_000;
const MAX_FUTURE_MS = 3_600_000;
const CONFIG = parseConfig(
  {
    idle_after: '5s',
    models: {
      [MODEL]: {
        partitions: 2,
        pane: '1h',
        season: 'none',
        trailing: 7,
        minimum_rows: 5,
        minimum_windows: 3,
        close_after: 2,
        group_within: '2h',
        joint: false,
      },
    },
  },
  'simulated',
);
