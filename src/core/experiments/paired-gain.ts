import { studentTSf } from '../special/student-t.ts';

/** The gain of one version over another on identical rows, with its interval, or what is missing for one. */
export type PairedGain =
  | {
      readonly status: 'ok';
      /** Mean loss of the parent minus mean loss of the version, nats; above 0 the version is better. */
      readonly gain: number;
      readonly standardError: number;
      readonly low: number;
      readonly high: number;
      readonly n: number;
      /** Days that the rows are from: what the standard error rests on. */
      readonly days: number;
      readonly parentLoss: number;
      readonly ownLoss: number;
    }
  | {
      readonly status: 'insufficient';
      readonly need: number;
      readonly have: number;
      readonly what: 'labels' | 'days';
    };

/**
 * Compares two versions on the same rows. Rows of one day share their weather, so the day is what varies: the standard
 * error is that of a mean of clusters, and the interval takes its quantile from Student's t with days - 1
 * degrees of freedom. Treating rows as independent would make it several times too small.
 * Misleads when a change lasts weeks (days hang together too), and with fewer than about ten days the
 * interval is rough. Looks once: for a look after every label use confidence-sequence.ts.
 * Source: K.-Y. Liang and S. Zeger, Biometrika 73 (1986) 13, with the factor G / (G - 1).
 */
export function pairedGain(args: {
  parentLosses: ArrayLike<number>;
  ownLosses: ArrayLike<number>;
  /** Number of the day of each row. */
  days: ArrayLike<number>;
  /** Chance that the interval holds the gain, 0 to 1. */
  confidence?: number;
  minimumLabels?: number;
  minimumDays?: number;
}): PairedGain {
  const { parentLosses, ownLosses, days } = args;
  const n = days.length;
  const need = args.minimumLabels ?? MINIMUM_LABELS;
  if (n < need) return { status: 'insufficient', need, have: n, what: 'labels' };
  const clusters = new Map<number, { rows: number; gain: number }>();
  let [parent, own] = [0, 0];
  for (let row = 0; row < n; row += 1) {
    const [before, after] = [parentLosses[row] ?? 0, ownLosses[row] ?? 0];
    const day = days[row] ?? 0;
    const cluster = clusters.get(day) ?? { rows: 0, gain: 0 };
    clusters.set(day, { rows: cluster.rows + 1, gain: cluster.gain + before - after });
    parent += before;
    own += after;
  }
  const needDays = Math.max(2, args.minimumDays ?? MINIMUM_DAYS);
  const have = clusters.size;
  if (have < needDays) return { status: 'insufficient', need: needDays, have, what: 'days' };
  const gain = (parent - own) / n;
  let squares = 0;
  for (const cluster of clusters.values()) squares += (cluster.gain - cluster.rows * gain) ** 2;
  const standardError = Math.sqrt((have / (have - 1)) * squares) / n;
  const half = quantile((1 - (args.confidence ?? 0.95)) / 2, have - 1) * standardError;
  return {
    status: 'ok',
    gain,
    standardError,
    low: gain - half,
    high: gain + half,
    n,
    days: have,
    parentLoss: parent / n,
    ownLoss: own / n,
  };
}

/** The t that a Student t variable exceeds with chance `tail`, 0 < tail < 1 / 2. */
function quantile(tail: number, df: number): number {
  let [low, high] = [0, 1];
  while (studentTSf(high, df) > tail && high < 1e9) high *= 2;
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2;
    if (studentTSf(middle, df) > tail) low = middle;
    else high = middle;
  }
  return high;
}

const MINIMUM_LABELS = 500;
const MINIMUM_DAYS = 5;
