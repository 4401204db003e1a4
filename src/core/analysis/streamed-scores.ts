import type { Confusion } from '../performance/confusion.ts';
import { eachScored, type Measured, meanOf } from '../performance/measured.ts';
import { rowLogLoss } from '../performance/row-log-loss.ts';
import { mix32 } from '../random.ts';
import type { CurvePoint } from './calibration-curve.ts';
import { type Interval, percentileInterval } from './percentile-interval.ts';
import { poissonWeight } from './poisson-weight.ts';
import { type Residual, residualOf } from './residuals-by-time.ts';
import { binnedArea, binnedCurve, binOf, emptyBins, type ScoreBins } from './score-bins.ts';

/** Rows of one block: what was said, what happened, when, and of which example. */
export interface ScoredBlock {
  readonly predictions: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly eventTimesMs: ArrayLike<number>;
  /** Hash of the id of each row, 0 to 2^32 - 1. */
  readonly hashes: ArrayLike<number>;
}

/** What is kept of all rows so far. Plain data that `addScores` changes; its size does not depend on the rows. */
export interface StreamedScores {
  readonly seed: number;
  readonly draws: number;
  readonly whole: Sums;
  readonly fine: ScoreBins;
  /** Sum of the predictions in each of the fine bins. */
  readonly said: Float64Array;
  readonly days: Map<number, DaySums>;
  /** Sums of each draw by rows; gone as soon as there are enough days to draw days. */
  rows: RowDraws | undefined;
}

/** Sums that add up over blocks. */
interface Sums {
  n: number;
  loss: number;
  brier: number;
  truePositive: number;
  falsePositive: number;
  trueNegative: number;
  falseNegative: number;
}

interface DaySums extends Sums {
  residual: number;
  residualSquares: number;
  readonly bins: ScoreBins;
}

interface RowDraws {
  readonly n: Float64Array;
  readonly loss: Float64Array;
  readonly brier: Float64Array;
  readonly right: Float64Array;
  readonly bins: readonly ScoreBins[];
}

/** Nothing read yet. */
export function startScores(args: { seed: number; draws?: number }): StreamedScores {
  const draws = args.draws ?? DRAWS;
  return {
    seed: args.seed,
    draws,
    whole: nothing(),
    fine: emptyBins(FINE),
    said: new Float64Array(FINE),
    days: new Map(),
    rows: {
      n: new Float64Array(draws),
      loss: new Float64Array(draws),
      brier: new Float64Array(draws),
      right: new Float64Array(draws),
      bins: Array.from({ length: draws }, () => emptyBins(COARSE)),
    },
  };
}

/** Takes in a block of rows. The order of blocks and of rows in them changes sums in their last bits only. */
export function addScores(state: StreamedScores, block: ScoredBlock): void {
  for (let row = 0; row < block.labels.length; row += 1) {
    const one = { predictions: [block.predictions[row] ?? -1], labels: [block.labels[row] ?? -1] };
    eachScored(one, (probability, label) => {
      const day = Math.floor((block.eventTimesMs[row] ?? 0) / DAY_MS);
      const sums = state.days.get(day) ?? {
        ...nothing(),
        residual: 0,
        residualSquares: 0,
        bins: emptyBins(COARSE),
      };
      state.days.set(day, sums);
      const loss = rowLogLoss(probability, label);
      count(state.whole, probability, label, loss);
      count(sums, probability, label, loss);
      sums.residual += label - probability;
      sums.residualSquares += (label - probability) ** 2;
      const side = label === 1 ? 'ones' : 'zeros';
      const bin = binOf(probability, COARSE);
      add(sums.bins[side], bin, 1);
      const fine = binOf(probability, FINE);
      add(state.fine[side], fine, 1);
      add(state.said, fine, probability);
      if (state.days.size >= FEW_DAYS) state.rows = undefined;
      if (state.rows !== undefined) {
        const hash = mix32((block.hashes[row] ?? 0) ^ state.seed);
        drawRow(state.rows, hash, { probability, label, loss, side, bin });
      }
    });
  }
}

/** Rows by what was said and what came. */
export interface ClassConfusion {
  readonly classes: readonly string[];
  /** One line per class that was said, in it one count per class that came. */
  readonly counts: readonly (readonly number[])[];
}

/** Metrics with intervals, as bootstrapInterval gives them of rows in memory. */
export interface ScoresResult {
  readonly rows: number;
  readonly days: number;
  readonly metrics: Readonly<Record<string, Interval>>;
  /** Of a model that answers with a probability. */
  readonly confusion?: Confusion;
  /** Of a model of classes. */
  readonly classes?: ClassConfusion;
  readonly residuals: readonly Residual[];
  readonly calibration: readonly CurvePoint[];
}

/**
 * Metrics of all rows that were taken in, with Poisson bootstrap intervals: days are drawn where there are at least ten,
 * because rows of one day share their weather, and ids where there are fewer. The area under the ROC curve is that of
 * 65,536 bins of log-odds, its interval that of 1,024.
 */
