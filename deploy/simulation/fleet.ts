import { randomBelow } from '../../src/core/random.ts';
import type { Broker } from './broker.ts';
import { type Machine, openMachine } from './machine.ts';
import type { World } from './world.ts';

/** Processes that die, are started again by whoever looks after them, fall asleep, and lose their partitions. */
export interface Fleet {
  start(): void;
  /** From some moment on, until all is calm. */
  beginTrouble(): void;
  /** Beyond its session, perhaps; it wakes by itself. */
  putToSleep(machine: Machine): void;
  troubles(): { readonly deaths: number; readonly sleeps: number; readonly rebalances: number };
}

export function openFleet(args: {
  world: World;
  broker: Pick<Broker, 'notice' | 'rebalance'>;
  /** A process that dies does so at one of its first so many awaits. */
  mostAwaits: number;
  /** What a process does from its beginning on. */
  run(machine: Machine): void;
}): Fleet {
  const { world, broker } = args;
  const { random } = world;
  const machines: Machine[] = [];
  let [deaths, sleeps, rebalances] = [0, 0, 0];

  function start(): void {
    const machine: Machine = openMachine({
      world,
      name: `p${machines.length}`,
      diesAt: random() < 0.6 ? 1 + randomBelow(random, args.mostAwaits) : 0,
      onDeath() {
        deaths += 1;
        broker.notice(machine);
        world.after(200 + randomBelow(random, 2_000), start);
      },
    });
    machines.push(machine);
    args.run(machine);
  }

  function putToSleep(machine: Machine): void {
    sleeps += 1;
    machine.sleep();
    broker.notice(machine);
    world.after(1_000 + randomBelow(random, 15_000), () => machine.wake());
  }

  /** Now and then something happens that no process asked for. */
  function trouble(): void {
    if (world.isCalm()) return;
    const awake = machines.filter((machine) => machine.isAwake());
    const victim = awake[randomBelow(random, Math.max(1, awake.length))];
    if (random() < 0.3) {
      rebalances += 1;
      broker.rebalance();
    } else if (victim !== undefined && random() < 0.4) putToSleep(victim);
    world.after(500 + randomBelow(random, 3_000), trouble);
  }

  return {
    start,
    putToSleep,
    beginTrouble: () => world.after(randomBelow(random, 1_000), trouble),
    troubles: () => ({ deaths, sleeps, rebalances }),
  };
}
