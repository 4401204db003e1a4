import { eachScored, type Scored } from '../performance/measured.ts';

/** How far predictions were off on average in one stretch of time. */
export interface Residual {
  /** Start of the stretch, milliseconds since 1970. */
  readonly startMs: number;
  /** Mean of label minus prediction: above 0 the model said too little. */
  readonly mean: number;
  /** Standard error of the mean if rows were independent; rows of one day seldom are. */
  readonly standardError: number;
  readonly n: number;
}

/**
 * Mean residual per stretch of `stretchMs`, in order of time: a model whose calibration drifts shows a trend that no
 * single number does. Stretches without rows are left out. Rows without a prediction or a label of 0 or 1 do not
 * count.
 */
export function residualsByTime(args: {
  scored: Scored;
  eventTimesMs: ArrayLike<number>;
  stretchMs: number;
}): Residual[] {
  const { scored, eventTimesMs, stretchMs } = args;
  const sums = new Map<number, { n: number; total: number; squares: number }>();
  for (let row = 0; row < scored.labels.length; row += 1) {
    const one = { predictions: [scored.predictions[row] ?? -1], labels: [scored.labels[row] ?? -1] };
    eachScored(one, (probability, label) => {
      const startMs = Math.floor((eventTimesMs[row] ?? 0) / stretchMs) * stretchMs;
      const sum = sums.get(startMs) ?? { n: 0, total: 0, squares: 0 };
      const residual = label - probability;
      sum.n += 1;
      sum.total += residual;
      sum.squares += residual * residual;
      sums.set(startMs, sum);
    });
  }
  return [...sums].sort(([a], [b]) => a - b).map(([startMs, sums]) => residualOf(startMs, sums));
}

/** A residual from the sums of its rows. */
export function residualOf(
  startMs: number,
  { n, total, squares }: { n: number; total: number; squares: number },
): Residual {
  const mean = total / n;
  const variance = n < 2 ? 0 : Math.max(0, (squares - n * mean * mean) / (n - 1));
  return { startMs, mean, standardError: Math.sqrt(variance / n), n };
}
