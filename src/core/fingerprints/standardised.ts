import type { Family } from './candidate.ts';
import { halfMode } from './half-mode.ts';
import { isFiniteNumber, type Pair } from './pair.ts';
import type { PairContext } from './pair-context.ts';
import { written } from './written.ts';

/**
 * Serving is the training value less a centre, divided by a scale, or the other way round. Centre and scale
 * are fitted; it counts as standardised when they are near the mean and the standard deviation of training,
 * and as scaled to [0, 1] when near the least value and the range.
 */
export const standardised: Family = {
  family: 'standardised',
  candidates(pairs, context) {
    if (context.kind !== 'numeric') return [];
    const line = fitLine(pairs);
    if (line === undefined) return [];
    const said = nameLine(line, context);
    if (said === undefined) return [];
    const { slope, intercept } = line;
    return [
      {
        name: 'standardised',
        parameters: said,
        parameterBits: 5 + FITTED,
        predict: ({ training }) => (isFiniteNumber(training) ? slope * training + intercept : undefined),
      },
    ];
  },
};

interface Line {
  readonly slope: number;
  readonly intercept: number;
}

/** The line that most pairs lie on: slopes crowd between values far apart, intercepts crowd given the slope. */
function fitLine(pairs: readonly Pair[]): Line | undefined {
  const points = pairs
    .flatMap(({ training, serving }) =>
      isFiniteNumber(training) && isFiniteNumber(serving) ? [{ x: training, y: serving }] : [],
    )
    .sort((a, b) => a.x - b.x || a.y - b.y);
  const slopes = LAGS.flatMap((lag) => {
    const far = Math.max(1, Math.round(lag * points.length));
    return points.flatMap((a, at) => {
      const b = points[at + far];
      return b === undefined || b.x === a.x ? [] : [(b.y - a.y) / (b.x - a.x)];
    });
  });
  const rough = halfMode(slopes, 0.3);
  if (rough === undefined || rough === 0) return undefined;
  const middle = halfMode(points.map(({ x, y }) => y - rough * x));
  if (middle === undefined) return undefined;
  const gaps = points.map(({ x, y }) => Math.abs(y - rough * x - middle));
  const near = gaps.toSorted((a, b) => a - b)[Math.floor(0.4 * gaps.length)] ?? 0;
  const inliers = points.filter((_, at) => (gaps[at] ?? 0) <= 3 * near);
  return leastSquares(inliers) ?? { slope: rough, intercept: middle };
}

function leastSquares(points: readonly { x: number; y: number }[]): Line | undefined {
  const n = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x / n, 0);
  const meanY = points.reduce((sum, { y }) => sum + y / n, 0);
  const sxx = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const sxy = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  if (!(sxx > 0) || !Number.isFinite(sxy)) return undefined;
  const slope = sxy / sxx;
  return { slope, intercept: meanY - slope * meanX };
}

function nameLine({ slope, intercept }: Line, context: PairContext): string | undefined {
  const { sorted } = context;
  const n = sorted.length;
  const mean = sorted.reduce((sum, x) => sum + x / n, 0);
  const sd = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2 / n, 0));
  const centre = -intercept / slope;
  const scale = 1 / slope;
  const near = (a: number, b: number) => Math.abs(a - b) <= NEAR * Math.max(sd, scale);
  const words = `(training - ${written(centre)}) / ${written(scale)}`;
  if (near(centre, mean) && scale <= TIMES * sd && sd <= TIMES * scale)
    return `serving = ${words}, standardised`;
  const low = sorted[0] ?? 0;
  const range = (sorted[n - 1] ?? 0) - low;
  if (near(centre, low) && Math.abs(scale - range) <= NEAR * range)
    return `serving = ${words}, scaled to [0, 1]`;
  return undefined;
}

const LAGS = [0.5, 0.33, 0.2] as const;
/** What centre and scale cost beyond being near the mean and the deviation. */
const FITTED = 12;
/** In standard deviations: what a sample of training knows of the mean of all. */
const NEAR = 0.35;
/** What it knows of the deviation, when the tail is heavy. */
const TIMES = 2;
