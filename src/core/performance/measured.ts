/** A measured number with the rows it rests on, or how many rows it would need. Never NaN. */
export type Measured =
  | { readonly status: 'ok'; readonly value: number; readonly n: number }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

/** Answers and labels of the same rows. Rows where either is not a number are left out of every metric. */
export interface Scored {
  /** P(label = 1), 0 to 1. */
  readonly predictions: ArrayLike<number>;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
}

/** Calls back for every row that counts: a probability within 0 to 1 and a label of 0 or 1. Answers how many. */
export function eachScored(scored: Scored, row: (probability: number, label: number) => void): number {
  let n = 0;
  for (let at = 0; at < scored.labels.length; at += 1) {
    const probability = scored.predictions[at];
    const label = scored.labels[at];
    if (probability === undefined || !(probability >= 0 && probability <= 1)) continue;
    if (label !== 0 && label !== 1) continue;
    n += 1;
    row(probability, label);
  }
  return n;
}

/** The mean of n rows, or insufficient when there is none. */
export function meanOf(sum: number, n: number): Measured {
  return n === 0 ? { status: 'insufficient', need: 1, have: 0 } : { status: 'ok', value: sum / n, n };
}
