/** Rows to train on and later rows to measure on, as positions in the order of time. */
export interface TimeFold {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  /** Training rows left out because a validation row has their id. */
  readonly purged: number;
}

/**
 * Cross-validation in the order of time: the rows are cut into folds + 1 blocks of about equal size, and fold
 * k trains on blocks 0..k and is measured on block k + 1. Nothing is ever predicted from its future, and rows
 * of one moment stay in one block. An example whose id is on both sides is not trained on. Folds with
 * an empty side are left out, so fewer may come back than asked for.
 * It misleads about models that will be trained on much more rows than the first fold has: the early folds
 * favour simple models. Source: Bergmeir and Benitez, Information Sciences 191 (2012), 192-213.
 */
export function timeFolds(args: {
  eventTimesMs: ArrayLike<number>;
  ids: readonly string[];
  folds: number;
}): readonly TimeFold[] {
  const { eventTimesMs, ids, folds } = args;
  const time = (row: number): number => eventTimesMs[row] ?? Number.NaN;
  const order = Uint32Array.from(Array.from(ids.keys()).sort((a, b) => time(a) - time(b) || a - b));
  const edges = Array.from({ length: folds + 2 }, (_, block) => {
    let edge = Math.round((order.length * block) / (folds + 1));
    while (edge > 0 && edge < order.length && time(order[edge] ?? 0) === time(order[edge - 1] ?? 0))
      edge += 1;
    return edge;
  });
  const made: TimeFold[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const before = order.slice(0, edges[fold + 1]);
    const validation = order.slice(edges[fold + 1], edges[fold + 2]);
    const measured = new Set(Array.from(validation, (row) => ids[row]));
    const training = before.filter((row) => !measured.has(ids[row]));
    if (training.length === 0 || validation.length === 0) continue;
    made.push({ training, validation, purged: before.length - training.length });
  }
  return made;
}
