import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Random, randomBelow, seededRandom } from '../../src/core/random.ts';

/** Time and chance of one simulated run: nothing happens but by an event, and each event has its moment. */
export interface World {
  readonly random: Random;
  now(): number;
  /** Lets something happen so many milliseconds from now. */
  after(ms: number, event: () => void): void;
  /** True with this probability, while faults are on. */
  strikes(probability: number): boolean;
  /** From here on nothing goes wrong any more. */
  calm(): void;
  isCalm(): boolean;
  /** Runs events until the condition holds; false when it does not within this much time. */
  run(until: () => boolean, withinMs: number): Promise<boolean>;
}

export function openWorld(seed: number): World {
  const random = seededRandom(seed);
  const events: { atMs: number; order: number; event: () => void }[] = [];
  let nowMs = START_MS;
  let order = 0;
  let calm = false;

  return {
    random,
    now: () => nowMs,
    after(ms, event) {
      order += 1;
      const entry = { atMs: nowMs + ms, order, event };
      let low = 0;
      let high = events.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const other = events[middle];
        // The last of the list is the next to happen.
        if (
          other !== undefined &&
          (other.atMs > entry.atMs || (other.atMs === entry.atMs && other.order < order))
        )
          low = middle + 1;
        else high = middle;
      }
      events.splice(low, 0, entry);
    },
    strikes: (probability) => !calm && random() < probability,
    calm() {
      calm = true;
    },
    isCalm: () => calm,
    async run(until, withinMs) {
      const endMs = nowMs + withinMs;
      while (!until()) {
        const next = events.at(-1);
        if (next === undefined || next.atMs > endMs) return false;
        events.pop();
        nowMs = Math.max(nowMs, next.atMs);
        next.event();
        // All that follows at once from the event follows before the next one.
        await nextTurn();
      }
      return true;
    },
  };
}

/** Milliseconds that a message takes over the simulated network. */
export function travelMs(world: World): number {
  return 1 + randomBelow(world.random, world.strikes(0.1) ? 400 : 10);
}

const START_MS = Date.UTC(2024, 0, 1);
