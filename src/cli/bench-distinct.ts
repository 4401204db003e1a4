import { seededRandom } from '../core/random.ts';
import { distinctScores } from '../core/simulation/distinct-series.ts';
import { printBench, rateOf } from './bench-output.ts';

export interface BenchDistinctFlags {
  readonly seed: number;
  readonly runs: number;
  readonly json: boolean;
}

/**
 * `driftwatch bench distinct`: how the score of the number of different values is distributed without a change, from a
 * few values to 100,000, in windows of one size and of several, with rows that repeat each other. A standard normal
 * score has a standard deviation of 1, .0027 beyond 3 and .00006 beyond 4.
 */
export function benchDistinct(flags: BenchDistinctFlags): void {
  const worlds = REPEATS.flatMap((repeat) =>
    SIZES.flatMap((sizes) => VALUES.map((values) => ({ values, sizes, repeat }))),
  );
  const scored = worlds.map((world, at) => ({ world, scores: scoresOf(world, at, flags) }));
  const together = scored.flatMap(({ scores }) => scores);
  const widest = Math.max(...scored.map(({ scores }) => spreadOf(scores)));
  printBench({
    json: flags.json,
    bench: 'distinct',
    settings: { seed: flags.seed, runs: flags.runs, windows: WINDOWS },
    rows: [
      ...scored.map(({ world, scores }) => ({ ...world, ...cardOf(scores) })),
      { values: 'all', ...cardOf(together), 'largest sd of a world': widest },
    ],
  });
}

function scoresOf(
  world: { values: number; sizes: number; repeat: number },
  at: number,
  flags: BenchDistinctFlags,
): number[] {
  return Array.from({ length: flags.runs }, (_, run) => {
    const random = seededRandom(flags.seed * 1_000_000 + at * 1_000 + run);
    return distinctScores({ random, windows: WINDOWS, ...world });
  }).flat();
}

function cardOf(scores: readonly number[]) {
  const beyond = (limit: number) =>
    rateOf(scores.filter((score) => Math.abs(score) > limit).length, scores.length);
  return { sd: spreadOf(scores), 'beyond 3': beyond(3), 'beyond 4': beyond(4) };
}

/** Standard deviation, to three digits. */
function spreadOf(scores: readonly number[]): number {
  const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return Number(Math.sqrt(squares / Math.max(1, scores.length - 1)).toPrecision(3));
}

const VALUES = [3, 60, 5_000, 100_000] as const;
/** Windows of 1,000 rows, and of 606 to 1,649. */
const SIZES = [0, 0.5] as const;
const REPEATS = [0, 0.8, 0.95] as const;
const WINDOWS = 300;
