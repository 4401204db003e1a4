import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { ToyLoop } from './toy-loop.ts';

/** Measures how long it takes until what is on the topics at a moment is accounted for in the ledger. */
export interface Recovery {
  /** Resolves, with milliseconds since `sinceMs`, when everything that is on the topics now has been taken in. */
  from(sinceMs: number): Promise<number>;
  stop(): void;
}

export function watchRecovery(loop: ToyLoop): Recovery {
  const topics = Object.values(loop.topics).map(({ name }) => name);
  const waiting = new Set<{ ends: ReadonlyMap<string, number>; reached: () => void }>();
  let stopped = false;

  async function ends(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const topic of topics) {
      for (const { partition, high } of await loop.kafka.watermarks(topic))
        found.set(`${topic}/${partition}`, high);
    }
    return found;
  }

  /** The broker or ClickHouse may be the one that was killed: asked again until it answers. */
  async function insist<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (cause) {
        if (stopped) throw cause;
        await pause(100);
      }
    }
  }

  async function look(): Promise<void> {
    while (!stopped) {
      if (waiting.size > 0) {
        const rows = await loop.clickhouse.rows('ledger-floors', { topics }, FLOOR).catch(() => []);
        const floors = new Map(rows.map(({ topic, partition, floor }) => [`${topic}/${partition}`, floor]));
        for (const one of waiting) {
          if (![...one.ends].every(([place, end]) => (floors.get(place) ?? 0) >= end)) continue;
          waiting.delete(one);
          one.reached();
        }
      }
      await pause(100);
    }
  }
  void look();

  return {
    async from(sinceMs) {
      const wanted = await insist(ends);
      await new Promise<void>((reached) => waiting.add({ ends: wanted, reached }));
      return performance.now() - sinceMs;
    },
    stop() {
      stopped = true;
    },
  };
}

const FLOOR = z.object({ topic: z.string(), partition: count, floor: count });
