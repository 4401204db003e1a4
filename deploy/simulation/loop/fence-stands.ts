import type { Fence } from '../../../src/io/clickhouse/fence.ts';
import type { Row } from './replacing-tables.ts';

/** Whether nobody holds a newer lease than a fence names; without a fence nothing can be newer. */
export function fenceStands(
  leases: readonly Row[],
  fence: Pick<Fence, 'epoch' | 'owner'> | undefined,
): boolean {
  return !leases.some((row) => {
    const { epoch, owner } = fence ?? { epoch: Number.POSITIVE_INFINITY, owner: '' };
    return Number(row['epoch']) > epoch || (Number(row['epoch']) === epoch && String(row['owner']) > owner);
  });
}
