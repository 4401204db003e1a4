import { eachScored, type Scored } from '../performance/measured.ts';
import { type Share, wilsonShare } from './wilson.ts';

/** Rows of similar prediction: what was said and what happened. */
export interface CurvePoint {
  /** Class against the rest, of a model of classes. */
  readonly of?: string;
  /** Mean prediction of the rows. */
  readonly predicted: number;
  /** Share of ones among them, with its 95% interval. */
  readonly observed: Share;
}

/**
 * Calibration curve over bins of equally many rows, ascending. Where `predicted` lies outside the interval of
 * `observed`, the model says too much or too little there (about one bin in twenty does by chance). Fewer
 * than 20 rows per bin give fewer bins; none without rows.
 */
export function calibrationCurve(scored: Scored, bins = 10): CurvePoint[] {
  const rows: { probability: number; label: number }[] = [];
  eachScored(scored, (probability, label) => void rows.push({ probability, label }));
  rows.sort((a, b) => a.probability - b.probability);
  const count = Math.max(1, Math.min(bins, Math.floor(rows.length / ROWS_PER_BIN)));
  return Array.from({ length: rows.length === 0 ? 0 : count }, (_, bin) => {
    const part = rows.slice(
      Math.round((bin * rows.length) / count),
      Math.round(((bin + 1) * rows.length) / count),
    );
    const predicted = part.reduce((sum, { probability }) => sum + probability, 0) / part.length;
    return { predicted, observed: wilsonShare(part.filter(({ label }) => label === 1).length, part.length) };
  });
}

const ROWS_PER_BIN = 20;
