import { type Dataset, takeRows } from '../models/dataset.ts';
import { type FeatureValue, featureNames, featureValue, replaceColumn } from '../models/replace-column.ts';
import { type Random, randomBelow, shuffledPositions } from '../random.ts';

/** Why one row got its prediction, feature by feature. */
export interface Explained {
  /** Prediction of the row, 0 to 1. */
  readonly prediction: number;
  /** Mean prediction of the background rows it was compared with. */
  readonly base: number;
  /** Largest first by size; together with `base` they add up to `prediction`. */
  readonly contributions: readonly Contribution[];
  /** Orders of the features that were drawn. */
  readonly draws: number;
}

export interface Contribution {
  readonly feature: string;
  readonly value: FeatureValue;
  /** What the value adds to the prediction, against a value drawn from the background; probability. */
  readonly contribution: number;
  /** Standard error over the draws. */
  readonly standardError: number;
}

/**
 * Shapley values of one row by sampling: in a random order, one feature after the other of a background row is
 * set to the row's own value, and each feature is credited with what the prediction moves at its step. The mean
 * over many orders and background rows is the Shapley value of the game in which absent features are drawn from
 * the background; the credits of one order add up exactly.
 *
 * `score` is called once, with draws times (features + 1) rows. Misleads where features move together: credit is
 * shared in combinations that never occur. It says what the model did, not what would help: see `what-if.ts`.
 * Source: E. Strumbelj and I. Kononenko (2014), doi 10.1007/s10115-013-0679-x, algorithm 1.
 */
export async function shapleyContributions(args: {
  rows: Dataset;
  row: number;
  /** Rows that stand for the usual; at least one. */
  background: Dataset;
  score: (rows: Dataset) => Promise<ArrayLike<number>>;
  random: Random;
  draws?: number;
}): Promise<Explained> {
  const { rows, row, background, random, draws = 64 } = args;
  const features = featureNames(rows);
  const orders = Array.from({ length: draws }, () => ({
    order: Array.from(shuffledPositions(random, features.length)),
    from: randomBelow(random, background.rows),
  }));
  const predictions = await args.score(steps({ rows, row, background, features, orders }));
  const width = features.length + 1;
  const credits = features.map(() => new Float64Array(draws));
  let base = 0;
  orders.forEach(({ order }, draw) => {
    base += predictions[draw * width] ?? 0;
    order.forEach((feature, step) => {
      const at = draw * width + step;
      const list = credits[feature];
      if (list !== undefined) list[draw] = (predictions[at + 1] ?? 0) - (predictions[at] ?? 0);
    });
  });
  const contributions = features.map((feature, at) => ({
    feature,
    value: featureValue(rows, feature, row) ?? null,
    ...meanAndError(credits[at] ?? new Float64Array(0)),
  }));
  return {
    prediction: predictions[width - 1] ?? 0,
    base: base / draws,
    contributions: contributions.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
    draws,
  };
}

/** For each order: the background row, then with one feature after the other taken from the row itself. */
function steps(args: {
  rows: Dataset;
  row: number;
  background: Dataset;
  features: readonly string[];
  orders: readonly { readonly order: readonly number[]; readonly from: number }[];
}): Dataset {
  const { rows, row, features, orders } = args;
  const width = features.length + 1;
  const positions = orders.flatMap(({ from }) => Array.from({ length: width }, () => from));
  let all = takeRows(args.background, positions);
  features.forEach((name, feature) => {
    const own = featureValue(rows, name, row) ?? null;
    const since = orders.map(({ order }) => order.indexOf(feature));
    const isOwn = (at: number) => at % width > (since[Math.floor(at / width)] ?? 0);
    all = replaceColumn(all, name, (at, had) => (isOwn(at) ? own : had)) ?? all;
  });
  return all;
}

function meanAndError(values: Float64Array): { contribution: number; standardError: number } {
  const n = values.length;
  const contribution = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - contribution) ** 2, 0);
  return { contribution, standardError: n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n) };
}
