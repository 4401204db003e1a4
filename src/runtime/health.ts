/** Whether a consumer does its work. A process that runs but makes no progress is not alive. */
export interface Health {
  readonly live: boolean;
  /** One sentence per partition that has stalled, none when live. */
  readonly problems: readonly string[];
}

export interface PartitionHealth {
  readonly topic: string;
  readonly partition: number;
  /** Next offset to take in, and the next one the broker will give out. */
  readonly position: number;
  readonly highWatermark: number;
  /** When the position moved last, or when the partition was assigned; milliseconds since 1970. */
  readonly lastProgressAtMs: number;
  /** Why it waits, where that is known. */
  readonly holding?: string | undefined;
}

/**
 * Live means: every partition has moved within `stalledAfterMs` or has nothing left to read, and the broker
 * has answered a fetch within that time. Idle at the high watermark is not a stall; far behind but moving
 * is not one either. Misleads when the broker is up but a partition's leader is not: its high watermark then
 * stands still and the partition looks idle, which the broker's own monitoring must say.
 */
export function health(args: {
  now: number;
  stalledAfterMs: number;
  lastFetchAtMs: number | undefined;
  partitions: readonly PartitionHealth[];
}): Health {
  const { now, stalledAfterMs, lastFetchAtMs, partitions } = args;
  const problems: string[] = [];
  if (lastFetchAtMs === undefined) problems.push('No fetch has been answered by the broker yet.');
  else if (now - lastFetchAtMs > stalledAfterMs) {
    problems.push(`The broker has not answered a fetch for ${seconds(now - lastFetchAtMs)}.`);
  }
  for (const one of partitions) {
    const idle = one.position >= one.highWatermark;
    const stillMs = now - one.lastProgressAtMs;
    if (idle || stillMs <= stalledAfterMs) continue;
    const why = one.holding === undefined ? '' : `: ${one.holding}`;
    problems.push(
      `${one.topic}/${one.partition} stands at offset ${one.position} of ${one.highWatermark} for ${seconds(stillMs)}${why}`,
    );
  }
  return { live: problems.length === 0, problems };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
