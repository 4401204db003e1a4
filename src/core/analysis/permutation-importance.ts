import type { Dataset } from '../models/dataset.ts';
import { rowLogLoss } from '../performance/row-log-loss.ts';
import { type Random, shuffledPositions } from '../random.ts';

/** How much worse a model gets when one feature is shuffled among the rows. */
export interface Importance {
  readonly feature: string;
  /** Mean loss with the feature shuffled minus without: nats, or squared errors; about 0 for one the model does not use. */
  readonly increase: number;
  /** Standard error of `increase` over the rows. */
  readonly standardError: number;
  readonly n: number;
}

/**
 * Permutation importance of every feature, the largest first. `predictions` are the answers on the rows as they
 * are; `score` answers rows and is called once per feature; `lossesOf` makes losses of answers, log-loss unless given. Misleads for features that tell the same: each is
 * shuffled alone, and the model falls back on the other; and it judges combinations that never occur.
 * Source: L. Breiman, Machine Learning 45 (2001) 5, section 10; A. Fisher and others, JMLR 20 (2019) 177.
 */
export async function permutationImportance(args: {
  rows: Dataset;
  predictions: ArrayLike<number>;
  score: (rows: Dataset) => Promise<ArrayLike<number>>;
  random: Random;
  lossesOf?: (answers: ArrayLike<number>) => Float64Array;
}): Promise<Importance[]> {
  const { rows, score, random } = args;
  const lossesOf = args.lossesOf ?? ((answers) => logLosses(answers, rows.label));
  if (rows.rows < 2) return [];
  const before = lossesOf(args.predictions);
  const found: Importance[] = [];
  for (const { name } of [...rows.numeric, ...rows.categorical]) {
    const after = lossesOf(await score(shuffled(rows, name, random)));
    const increases = after.map((loss, row) => loss - (before[row] ?? 0));
    const increase = increases.reduce((sum, value) => sum + value, 0) / rows.rows;
    const squares = increases.reduce((sum, value) => sum + (value - increase) ** 2, 0);
    const standardError = Math.sqrt(squares / (rows.rows - 1) / rows.rows);
    found.push({ feature: name, increase, standardError, n: rows.rows });
  }
  return found.sort((a, b) => b.increase - a.increase);
}

function shuffled(rows: Dataset, feature: string, random: Random): Dataset {
  const order = shuffledPositions(random, rows.rows);
  return {
    ...rows,
    numeric: rows.numeric.map((column) =>
      column.name === feature
        ? { name: feature, values: Float64Array.from(order, (at) => column.values[at] ?? Number.NaN) }
        : column,
    ),
    categorical: rows.categorical.map((column) =>
      column.name === feature
        ? { name: feature, values: Array.from(order, (at) => column.values[at] ?? null) }
        : column,
    ),
  };
}

function logLosses(predictions: ArrayLike<number>, labels: Float64Array): Float64Array {
  return labels.map((label, row) => rowLogLoss(predictions[row] ?? 0.5, label));
}
