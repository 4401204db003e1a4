import { z } from 'zod';
import { DriftwatchError } from '../../src/errors.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { Fence } from '../../src/io/clickhouse/fence.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { killInserts } from '../kill-inserts.ts';

/**
 * Begins to decide for a model: a lease with the next epoch, and what an older owner still writes is ended and waited
 * for. Whatever is read after this is all that any older owner has ever written, and will ever have.
 *
 * Why. A write under a lease looks for a newer one in the very statement that writes. One that looked before this
 * lease was there is either done, and will be read, or under way, and is waited for here; one that looks later writes
 * nothing. So a process that slept through its lease is to the others like one that died: whatever it had done by
 * then is finished by them, and nothing of it comes after. It learns of it at its next `confirmDecisions`.
 *
 * Two owners can take the same epoch at once; then the larger name decides, from the moment its row is there, by the
 * same argument.
 */
export async function takeDecisions(args: {
  clickhouse: ClickHouse;
  clock: Clock;
  model: string;
  /** A name that nobody has had before. */
  owner: string;
}): Promise<Fence> {
  const { clickhouse, clock, model, owner } = args;
  const [last] = await clickhouse.rows('decision-lease-newest', { model }, z.object({ epoch: count }));
  const epoch = (last?.epoch ?? 0) + 1;
  const lease: Fence = { model, epoch, owner, tag: `decide:${model}:` };
  await clickhouse.insert('decision_leases', [{ model, epoch, owner }]);
  await confirmDecisions(clickhouse, lease);
  const whose = `the decisions of ${model}`;
  await killInserts({ clickhouse, clock, prefix: lease.tag, whose, killWaitMs: KILL_WAIT_MS });
  return lease;
}

/** The same ClickHouse, where all that is written is written under the fence. */
export function fenced(clickhouse: ClickHouse, fence: Fence): ClickHouse {
  return {
    ...clickhouse,
    insert: (table, rows) => clickhouse.insert(table, rows, fence),
    run: (name, params) => clickhouse.run(name, params, fence),
    runEach: (args) => clickhouse.runEach({ ...args, fence }),
  };
}

/** Throws LEASE_LOST when another decides for the model. */
export async function confirmDecisions(clickhouse: Pick<ClickHouse, 'rows'>, lease: Fence): Promise<void> {
  const { model, epoch, owner } = lease;
  const params = { fence_model: model, fence_epoch: epoch, fence_owner: owner };
  const [row] = await clickhouse.rows('decision-lease-holds', params, z.object({ holds: count }));
  if (row?.holds === 1) return;
  throw new DriftwatchError({
    code: 'LEASE_LOST',
    message: `Another process has begun to decide for ${model} since epoch ${epoch}.`,
    next: 'Nothing to do: what was not finished is decided again by that process, or by this one if it still leads.',
  });
}

const KILL_WAIT_MS = 10_000;
