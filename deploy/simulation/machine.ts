import { DriftwatchError } from '../../src/errors.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { travelMs, type World } from './world.ts';

/** A process: it can die at any of its awaits, and it can sleep and wake. */
export interface Machine {
  readonly name: string;
  readonly clock: Clock;
  isAlive(): boolean;
  isAwake(): boolean;
  die(): void;
  sleep(): void;
  wake(): void;
  /**
   * Asks another system: what it does there happens some time later, the answer comes later still. Requests and
   * answers get lost, and a request whose sender has given up may still arrive.
   */
  ask<T>(
    what: string,
    perform: (answer: (value: T) => void, refuse: (why: unknown) => void) => void,
  ): Promise<T>;
}

export function openMachine(args: {
  world: World;
  name: string;
  /** Dies when it asks for the so manyth time; 0 for never. */
  diesAt: number;
  onDeath(): void;
}): Machine {
  const { world, name } = args;
  let alive = true;
  let awake = true;
  let asked = 0;
  let waiting: (() => void)[] = [];

  /** Goes on in this process, when it is awake and if it lives. */
  function hear(event: () => void): void {
    if (!alive) return;
    if (awake) event();
    else waiting.push(event);
  }

  function die(): void {
    if (!alive) return;
    alive = false;
    waiting = [];
    args.onDeath();
  }

  return {
    name,
    isAlive: () => alive,
    isAwake: () => alive && awake,
    die,
    sleep() {
      awake = false;
    },
    wake() {
      awake = true;
      const events = waiting;
      waiting = [];
      for (const event of events) hear(event);
    },
    clock: {
      now: () => world.now(),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (!alive) return;
          if (signal?.aborted === true) {
            resolve();
            return;
          }
          signal?.addEventListener('abort', () => hear(resolve), { once: true });
          world.after(ms, () => hear(resolve));
        }),
    },
    ask: (what, perform) =>
      new Promise((resolve, reject) => {
        if (!alive) return;
        asked += 1;
        const dies = asked === args.diesAt && !world.isCalm();
        const sent = !dies || world.random() < 0.5;
        if (dies) die();
        if (!sent) return;
        const fail = () => world.after(travelMs(world), () => hear(() => reject(noAnswer(what))));
        if (world.strikes(0.01)) {
          fail();
          // Given up by the sender, and still under way.
          if (world.random() < 0.5) world.after(world.random() * 3_000, () => perform(nobody, nobody));
          return;
        }
        const deaf = world.strikes(0.015);
        world.after(travelMs(world), () => {
          perform(
            (value) => (deaf ? fail() : world.after(travelMs(world), () => hear(() => resolve(value)))),
            (why) => world.after(travelMs(world), () => hear(() => reject(why))),
          );
        });
      }),
  };
}

function nobody(): void {
  // Whoever asked has stopped listening.
}

function noAnswer(what: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CLICKHOUSE_UNREACHABLE',
    message: `No answer to ${what}.`,
    next: 'It is tried again.',
  });
}
