import { z } from 'zod';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import { oneAtATime } from '../../src/runtime/one-at-a-time.ts';
import type { ProducerSighting } from './plan.ts';
import { clampedToStorage } from './record-sightings.ts';

/** Keeps the table producer_versions of one topic: each version that messages named, and since when. */
export interface ProducerRecorder {
  /** Called with the first message of each version in a batch, before the batch is accounted for. */
  record(partition: number, sightings: readonly ProducerSighting[]): Promise<void>;
}

/**
 * `began` is the smallest event time over the partitions' first messages with the version, as for writer schemas: a
 * crash repeats a first message and changes nothing. Versions beyond `most` are not kept: a producer that puts a number
 * of its own into every message must not fill the table.
 */
export function createProducerRecorder(args: {
  clickhouse: ClickHouse;
  topic: string;
  most?: number;
}): ProducerRecorder {
  const { clickhouse, topic } = args;
  const most = args.most ?? MOST_VERSIONS;
  const seen = new Set<string>();
  let began: Map<string, number> | undefined;
  const inTurn = oneAtATime();

  async function record(partition: number, sightings: readonly ProducerSighting[]): Promise<void> {
    const fresh = sightings.filter(({ version }) => !seen.has(`${partition}/${version}`));
    if (fresh.length === 0) return;
    if (began === undefined) {
      const rows = await clickhouse.rows('producer-versions-known', { topic }, KNOWN);
      began = new Map(rows.map((row) => [row.version, row.began_ms]));
    }
    for (const { version, offset, atMs } of fresh) {
      const before = began.get(version);
      if (before === undefined && began.size >= most) continue;
      const beganMs = clampedToStorage(atMs);
      if (before === undefined || beganMs < before) {
        const row = { topic, version, first_partition: partition, first_offset: offset };
        await clickhouse.insert('producer_versions', [{ ...row, began: new Date(beganMs).toISOString() }]);
        began.set(version, beganMs);
      }
      seen.add(`${partition}/${version}`);
    }
  }

  return { record: (partition, sightings) => inTurn(() => record(partition, sightings)) };
}

const MOST_VERSIONS = 1_000;
const KNOWN = z.object({ version: z.string(), began_ms: count });
