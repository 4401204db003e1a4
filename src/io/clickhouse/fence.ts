/**
 * The right to decide for a model, as every write under it names it (a fencing token: Gray and Cheriton, Leases,
 * 1989; Kleppmann, Designing Data-Intensive Applications, chapter 8). ClickHouse itself looks whether a newer one
 * has been given out, in the statement that writes: a process that slept, and a request that was long under way,
 * write nothing any more.
 *
 * A write that is refused this way is no error: whoever cares confirms the lease (decision-lease.ts).
 */
export interface Fence {
  readonly model: string;
  /** Grows with every owner. */
  readonly epoch: number;
  /** Nobody has had this name before. Of two with one epoch the larger may write. */
  readonly owner: string;
  /** What the names of statements under it begin with, so that they can be waited for. */
  readonly tag: string;
}

/** Parameters of schemas/queries/parts/fence.sql; without a fence everything may be written. */
export function fenceParams(fence: Fence | undefined): Readonly<Record<string, unknown>> {
  const { model, epoch, owner } = fence ?? NONE;
  return { fence_model: model, fence_epoch: epoch, fence_owner: owner };
}

/** A name for one statement. */
export function fenceTag({ tag, epoch }: Fence): string {
  return `${tag}${epoch}:${crypto.randomUUID()}`;
}

const NONE: Fence = { model: '', epoch: 0, owner: '', tag: '' };
