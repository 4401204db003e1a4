import type { Random } from '../random.ts';
import { assignBins, type Bins, fitBins } from './bins.ts';
import { baseScores } from './boosting-loss.ts';
import type { CategoricalColumn, Dataset } from './dataset.ts';
import { designMatrix, type Inputs, inputWidth } from './design-matrix.ts';
import { fitFrequencyEncoding } from './frequency-encoding.ts';
import type { BoostingOptions, Encoding } from './gradient-boosting.ts';
import { hashed } from './hashing.ts';
import { type BinnedColumns, binnedColumns } from './histogram.ts';
import type { CategoricalInput } from './model.ts';
import { fitOneHot } from './one-hot.ts';
import { fitSubsetCodes, subsetCodeEdges } from './subset-codes.ts';
import { fitTargetEncoding, outOfFoldCodes } from './target-encoding.ts';

/** What trees grow on: fitted inputs, their columns cut into bins, and what is special about each column. */
export interface BoostingColumns {
  readonly inputs: Inputs;
  readonly cuts: readonly Bins[];
  readonly data: BinnedColumns;
  /** Are the bins of the column categories, to be divided into sets? */
  readonly categories: readonly boolean[];
  /** Class that the column is about, or -1: the trees of a class see their own codes only, which costs no more. */
  readonly owners: readonly number[];
  /** 1 and -1 for the columns of features with a monotone constraint; undefined when there is none. */
  readonly directions: Int8Array | undefined;
}

/** Fits the inputs to the training rows and cuts their columns into bins. */
export function boostingColumns(train: Dataset, options: BoostingOptions, random: Random): BoostingColumns {
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
  const before = inputs.numeric.reduce((sum, input) => sum + inputWidth(input), 0);
  const special = encoded.flatMap(({ input, codes, cuts }) =>
    Array.from({ length: inputWidth(input) }, (_, at) => ({ codes: codes?.[at], cuts })),
  );
  const cuts = served.map((column, at) => special[at - before]?.cuts ?? fitBins(column, options.maxBins));
  // Out-of-fold codes are cut at the edges of the codes that will be served. With edges of their own, a tree
  // could tell the folds of one category apart, and a fold's code gives away the mean of its own labels.
  const bins = served.map((column, at) =>
    assignBins(special[at - before]?.codes ?? column, cuts[at] ?? NO_BINS),
  );
  const data = binnedColumns(
    train.rows,
    bins,
    cuts.map((cut) => cut.thresholds.length + 2),
  );
  return {
    inputs,
    cuts,
    data,
    categories: served.map((_, at) => special[at - before]?.cuts !== undefined),
    owners: ownersOf(inputs),
    directions: directionsOf(inputs, served.length, options),
  };
}

interface Encoded {
  readonly input: CategoricalInput;
  /** Codes to train on, per column, where they are not the ones that are served. */
  readonly codes?: readonly Float32Array[];
  /** A bin per category, for trees that divide categories into sets. */
  readonly cuts?: Bins;
}

function encode(
  column: CategoricalColumn,
  label: Float64Array,
  options: BoostingOptions,
  random: Random,
): Encoded {
  const { folds, smoothing, task } = options;
  const encoding = options.encoding === 'auto' ? AUTO[task] : options.encoding;
  if (encoding === 'hashing') return { input: hashed(column.name, options.buckets) };
  if (encoding === 'one-hot') {
    return { input: fitOneHot(column, { topK: options.topK, minRows: options.minRowsPerCategory }) };
  }
  if (encoding === 'frequency') return { input: fitFrequencyEncoding(column, options) };
  if (encoding === 'subsets') {
    const input = fitSubsetCodes(column, label, options);
    return { input, cuts: { thresholds: subsetCodeEdges(input), infinite: false } };
  }
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

function ownersOf(inputs: Inputs): readonly number[] {
  return [...inputs.numeric, ...inputs.categorical].flatMap((input) =>
    Array.from({ length: inputWidth(input) }, (_, k) => (input.treatment === 'class-codes' ? k : -1)),
  );
}

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
/** A code per class is one number for all a category says about it; sets can be chosen anew at every node. */
const AUTO = {
  classification: 'target',
  regression: 'target',
  multiclass: 'subsets',
} as const satisfies Record<BoostingOptions['task'], Encoding>;
