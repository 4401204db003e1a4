/** How far two lists of answers to the same rows are from each other. */
export interface Agreement {
  readonly n: number;
  /** Rows with exactly the same answer. */
  readonly same: number;
  /** Largest difference; 0 without rows. */
  readonly largest: number;
  /** Mean of replayed minus logged; 0 without rows. */
  readonly mean: number;
}

/** Compares a replay with what was logged, row by row. A row where either is not a number counts as different. */
export function agreement(args: {
  logged: ArrayLike<number>;
  replayed: ArrayLike<number>;
  /** Positions to compare; all when absent. */
  rows?: readonly number[];
}): Agreement {
  const { logged, replayed } = args;
  const rows = args.rows ?? Array.from({ length: logged.length }, (_, row) => row);
  let [same, largest, total, finite] = [0, 0, 0, 0];
  for (const row of rows) {
    const difference = (replayed[row] ?? Number.NaN) - (logged[row] ?? Number.NaN);
    if (difference === 0) same += 1;
    if (!Number.isFinite(difference)) continue;
    finite += 1;
    total += difference;
    largest = Math.max(largest, Math.abs(difference));
  }
  return { n: rows.length, same, largest, mean: finite === 0 ? 0 : total / finite };
}
