import type { Random } from '../random.ts';
import { assignBins, type Bins, fitBins, MAX_FLOAT32 } from './bins.ts';
import { baseScore, differentiate, meanLoss } from './boosting-loss.ts';
import type { Dataset } from './dataset.ts';
import { designMatrix, type Inputs } from './design-matrix.ts';
import { fitFrequencyEncoding } from './frequency-encoding.ts';
import { type BinnedTree, growTree, leafOf, type TreeRules, treeMemory } from './grow-tree.ts';
import { type BinnedColumns, binnedColumns } from './histogram.ts';
import type { Model, Round, Task, Trained, Tree } from './model.ts';
import { sampleColumns, sampleRows } from './sample.ts';
import { fitTargetEncoding, outOfFoldCodes, type TargetEncodingOptions } from './target-encoding.ts';
import { usableRows } from './usable-rows.ts';

export interface BoostingOptions extends TreeRules, TargetEncodingOptions {
  readonly task: Task;
  /** Trees at most. */
  readonly rounds: number;
  /** Value bins per column, 2 to 255. */
  readonly maxBins: number;
  /** Share of rows and of columns that each tree sees, above 0 and up to 1. */
  readonly rowShare: number;
  readonly columnShare: number;
  /** Rounds without a better validation loss after which training stops. */
  readonly patience: number;
  readonly encoding: 'target' | 'frequency';
  /** Folds of the target encoding of the training rows. */
  readonly folds: number;
}

export const BOOSTING_DEFAULTS: BoostingOptions = {
  task: 'classification',
  rounds: 200,
  learningRate: 0.1,
  growth: 'leaf-wise',
  maxLeaves: 31,
  maxDepth: 8,
  minRowsPerLeaf: 20,
  minCurvature: 1e-3,
  l2: 1,
  minGain: 0,
  maxBins: 255,
  rowShare: 1,
  columnShare: 1,
  patience: 20,
  encoding: 'target',
  folds: 10,
  smoothing: 20,
  maxCategories: 1000,
};

export interface BoostingArgs {
  readonly train: Dataset;
  /** Later rows, not trained on. With them training stops early and keeps the best number of trees. */
  readonly validation?: Dataset;
  readonly options?: Partial<BoostingOptions>;
  /** Deals rows to folds and samples rows and columns. Same generator, same model. */
  readonly random: Random;
}

/**
 * Gradient boosting of histogram trees: log-loss for classification, squared error for regression.
 * Numeric features are used as they are and missing values learn a direction; categorical ones get smoothed
 * target codes, out of fold for the training rows. Deterministic for the same arguments.
 * About 0.2 microseconds per row, column and tree of depth 6.
 * It misleads outside the range it has seen: trees answer with the nearest leaf.
 * Sources: Friedman, Annals of Statistics 29 (2001), doi:10.1214/aos/1013203451; Ke et al., LightGBM
 * (NIPS 2017) for histograms and leaf-wise growth.
 */
export function trainGradientBoosting(args: BoostingArgs & { onProgress?: (round: Round) => void }): Trained {
  const rounds = boostingRounds(args);
  for (;;) {
    const step = rounds.next();
    if (step.done === true) return step.value;
    args.onProgress?.(step.value);
  }
}

/** The same, one round per step, for callers that must do something else in between. */
export function* boostingRounds(args: BoostingArgs): Generator<Round, Trained> {
  const options = { ...BOOSTING_DEFAULTS, ...args.options };
  const usable = usableRows(args.train, options.task);
  if (usable.status === 'insufficient') return usable;
  const train = usable.dataset;
  const label = train.label;
  const { inputs, cuts, data } = prepare(train, options, args.random);
  const held =
    args.validation === undefined ? undefined : validationOf(args.validation, inputs, cuts, options);
  const base = baseScore(label, options.task);
  const scores = new Float64Array(train.rows).fill(base);
  const gradient = new Float64Array(train.rows);
  const curvature = new Float64Array(train.rows).fill(1);
  const memory = treeMemory(train.rows);
  const infinite = cuts.map((bins) => bins.infinite);
  const trees: BinnedTree[] = [];
  const history: Round[] = [];
  let best = { trees: 0, loss: held === undefined ? 0 : held.loss(base) };
  for (let round = 1; round <= options.rounds; round += 1) {
    differentiate(scores, label, options.task, gradient, curvature);
    const count = sampleRows(memory.rows, options.rowShare, args.random);
    const columns = sampleColumns(cuts.length, options.columnShare, args.random);
    const { tree, leaves } = growTree({
      data,
      infinite,
      columns,
      count,
      gradient,
      curvature,
      rules: options,
      memory,
    });
    // A full sample that finds no split will find none later either.
    if (leaves.length === 1 && options.rowShare === 1 && options.columnShare === 1) break;
    trees.push(tree);
    if (count === train.rows) addLeaves(scores, memory.rows, leaves, tree);
    else addTree(scores, data, tree);
    const loss = meanLoss(scores, label, options.task);
    const step: Round =
      held === undefined ? { round, loss } : { round, loss, validationLoss: held.add(tree) };
    history.push(step);
    yield step;
    if (step.validationLoss === undefined) best = { trees: trees.length, loss };
    else if (step.validationLoss < best.loss) best = { trees: trees.length, loss: step.validationLoss };
    else if (trees.length - best.trees >= options.patience) break;
  }
  const kept = trees.slice(0, best.trees).map((tree) => withThresholds(tree, cuts));
  return {
    status: 'trained',
    rows: train.rows,
    history,
    model: {
      format: 1,
      task: options.task,
      ...inputs,
      estimator: { kind: 'trees', base, trees: kept },
      calibration: { method: 'none' },
    } satisfies Model,
  };
}

