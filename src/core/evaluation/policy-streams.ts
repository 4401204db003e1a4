import type { Random } from '../random.ts';
import { standardNormal } from './joint-rows.ts';

/** One window of labelled rows of a simulated stream. */
export interface PolicyWindow {
  readonly features: readonly Float64Array[];
  readonly labels: Float64Array;
  /** True chance of label 1 per row: the best any model could say. Absent for recorded data. */
  readonly truth?: Float64Array;
}

export const POLICY_STREAMS = ['none', 'sudden', 'gradual', 'recurring', 'false'] as const;
export type PolicyStream = (typeof POLICY_STREAMS)[number];

/**
 * Windows of rows with three normal features whose log-odds are linear in them. `sudden` changes the coefficients at a
 * third and two thirds; `gradual` turns them over the middle half; `recurring` goes back and forth every
 * sixth; `false` moves the features at a third by a standard deviation and leaves the coefficients, so that the
 * model is as right as ever; `none` changes nothing.
 */
export function policyWindows(args: {
  random: Random;
  stream: PolicyStream;
  windows: number;
  rows: number;
  /** Windows before the first, of the first world. */
  before: number;
}): PolicyWindow[] {
  const { random, stream, rows } = args;
  return Array.from({ length: args.before + args.windows }, (_, index) => {
    const time = Math.max(0, index - args.before) / args.windows;
    const angle = angleAt(stream, time);
    const shift = stream === 'false' && time >= 1 / 3 ? 1 : 0;
    const features = [0, 1, 2].map(() => new Float64Array(rows));
    const labels = new Float64Array(rows);
    const truth = new Float64Array(rows);
    for (let row = 0; row < rows; row += 1) {
      const [a, b, c] = [standardNormal(random) + shift, standardNormal(random), standardNormal(random)];
      for (const [at, value] of [a, b, c].entries()) {
        const column = features[at];
        if (column !== undefined) column[row] = value;
      }
      const score = -0.5 + 1.2 * (Math.cos(angle) * a + Math.sin(angle) * b) + 0.5 * c;
      truth[row] = 1 / (1 + Math.exp(-score));
      labels[row] = random() < (truth[row] ?? 0) ? 1 : 0;
    }
    return { features, labels, truth };
  });
}

/** Direction of the first two coefficients, radians. */
function angleAt(stream: PolicyStream, time: number): number {
  switch (stream) {
    case 'sudden':
      return (Math.floor(time * 3) * Math.PI) / 3;
    case 'gradual':
      return (Math.min(1, Math.max(0, (time - 0.25) * 2)) * Math.PI) / 2;
    case 'recurring':
      return Math.floor(time * 6) % 2 === 0 ? 0 : Math.PI / 3;
    default:
      return 0;
  }
}
