import type { Random } from '../random.ts';
import { assignBins, type Bins, fitBins, MAX_FLOAT32 } from './bins.ts';
import { baseScores, differentiate, meanLoss } from './boosting-loss.ts';
import type { CategoricalColumn, Dataset } from './dataset.ts';
import { designMatrix, type Inputs, inputWidth } from './design-matrix.ts';
import { fitFrequencyEncoding } from './frequency-encoding.ts';
import { type BinnedTree, growTree, leafOf, type TreeRules, treeMemory } from './grow-tree.ts';
import { hashed } from './hashing.ts';
import { type BinnedColumns, binnedColumns } from './histogram.ts';
import type { CategoricalInput, Model, Round, Task, Trained, Tree } from './model.ts';
import { fitOneHot } from './one-hot.ts';
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
  /** How categorical features become numbers. Target codes of multiclass are one per class. */
  readonly encoding: Encoding;
  /** Folds of the target encoding of the training rows. */
  readonly folds: number;
  /** One-hot: categories with a column of their own, and the rows they need for one. */
  readonly topK: number;
  readonly minRowsPerCategory: number;
  /** Hashing: columns per feature. */
  readonly buckets: number;
  /** Numeric features that are times in milliseconds since 1970: read as hour and weekday. */
  readonly timeFeatures: readonly string[];
  /** Numeric features that the answer may only rise or only fall with. Missing values are free. */
  readonly monotone: Readonly<Record<string, 'increasing' | 'decreasing'>>;
}

export type Encoding = 'target' | 'frequency' | 'one-hot' | 'hashing';

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
  topK: 30,
  minRowsPerCategory: 20,
  buckets: 32,
  timeFeatures: [],
  monotone: {},
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
 * Gradient boosting of histogram trees: log-loss for classification, squared error for regression, softmax with
 * one tree per class and round for multiclass. Numeric features are used as they are and missing values learn
 * a direction; categorical ones get smoothed target codes, out of fold for the training rows, or another
 * encoding. Monotone constraints bound every subtree by the middle of the split above it. Deterministic for the same arguments.
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
  const { inputs, cuts, data, directions } = prepare(train, options, args.random);
  const bases = baseScores(label, options.task);
  const held =
    args.validation === undefined
      ? undefined
      : validationOf(args.validation, { inputs, cuts, options, bases });
  const scores = bases.map((base) => new Float64Array(train.rows).fill(base));
  const gradient = bases.map(() => new Float64Array(train.rows));
  const curvature = bases.map(() => new Float64Array(train.rows).fill(1));
  const memory = treeMemory(train.rows);
  const owners = ownersOf(inputs);
  const sampled = new Uint32Array(bases.length > 1 ? train.rows : 0);
  const infinite = cuts.map((bins) => bins.infinite);
  // Trees of a round, one per score.
  const rounds: BinnedTree[][] = [];
  const history: Round[] = [];
  let best = { rounds: 0, loss: held?.base ?? 0 };
  for (let round = 1; round <= options.rounds; round += 1) {
    differentiate(scores, label, options.task, gradient, curvature);
    const count = sampleRows(memory.rows, options.rowShare, args.random);
    const columns = sampleColumns(cuts.length, options.columnShare, args.random);
    // Growing a tree reorders the rows, and every tree of a round starts from the same ones.
    if (bases.length > 1) sampled.set(memory.rows);
    let leavesGrown = 0;
    const trees = scores.map((score, k) => {
      if (k > 0) memory.rows.set(sampled);
      const { tree, leaves } = growTree({
        data,
        infinite,
        columns: bases.length > 1 ? columns.filter((at) => owners[at] === -1 || owners[at] === k) : columns,
        count,
        gradient: gradient[k] ?? score,
        curvature: curvature[k] ?? score,
        rules: options,
        memory,
        directions,
      });
      if (count === train.rows) addLeaves(score, memory.rows, leaves, tree);
      else addTree(score, data, tree);
      leavesGrown += leaves.length;
      return tree;
    });
    // A full sample that finds no split will find none later either.
    if (leavesGrown === trees.length && options.rowShare === 1 && options.columnShare === 1) break;
    rounds.push(trees);
    const loss = meanLoss(scores, label, options.task);
    const step: Round =
      held === undefined ? { round, loss } : { round, loss, validationLoss: held.add(trees) };
    history.push(step);
    yield step;
    if (step.validationLoss === undefined) best = { rounds: rounds.length, loss };
    else if (step.validationLoss < best.loss) best = { rounds: rounds.length, loss: step.validationLoss };
    else if (rounds.length - best.rounds >= options.patience) break;
  }
  const ensembles = bases.map((base, k) => ({
    base,
    trees: rounds.slice(0, best.rounds).flatMap((trees) => {
      const tree = trees[k];
      return tree === undefined ? [] : [withThresholds(tree, cuts)];
    }),
  }));
  const [single = { base: 0, trees: [] }] = ensembles;
  return {
    status: 'trained',
    rows: train.rows,
    history,
    model: {
      format: 1,
      task: options.task,
      ...inputs,
      estimator:
        options.task === 'multiclass'
          ? { kind: 'class-trees', classes: ensembles }
          : { kind: 'trees', ...single },
      calibration: { method: 'none' },
    } satisfies Model,
  };
}

