import type { NumericBins } from '../summaries/bins.ts';

/**
 * Fixed bins of predictions, the same for every model and version: 48 of equal width 0.25 in log-odds between -6 and
 * 6, and one beyond each end. So they are narrow near 0 and 1, where a small difference of a probability is a large one
 * of the log-loss.
 */
export const PREDICTION_BINS: NumericBins = {
  kind: 'numeric',
  edges: Array.from({ length: 49 }, (_, at) => probabilityAt(at / 4 - 6)),
};

/** The prediction that stands for all of a bin: its middle in log-odds, within 0.125 of each of them. */
export function middleOf(bin: number): number {
  return probabilityAt(bin / 4 - 6.125);
}

/** Rounded to 12 digits: exponentials differ between machines in the last bit, and edges are kept as they are. */
function probabilityAt(logOdds: number): number {
  return Number((1 / (1 + Math.exp(-logOdds))).toPrecision(12));
}