/** Fits the inputs and cuts the columns into bins. */
function prepare(train: Dataset, options: BoostingOptions, random: Random) {
  const encoded = train.categorical.map((column) => {
    if (options.encoding === 'frequency') return { input: fitFrequencyEncoding(column, options) };
    const input = fitTargetEncoding(column, train.label, options);
    const codes = outOfFoldCodes({
      column,
      label: train.label,
      fitted: input,
      folds: options.folds,
      smoothing: options.smoothing,
      random,
    });
    return { input, codes };
  });
  const inputs: Inputs = {
    numeric: train.numeric.map((column) => ({ treatment: 'as-is', name: column.name })),
    categorical: encoded.map(({ input }) => input),
  };
  const served = designMatrix(inputs, train);
  const cuts = served.map((column) => fitBins(column, options.maxBins));
  // Out-of-fold codes are cut at the edges of the codes that will be served. With edges of their own, a tree
  // could tell the folds of one category apart, and a fold's code gives away the mean of its own labels.
  const bins = served.map((column, at) =>
    assignBins(encoded[at - train.numeric.length]?.codes ?? column, cuts[at] ?? NO_BINS),
  );
  const data = binnedColumns(
    train.rows,
    bins,
    cuts.map((cut) => cut.thresholds.length + 2),
  );
  return { inputs, cuts, data };
}

const NO_BINS: Bins = { thresholds: new Float32Array(0), infinite: false };

function validationOf(validation: Dataset, inputs: Inputs, cuts: readonly Bins[], options: BoostingOptions) {
  const usable = usableRows(validation, options.task);
  // Too few rows to stop by, or one class only: as if none were given.
  if (usable.status === 'insufficient') return undefined;
  const { rows, label } = usable.dataset;
  const bins = designMatrix(inputs, usable.dataset).map((column, at) =>
    assignBins(column, cuts[at] ?? NO_BINS),
  );
  const data = binnedColumns(
    rows,
    bins,
    cuts.map((cut) => cut.thresholds.length + 2),
  );
  const scores = new Float64Array(rows);
  return {
    loss(base: number): number {
      scores.fill(base);
      return meanLoss(scores, label, options.task);
    },
    add(tree: BinnedTree): number {
      addTree(scores, data, tree);
      return meanLoss(scores, label, options.task);
    },
  };
}

function addLeaves(
  scores: Float64Array,
  rows: Uint32Array,
  leaves: readonly { readonly node: number; readonly start: number; readonly end: number }[],
  tree: BinnedTree,
): void {
  for (const leaf of leaves) {
    const value = tree.value[leaf.node] ?? 0;
    for (let at = leaf.start; at < leaf.end; at += 1) {
      const row = rows[at] ?? 0;
      scores[row] = (scores[row] ?? 0) + value;
    }
  }
}

function addTree(scores: Float64Array, data: BinnedColumns, tree: BinnedTree): void {
  for (let row = 0; row < scores.length; row += 1) {
    scores[row] = (scores[row] ?? 0) + (tree.value[leafOf(tree, data, row)] ?? 0);
  }
}

function withThresholds(tree: BinnedTree, cuts: readonly Bins[]): Tree {
  return {
    column: tree.column,
    threshold: tree.bin.map((bin, node) =>
      tree.left[node] === -1 ? 0 : (cuts[tree.column[node] ?? 0]?.thresholds[bin] ?? MAX_FLOAT32),
    ),
    missingLeft: tree.missingLeft,
    left: tree.left,
    right: tree.right,
    value: tree.value,
  };
}