/** Fits the inputs and cuts the columns into bins. */
function prepare(train: Dataset, options: BoostingOptions, random: Random) {
  const encoded = train.categorical.map((column) => encode(column, train.label, options, random));
  const inputs: Inputs = {
    numeric: train.numeric.map(({ name }) =>
      options.timeFeatures.includes(name)
        ? { treatment: 'time', name, form: 'numbers' }
        : { treatment: 'as-is', name },
    ),
    categorical: encoded.map(({ input }) => input),
  };
  const served = designMatrix(inputs, train);
  const cuts = served.map((column) => fitBins(column, options.maxBins));
  const before = inputs.numeric.reduce((sum, input) => sum + inputWidth(input), 0);
  const learnt = encoded.flatMap(({ input, codes }) =>
    Array.from({ length: inputWidth(input) }, (_, column) => codes?.[column]),
  );
  // Out-of-fold codes are cut at the edges of the codes that will be served. With edges of their own, a tree
  // could tell the folds of one category apart, and a fold's code gives away the mean of its own labels.
  const bins = served.map((column, at) => assignBins(learnt[at - before] ?? column, cuts[at] ?? NO_BINS));
  const data = binnedColumns(
    train.rows,
    bins,
    cuts.map((cut) => cut.thresholds.length + 2),
  );
  return { inputs, cuts, data, directions: directionsOf(inputs, served.length, options) };
}

/** An encoding fitted to one feature, and the codes to train on where they are not the ones that are served. */
function encode(
  column: CategoricalColumn,
  label: Float64Array,
  options: BoostingOptions,
  random: Random,
): { input: CategoricalInput; codes?: readonly Float32Array[] } {
  const { encoding, folds, smoothing } = options;
  if (encoding === 'hashing') return { input: hashed(column.name, options.buckets) };
  if (encoding === 'one-hot') {
    return { input: fitOneHot(column, { topK: options.topK, minRows: options.minRowsPerCategory }) };
  }
  if (encoding === 'frequency') return { input: fitFrequencyEncoding(column, options) };
  const codesFor = (ones: Float64Array) => {
    const fitted = fitTargetEncoding(column, ones, options);
    const codes = outOfFoldCodes({ column, label: ones, fitted, folds, smoothing, random });
    return { input: fitted, codes };
  };
  if (options.task !== 'multiclass') {
    const { input, codes } = codesFor(label);
    return { input, codes: [codes] };
  }
  // The mean of class numbers means nothing: every class has codes of its own.
  const each = baseScores(label, options.task).map((_, k) =>
    codesFor(label.map((kind) => (kind === k ? 1 : 0))),
  );
  return {
    input: { treatment: 'class-codes', name: column.name, classes: each.map(({ input }) => input) },
    codes: each.map(({ codes }) => codes),
  };
}

/** Class that a column is about, or -1: the trees of a class see their own codes only, which costs no more. */
function ownersOf(inputs: Inputs): readonly number[] {
  return [...inputs.numeric, ...inputs.categorical].flatMap((input) =>
    Array.from({ length: inputWidth(input) }, (_, k) => (input.treatment === 'class-codes' ? k : -1)),
  );
}

/** 1 and -1 for the columns of constrained features; undefined when there is none. */
function directionsOf(inputs: Inputs, width: number, options: BoostingOptions): Int8Array | undefined {
  const directions = new Int8Array(width);
  let at = 0;
  for (const input of inputs.numeric) {
    const wanted = input.treatment === 'as-is' ? options.monotone[input.name] : undefined;
    directions[at] = wanted === undefined ? 0 : wanted === 'increasing' ? 1 : -1;
    at += inputWidth(input);
  }
  return directions.some((direction) => direction !== 0) ? directions : undefined;
}

const NO_BINS: Bins = { thresholds: new Float32Array(0), infinite: false };

function validationOf(
  validation: Dataset,
  args: { inputs: Inputs; cuts: readonly Bins[]; options: BoostingOptions; bases: readonly number[] },
) {
  const { inputs, cuts, options, bases } = args;
  const usable = usableRows(validation, options.task);
  // Too few rows to stop by, or one class only: as if none were given. So is a class that training has not.
  if (usable.status === 'insufficient') return undefined;
  const { rows, label } = usable.dataset;
  if (options.task === 'multiclass' && label.some((value) => value >= bases.length)) return undefined;
  const bins = designMatrix(inputs, usable.dataset).map((column, at) =>
    assignBins(column, cuts[at] ?? NO_BINS),
  );
  const data = binnedColumns(
    rows,
    bins,
    cuts.map((cut) => cut.thresholds.length + 2),
  );
  const scores = bases.map((base) => new Float64Array(rows).fill(base));
  return {
    base: meanLoss(scores, label, options.task),
    add(trees: readonly BinnedTree[]): number {
      trees.forEach((tree, k) => {
        addTree(scores[k] ?? new Float64Array(0), data, tree);
      });
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
