/**
 * Area under the ROC curve: the probability, 0 to 1, that a row with label 1 gets a higher prediction
 * than a row with label 0, ties counting half. 0.5 is chance. `insufficient` when a class is absent.
 * Source: Hanley and McNeil 1982, Radiology 143, 29 (the Mann-Whitney statistic). Says nothing about
 * calibration: predictions that are all ten times too small have the same area.
 */
export function rocAuc(args: { predictions: ArrayLike<number>; labels: ArrayLike<number> }): RocAuc {
  const { predictions, labels } = args;
  const order = Uint32Array.from({ length: labels.length }, (_, row) => row);
  order.sort((a, b) => at(predictions, a) - at(predictions, b));
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    const tie = tieEnd(predictions, order, start);
    const rank = (start + 1 + tie) / 2;
    for (let position = start; position < tie; position += 1) {
      if (at(labels, at(order, position)) !== 1) continue;
      positives += 1;
      rankSum += rank;
    }
    start = tie;
  }
  const negatives = order.length - positives;
  const fewer = Math.min(positives, negatives);
  if (fewer === 0) return { status: 'insufficient', need: 1, have: 0 };
  const value = (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
  return { status: 'ok', value, positives, negatives };
}

export type RocAuc =
  | {
      readonly status: 'ok';
      readonly value: number;
      readonly positives: number;
      readonly negatives: number;
    }
  /** Rows needed of the rarer class, and rows there. */
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

function tieEnd(predictions: ArrayLike<number>, order: Uint32Array, start: number): number {
  const value = at(predictions, at(order, start));
  let end = start + 1;
  while (end < order.length && at(predictions, at(order, end)) === value) end += 1;
  return end;
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}
