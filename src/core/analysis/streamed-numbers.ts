import type { Measured } from '../performance/measured.ts';
import type { ScoredBlock, ScoresResult } from './streamed-scores.ts';
import { addRow, dailyResiduals, intervalsOf, type StreamedSums, startSums } from './streamed-sums.ts';

/** What is kept of all rows that a model of numbers has answered so far. Plain data that `addNumbers` changes. */
export interface StreamedNumbers {
  readonly sums: StreamedSums;
  /** Label of the first row, which labels are counted from so that their squares do not lose their last digits. */
  origin: number | undefined;
}

/** Nothing read yet. */
export function startNumbers(args: { seed: number; draws?: number }): StreamedNumbers {
  return { sums: startSums({ ...args, size: SIZE }), origin: undefined };
}

/** Takes in a block of rows; those without an answer or a label do not count. */
export function addNumbers(state: StreamedNumbers, block: ScoredBlock): void {
  for (let row = 0; row < block.labels.length; row += 1) {
    const label = block.labels[row] ?? Number.NaN;
    const residual = label - (block.predictions[row] ?? Number.NaN);
    if (!Number.isFinite(residual)) continue;
    state.origin ??= label;
    const y = label - state.origin;
    addRow(state.sums, {
      parts: [
        [N, 1],
        [RESIDUAL, residual],
        [RESIDUAL_SQUARES, residual * residual],
        [SIZE_OF_RESIDUAL, Math.abs(residual)],
        [LABEL, y],
        [LABEL_SQUARES, y * y],
      ],
      eventTimeMs: block.eventTimesMs[row] ?? 0,
      hash: block.hashes[row] ?? 0,
    });
  }
}

/**
 * Root mean squared error, mean absolute error and mean residual (label minus prediction) in the label's unit, and R^2: the
 * share of the labels' variance that the model explains, below 0 for one that is worse than their mean. Misleads when two
 * windows are compared by R^2, whose labels vary differently: compare errors.
 */
export function numbersResult({ sums }: StreamedNumbers): ScoresResult {
  const n = sums.whole[N] ?? 0;
  return {
    rows: n,
    days: sums.days.size,
    metrics: intervalsOf(sums, n, metricsOf),
    residuals: dailyResiduals(sums, { n: N, total: RESIDUAL, squares: RESIDUAL_SQUARES }),
    calibration: [],
  };
}

function metricsOf(sums: Float64Array): Readonly<Record<string, Measured>> {
  const of = (at: number): number => sums[at] ?? 0;
  const n = of(N);
  const mean = (at: number): Measured =>
    n === 0 ? { status: 'insufficient', need: 1, have: 0 } : { status: 'ok', value: of(at) / n, n };
  const spread = of(LABEL_SQUARES) - (of(LABEL) * of(LABEL)) / Math.max(1, n);
  // Labels that are all the same leave rounding behind, not a variance.
  const varies = spread > 1e-12 * of(LABEL_SQUARES);
  const squared = mean(RESIDUAL_SQUARES);
  return {
    RMSE: squared.status === 'ok' ? { ...squared, value: Math.sqrt(squared.value) } : squared,
    MAE: mean(SIZE_OF_RESIDUAL),
    'R^2': varies
      ? { status: 'ok', value: 1 - of(RESIDUAL_SQUARES) / spread, n }
      : { status: 'insufficient', need: 2, have: Math.min(1, n) },
    'mean residual': mean(RESIDUAL),
  };
}

const [N, RESIDUAL, RESIDUAL_SQUARES, SIZE_OF_RESIDUAL, LABEL, LABEL_SQUARES, SIZE] = [0, 1, 2, 3, 4, 5, 6];
