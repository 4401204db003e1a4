import { z } from 'zod';
import type { Lag } from './views/at-a-glance.ts';

/** Asks the processors how far behind they are. Undefined when they do not answer at once: they may be starting. */
export async function readLag(processUrl: string): Promise<Lag | undefined> {
  try {
    const response = await fetch(`${processUrl}/progress`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const report = REPORT.parse(await response.json());
    const behind = report.partitions.map(({ floor, highWatermark }) => Math.max(0, highWatermark - floor));
    return { messages: behind.reduce((sum, messages) => sum + messages, 0), partitions: behind.length };
  } catch {
    return undefined;
  }
}

const PATIENCE_MS = 1_000;
const REPORT = z.object({ partitions: z.array(z.object({ floor: z.number(), highWatermark: z.number() })) });