export function scoresResult(state: StreamedScores): ScoresResult {
  const { whole, draws } = state;
  const { n, loss, brier, ...confusion } = whole;
  const right = whole.truePositive + whole.trueNegative;
  const drawn = state.days.size >= FEW_DAYS ? dayDraws(state) : rowDraws(state.rows);
  const area = binnedArea(state.fine);
  const tooFew: Interval | undefined =
    n < FEW_DAYS && n > 0 ? { status: 'insufficient', need: FEW_DAYS, have: n } : undefined;
  const interval = (of: Measured, name: keyof Drawn): Interval =>
    tooFew ?? percentileInterval({ whole: of, draws, values: drawn.flatMap((draw) => draw[name] ?? []) });
  const positives = confusion.truePositive + confusion.falseNegative;
  const fewer = Math.min(positives, n - positives);
  return {
    rows: n,
    days: state.days.size,
    metrics: {
      'log-loss': interval(meanOf(loss, n), 'loss'),
      'ROC AUC': interval(
        area === undefined
          ? { status: 'insufficient', need: 1, have: fewer }
          : { status: 'ok', value: area, n },
        'area',
      ),
      Brier: interval(meanOf(brier, n), 'brier'),
      accuracy: interval(meanOf(right, n), 'right'),
    },
    confusion: { n, ...confusion },
    residuals: residualsOf(state.days),
    calibration: binnedCurve(state.fine, state.said),
  };
}

interface Drawn {
  readonly loss: number | undefined;
  readonly brier: number | undefined;
  readonly right: number | undefined;
  readonly area: number | undefined;
}

/** Every draw gives each day a weight. */
function dayDraws({ days, draws, seed }: StreamedScores): Drawn[] {
  return Array.from({ length: draws }, (_, draw) => {
    const bins = emptyBins(COARSE);
    let [n, loss, brier, right] = [0, 0, 0, 0];
    for (const [day, sums] of days) {
      const weight = poissonWeight(mix32(mix32(day) ^ seed), draw);
      if (weight === 0) continue;
      n += weight * sums.n;
      loss += weight * sums.loss;
      brier += weight * sums.brier;
      right += weight * (sums.truePositive + sums.trueNegative);
      for (const side of ['zeros', 'ones'] as const) {
        for (let bin = 0; bin < COARSE; bin += 1) add(bins[side], bin, weight * (sums.bins[side][bin] ?? 0));
      }
    }
    return meansOf({ n, loss, brier, right, bins });
  });
}

function rowDraws(rows: RowDraws | undefined): Drawn[] {
  return (rows?.bins ?? []).map((bins, draw) => {
    const of = (values: Float64Array | undefined): number => values?.[draw] ?? 0;
    return meansOf({
      n: of(rows?.n),
      loss: of(rows?.loss),
      brier: of(rows?.brier),
      right: of(rows?.right),
      bins,
    });
  });
}

function meansOf(of: { n: number; loss: number; brier: number; right: number; bins: ScoreBins }): Drawn {
  const mean = (sum: number): number | undefined => (of.n === 0 ? undefined : sum / of.n);
  return { loss: mean(of.loss), brier: mean(of.brier), right: mean(of.right), area: binnedArea(of.bins) };
}

function drawRow(
  rows: RowDraws,
  hash: number,
  row: { probability: number; label: number; loss: number; side: keyof ScoreBins; bin: number },
): void {
  const { probability, label, loss, side, bin } = row;
  const right = probability >= 0.5 === (label === 1) ? 1 : 0;
  const squared = (probability - label) ** 2;
  for (let draw = 0; draw < rows.n.length; draw += 1) {
    const weight = poissonWeight(hash, draw);
    if (weight === 0) continue;
    add(rows.n, draw, weight);
    add(rows.loss, draw, weight * loss);
    add(rows.brier, draw, weight * squared);
    add(rows.right, draw, weight * right);
    const bins = rows.bins[draw];
    if (bins !== undefined) add(bins[side], bin, weight);
  }
}

function residualsOf(days: ReadonlyMap<number, DaySums>): Residual[] {
  return [...days]
    .sort(([a], [b]) => a - b)
    .map(([day, { n, residual, residualSquares }]) =>
      residualOf(day * DAY_MS, { n, total: residual, squares: residualSquares }),
    );
}

function count(sums: Sums, probability: number, label: number, loss: number): void {
  sums.n += 1;
  sums.loss += loss;
  sums.brier += (probability - label) ** 2;
  const yes = probability >= 0.5;
  if (label === 1) sums[yes ? 'truePositive' : 'falseNegative'] += 1;
  else sums[yes ? 'falsePositive' : 'trueNegative'] += 1;
}

function add(values: Float64Array, at: number, value: number): void {
  values[at] = (values[at] ?? 0) + value;
}

function nothing(): Sums {
  const cells = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  return { n: 0, loss: 0, brier: 0, ...cells };
}

const DAY_MS = 86_400_000;
/** Days from which on days are drawn instead of ids. */
const FEW_DAYS = 10;
const DRAWS = 400;
const FINE = 65_536;
const COARSE = 1_024;
