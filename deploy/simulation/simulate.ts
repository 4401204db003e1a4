import { startIngest } from '../../processors/ingest/ingest.ts';
import type { Ingest, IngestArgs } from '../../processors/ingest/ports.ts';
import { parseContract } from '../../src/core/contract/parse-contract.ts';
import { EXAMPLE_SCHEMA } from '../../src/core/evaluation/hostile/example.ts';
import { EXAMPLE_ID } from '../../src/core/evaluation/hostile/hostile.ts';
import { randomBelow } from '../../src/core/random.ts';
import { DriftwatchError } from '../../src/errors.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { endOf, openBroker } from './broker.ts';
import { openChecker } from './checker.ts';
import { openDisk } from './disk.ts';
import { SECOND_ID, sendAll } from './expected.ts';
import { openFleet } from './fleet.ts';
import type { Machine } from './machine.ts';
import { CODEC, registryOf } from './registry.ts';
import { openTables } from './tables.ts';
import { openWorld } from './world.ts';

export interface Run {
  /** What was wrong, in words; empty for a good run. */
  readonly failures: readonly string[];
  readonly messages: number;
  readonly deaths: number;
  readonly sleeps: number;
  readonly rebalances: number;
  readonly full_disks: number;
}

/** Changes what ingest is given, to plant a bug. */
export type Mutate = (args: IngestArgs) => IngestArgs;

/**
 * One run of the real ingest on simulated systems: processes die at one of their awaits, sleep beyond their
 * session and wake, lose answers and requests, are rebalanced, and the disk of ClickHouse is full; then all is calm, and everything must be in its
 * place. The same seed gives the same run.
 */
export async function simulate(args: { seed: number; mutate?: Mutate }): Promise<Run> {
  const world = openWorld(args.seed);
  const { random } = world;
  const partitions = 1 + randomBelow(random, 2);
  const expected = sendAll({
    random,
    topic: CONTRACT.topic,
    partitions,
    each: 10 + randomBelow(random, 30),
    nowMs: world.now(),
  });
  const checker = openChecker({ topic: CONTRACT.topic, expected, latestMs: world.now() + MAX_FUTURE_MS });
  const disk = openDisk(world);
  const tables = openTables(world, checker, disk);
  const broker = openBroker({ world, checker, expected });
  const running: { machine: Machine; ingest: Ingest }[] = [];
  let broken: unknown;

  function run(machine: Machine): void {
    const plain: IngestArgs = {
      kafka: broker.open(machine),
      clickhouse: tables.open(machine),
      registry: registryOf({ machine, world, known: [EXAMPLE_ID, SECOND_ID], definition: EXAMPLE_SCHEMA }),
      deadLetterCodec: CODEC,
      sources: [{ contract: CONTRACT, topic: CONTRACT.topic }],
      owner: machine.name,
      groupId: 'simulated',
      limits: {
        sessionTimeoutMs: 6_000,
        maxFutureMs: MAX_FUTURE_MS,
        killWaitMs: 5_000,
      },
      clock: machine.clock,
      log: silentLog,
      onStored: ({ maxEventTimeMs }) => checker.told(maxEventTimeMs),
    };
    startIngest(args.mutate?.(plain) ?? plain).then(
      (ingest) => running.push({ machine, ingest }),
      (error: unknown) => {
        broken = error;
      },
    );
  }

  function whatHolds(): string {
    return running
      .filter(({ machine }) => machine.isAlive())
      .flatMap(({ machine, ingest }) =>
        ingest
          .progress()
          .partitions.map((one) => `${machine.name}/${one.partition} at ${one.floor} ${one.holding?.why}`),
      )
      .concat(
        expected.partitions.map(
          (partition) =>
            `${partition} ends at ${endOf(expected, partition)}, floor ${tables.floor(partition)}`,
        ),
      )
      .join('; ');
  }

  const fleet = openFleet({ world, broker, mostAwaits: 60, run });
  const arrived = () =>
    expected.partitions.every((partition) => tables.floor(partition) >= endOf(expected, partition));
  for (let i = 0; i <= randomBelow(random, 2); i += 1) fleet.start();
  fleet.beginTrouble();
  await world.run(() => false, TROUBLE_MS);
  world.calm();
  world.after(100, broker.rebalance);
  const settled = await world.run(arrived, CALM_MS);
  // What is still under way must not change anything any more.
  await world.run(() => false, 30_000);
  if (settled) checker.atEnd(tables.consumed);
  const failures = [
    ...checker.failures(),
    ...(settled ? [] : [`it does not come to rest: ${whatHolds()}`]),
    ...(broken === undefined ? [] : [`ingest threw: ${String(broken)}`]),
  ];
  const messages = expected.partitions.reduce((sum, partition) => sum + expected.of(partition).length, 0);
  return { failures, messages, ...fleet.troubles(), full_disks: disk.times() };
}

const TROUBLE_MS = 20_000;
const CALM_MS = 600_000;
const MAX_FUTURE_MS = 3_600_000;

const CONTRACT = contract();

function contract() {
  const topic = 'training.simulated';
  const parsed = parseContract({
    model: 'simulated',
    stream: 'training',
    topic,
    subject: `${topic}-value`,
    definition: EXAMPLE_SCHEMA,
  });
  if (parsed.status === 'ok') return parsed.contract;
  throw broken(parsed.problems);
}

function broken(problems: readonly string[]): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `A schema of the simulation cannot be read: ${problems.join(' ')}`,
    next: 'Mend it.',
  });
}
