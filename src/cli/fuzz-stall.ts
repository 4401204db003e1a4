import { setImmediate as nextTurn } from 'node:timers/promises';

/** Measures how long the event loop stands still while some work runs. */
export interface StallMeter {
  measure<T>(family: string, work: () => Promise<T>): Promise<T>;
  /** The most processor time that the loop's thread used between two turns so far, milliseconds, per family. */
  longestMs(): ReadonlyMap<string, number>;
  /** The longest time between two turns by the wall clock: on a busy machine, most of it is waiting for a core. */
  longestWallMs(): number;
}

/** A timer of 1 ms asks for every turn; what lies between two of them is the stall. */
export function openStallMeter(): StallMeter {
  const longest = new Map<string, number>();
  let longestWall = 0;
  return {
    longestMs: () => longest,
    longestWallMs: () => longestWall,
    async measure(family, work) {
      await nextTurn();
      let lastWall = performance.now();
      let last = processorMs();
      const turn = () => {
        const wall = performance.now();
        const now = processorMs();
        longest.set(family, Math.max(longest.get(family) ?? 0, now - last));
        longestWall = Math.max(longestWall, wall - lastWall);
        lastWall = wall;
        last = now;
      };
      const timer = setInterval(turn, 1);
      try {
        return await work();
      } finally {
        clearInterval(timer);
        turn();
      }
    },
  };
}

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
