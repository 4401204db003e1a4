/**
 * Splits examples by event time: the newest `validationDays` are for validation, everything before them
 * for training. Nothing at or after the cut is trained on, and an example whose id is on both sides is
 * left out of training, so that no row is measured by a model that has seen it.
 */
export function splitByTime(args: {
  eventTimesMs: ArrayLike<number>;
  ids: readonly string[];
  validationDays: number;
}): Split {
  const { eventTimesMs, ids, validationDays } = args;
  let newest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < ids.length; row += 1) newest = Math.max(newest, eventTimesMs[row] ?? newest);
  const cutMs = newest + 1 - validationDays * DAY_MS;
  const validation: number[] = [];
  const before: number[] = [];
  for (let row = 0; row < ids.length; row += 1) {
    if ((eventTimesMs[row] ?? newest) >= cutMs) validation.push(row);
    else before.push(row);
  }
  const measured = new Set(validation.map((row) => ids[row]));
  const training = before.filter((row) => !measured.has(ids[row]));
  return { cutMs, training, validation, purged: before.length - training.length };
}

export interface Split {
  /** First event time of the validation rows, milliseconds since 1970; not finite without rows. */
  readonly cutMs: number;
  /** Positions of the rows, ascending. */
  readonly training: readonly number[];
  readonly validation: readonly number[];
  /** Rows left out of training because validation has their id. */
  readonly purged: number;
}

export const DAY_MS = 86_400_000;
