import { setImmediate as nextTurn } from 'node:timers/promises';

/** Measures how long the event loop stands still while some work runs. */
export interface StallMeter {
  measure<T>(work: () => Promise<T>): Promise<T>;
  /** The longest time between two turns of the loop so far, milliseconds. */
  longestMs(): number;
}

/** A timer of 1 ms asks for every turn; what it comes late by is the stall. */
export function openStallMeter(): StallMeter {
  let longest = 0;
  return {
    longestMs: () => longest,
    async measure(work) {
      await nextTurn();
      let last = performance.now();
      const turn = () => {
        const now = performance.now();
        longest = Math.max(longest, now - last - 1);
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
