/**
 * Stream time of one topic: no record before it is expected any more.
 *
 * Each partition's watermark is its largest event time, clamped to the broker's append time plus a
 * bounded skew (one bad clock must not close every pane), minus the allowed disorder. The topic's is
 * the smallest over partitions that are not idle. A partition is idle only when it has been read to
 * its end and has been quiet for a while: behind is not idle. A partition that comes back cannot
 * move time backwards, because the caller keeps the largest value seen (`previousMs`).
 *
 * Returns undefined while no partition has a record. Times in milliseconds since 1970.
 */
export function watermark(args: {
  partitions: readonly PartitionTime[];
  disorderMs: number;
  idleAfterMs: number;
  nowMs: number;
  previousMs?: number;
}): number | undefined {
  const active = args.partitions.filter((partition) => !isIdle(partition, args));
  // When all are quiet nobody is waited for, and what they had said still counts.
  const counted =
    active.length > 0
      ? active
      : args.partitions.filter((partition) => partition.maxEventTimeMs !== undefined);
  const seen = counted.filter((partition) => partition.maxEventTimeMs !== undefined);
  if (counted.length === 0 || seen.length < counted.length) return args.previousMs;
  const low = Math.min(...seen.map((partition) => partition.maxEventTimeMs ?? Number.POSITIVE_INFINITY));
  return Math.max(low - args.disorderMs, args.previousMs ?? Number.NEGATIVE_INFINITY);
}

/** Event time as it may move the watermark: never further ahead of the broker's clock than `maxFutureMs`. */
export function clampEventTime(args: {
  eventTimeMs: number;
  appendedMs: number;
  maxFutureMs: number;
}): number {
  return Math.min(args.eventTimeMs, args.appendedMs + args.maxFutureMs);
}

export interface PartitionTime {
  readonly maxEventTimeMs?: number;
  /** Read to its end. */
  readonly caughtUp: boolean;
  /** Wall clock of its last record. */
  readonly lastRecordMs: number;
}

function isIdle(partition: PartitionTime, args: { idleAfterMs: number; nowMs: number }): boolean {
  return partition.caughtUp && args.nowMs - partition.lastRecordMs >= args.idleAfterMs;
}
