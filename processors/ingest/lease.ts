import { z } from 'zod';
import { sha1 } from '../../src/core/sha1.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';

/**
 * The right to take a partition in, and how far it has been taken. Plain data; each ledger write returns
 * the next value.
 */
export interface Lease {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly owner: string;
  /** Every offset below is accounted for. */
  readonly floor: number;
  readonly consumed: number;
  readonly maxEventTimeMs: number | undefined;
  /** Ledger rows written under this epoch so far. */
  readonly writes: number;
}

/**
 * Takes a partition over: a ledger row with the next epoch, everything else as the last owner left it.
 *
 * Why no older owner can win. A ledger row's version is made of the epoch, the writes under that epoch and the
 * owner, in this order, and the largest version is the truth. Whatever an owner of epoch e writes, whenever it
 * arrives, is smaller than the first row of epoch e + 1, so a process that slept through its lease and wakes cannot
 * move the floor: its row is never read. The rows it may still insert are the same rows by offset and payload, and
 * the sort key makes one of them. It learns of it at its next `confirm` and stops.
 *
 * Two owners can take the same epoch at once. Their versions differ, so which of their rows is read is settled, and
 * no merge changes it. Each then sees the other, here or at the next `confirm`, gives up, and takes a larger epoch.
 * Until that happens both work from the same floor on the same offsets, which the sort key again makes one.
 *
 * A row that is read can be of an owner that has given up or lost the partition since: it says the floor as that
 * owner found it. Whoever holds the partition in Kafka's eyes sees this when it looks at the ledger, which it also
 * does when nothing comes (`watchLeases`), and takes the partition again.
 */
export async function takeLease(args: {
  clickhouse: ClickHouse;
  topic: string;
  partition: number;
  owner: string;
  /** Where a partition begins that nobody has taken yet. */
  low: number;
}): Promise<Lease> {
  const { clickhouse, topic, partition, owner, low } = args;
  const [last] = await clickhouse.rows('ledger-newest', { topic, partition }, LEDGER_ROW);
  const lease: Lease = {
    topic,
    partition,
    owner,
    epoch: (last?.epoch ?? 0) + 1,
    floor: last?.floor ?? low,
    consumed: last?.consumed ?? 0,
    maxEventTimeMs: last === undefined || last.max_event_time_ms === 0 ? undefined : last.max_event_time_ms,
    writes: 0,
  };
  const taken = await write(clickhouse, lease);
  await confirmLease(clickhouse, taken);
  return taken;
}

/** Throws LEASE_LOST when another owner has taken the partition. */
export async function confirmLease(clickhouse: ClickHouse, lease: Lease): Promise<void> {
  const { topic, partition, epoch, owner } = lease;
  const [row] = await clickhouse.rows('ledger-rivals', { topic, partition, epoch, owner }, RIVALS);
  if (row === undefined || row.rivals === 0) return;
  throw lost(lease, `it was taken over from ${owner}, epoch ${epoch}`);
}

/** Confirms the lease, then moves the floor. */
export async function advanceLease(
  clickhouse: ClickHouse,
  lease: Lease,
  to: { floor: number; consumed: number; maxEventTimeMs: number | undefined },
): Promise<Lease> {
  await confirmLease(clickhouse, lease);
  return write(clickhouse, { ...lease, ...to });
}

async function write(clickhouse: ClickHouse, lease: Lease): Promise<Lease> {
  if (lease.writes >= WRITES) throw lost(lease, `has written all that epoch ${lease.epoch} has room for`);
  await clickhouse.insert('ledger', [
    {
      topic: lease.topic,
      partition: lease.partition,
      version: versionOf(lease),
      epoch: lease.epoch,
      owner: lease.owner,
      floor: lease.floor,
      consumed: lease.consumed,
      max_event_time: new Date(lease.maxEventTimeMs ?? 0).toISOString(),
    },
  ]);
  return { ...lease, writes: lease.writes + 1 };
}

/**
 * 24 bits of epoch, 24 of writes, 16 of the owner, as text: UInt64 in ClickHouse, more than a number holds here.
 * Two owners of one epoch have the same 16 bits in one case of 65,536.
 */
export function versionOf(of: { epoch: number; owner: string; writes: number }): string {
  const [high = 0, low = 0] = sha1(new TextEncoder().encode(of.owner));
  return String((BigInt(of.epoch) << 40n) | (BigInt(of.writes) << 16n) | BigInt(256 * high + low));
}

/** Batches under one epoch: nine days at twenty a second. Then the partition is taken again. */
const WRITES = 2 ** 24;

function lost({ topic, partition }: Lease, why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'LEASE_LOST',
    message: `${topic}/${partition}: ${why}.`,
    next: 'Nothing to do: the partition is taken again by this process or by another.',
  });
}

const LEDGER_ROW = z.object({ epoch: count, floor: count, consumed: count, max_event_time_ms: count });
const RIVALS = z.object({ rivals: count });
