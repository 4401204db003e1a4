/** Whether a consumer does its work. A process that runs but makes no progress is not ready. */
export interface Health {
  /** False when only a new process helps: nothing is tried any more, and nobody knows why. */
  readonly live: boolean;
  /** False while a partition stands still or the broker is silent. */
  readonly ready: boolean;
  /** One sentence per reason not to be ready. */
  readonly problems: readonly string[];
  /** What each partition waits for now, however short the time. */
  readonly waiting: readonly string[];
}

export interface PartitionHealth {
  readonly topic: string;
  readonly partition: number;
  /** Next offset to take in, and the next one the broker will give out. */
  readonly position: number;
  readonly highWatermark: number;
  /** When the position moved last, or when the partition was assigned; milliseconds since 1970. */
  readonly lastProgressAtMs: number;
  /** When anything was tried last, successful or not. */
  readonly lastAttemptAtMs: number;
  /** Why it waits and since when, where that is known. */
  readonly holding?: Holding | undefined;
}

export interface Holding {
  readonly why: string;
  readonly sinceMs: number;
}

/**
 * Ready means: every partition has moved within `stalledAfterMs` or has nothing left to read, and the broker
 * has answered a fetch within that time. Idle at the high watermark is not a stall; far behind but moving
 * is not one either. Misleads when the broker is up but a partition's leader is not: its high watermark then
 * stands still and the partition looks idle, which the broker's own monitoring must say.
 *
 * Live is less: a process that waits for a system that is away, knows it, and goes on trying, would wait just the
 * same after a restart. It is not live when a partition has work and has not tried for `stuckAfterMs`, or when
 * the broker has been silent for that long, since a new process makes new connections.
 */
export function health(args: {
  now: number;
  stalledAfterMs: number;
  stuckAfterMs: number;
  startedAtMs: number;
  lastFetchAtMs: number | undefined;
  partitions: readonly PartitionHealth[];
}): Health {
  const { now, stalledAfterMs, stuckAfterMs, startedAtMs, lastFetchAtMs, partitions } = args;
  const problems: string[] = [];
  const waiting: string[] = [];
  const silentMs = now - (lastFetchAtMs ?? startedAtMs);
  let live = silentMs <= stuckAfterMs;
  if (lastFetchAtMs === undefined) problems.push('No fetch has been answered by the broker yet.');
  else if (silentMs > stalledAfterMs) {
    problems.push(`The broker has not answered a fetch for ${seconds(silentMs)}.`);
  }
  for (const one of partitions) {
    const { topic, partition, position, highWatermark, holding } = one;
    if (holding !== undefined) {
      const since = `since ${new Date(holding.sinceMs).toISOString()}, ${seconds(now - holding.sinceMs)}`;
      waiting.push(`${topic}/${partition}: ${holding.why} (${since})`);
    }
    const stillMs = now - one.lastProgressAtMs;
    if (position >= highWatermark || stillMs <= stalledAfterMs) continue;
    if (now - one.lastAttemptAtMs > stuckAfterMs) live = false;
    const why = holding === undefined ? '' : `: ${holding.why}`;
    problems.push(
      `${topic}/${partition} stands at offset ${position} of ${highWatermark} for ${seconds(stillMs)}${why}`,
    );
  }
  return { live, ready: problems.length === 0, problems, waiting };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
