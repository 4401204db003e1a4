import { standardNormal } from '../evaluation/joint-rows.ts';
import type { Limits } from '../evidence/window-judgement.ts';
import { seededRandom } from '../random.ts';
import { cardFeatures, countRows, type FeatureShape, independentCounts, numericShape } from './features.ts';
import { latentRows } from './rows.ts';
import { runSystem, type SystemRun } from './run-system.ts';

/** A world in which nothing changes. */
export interface QuietWorld {
  readonly name: string;
  /** First-order autocorrelation of the rows of a feature. */
  readonly memory: number;
  /** Amplitude of the daily season, in sd. */
  readonly season: number;
  /** Rows of the reference. */
  readonly reference: number;
  readonly streams: number;
  /** Correlation of any two streams, row by row; then all features are continuous. */
  readonly correlation: number;
  /** Whether the system is told that rows are independent and without a season. */
  readonly independent: boolean;
  /** Judges against the frozen reference as well. */
  readonly frozen: boolean;
  /** The level of each feature wanders: its standard deviation, in sd, and the autocorrelation of neighbouring windows. */
  readonly wander?: { readonly sd: number; readonly memory: number };
  /** Days of 1,000 rows, each held against as many before it, by weekday; hours against all before them otherwise. */
  readonly trailing?: number;
}

/** Runs the system over windows of 1,000 rows of one world, from its first window on. */
export function simulateQuiet(args: {
  world: QuietWorld;
  seed: number;
  windows: number;
  limits: Limits;
}): SystemRun {
  const { world, limits } = args;
  const random = seededRandom(args.seed);
  const own = Array.from({ length: world.streams }, () => latentRows({ random, memory: world.memory }));
  const shared = latentRows({ random, memory: 0 });
  const common = new Float64Array(ROWS);
  const rows = new Float64Array(ROWS);
  const [own2, shared2] = [Math.sqrt(1 - world.correlation), Math.sqrt(world.correlation)];
  const reference = own.map((draw) => {
    const sample = new Float64Array(world.reference);
    draw(sample);
    return sample;
  });
  const shapes: FeatureShape[] =
    world.correlation > 0 ? reference.map(numericShape) : cardFeatures(reference);
  const levels = new Float64Array(world.streams);
  const wandered = (feature: number): number => {
    if (world.wander === undefined) return 0;
    const { sd, memory } = world.wander;
    const level =
      memory * (levels[feature] ?? 0) + Math.sqrt(1 - memory * memory) * sd * standardNormal(random);
    levels[feature] = level;
    // Few enough levels for a table of each.
    return Math.round(level * 100) / 100;
  };
  // Rows that depend on nothing need not be written down.
  const independent =
    world.memory === 0 && world.correlation === 0
      ? shapes.map((shape) => independentCounts({ shape, random, rows: ROWS }))
      : [];
  return runSystem({
    shapes,
    reference,
    windows: args.windows,
    limits: { ...limits, ...(world.independent ? { startUp: 'independent-rows' } : {}) },
    frozen: world.frozen,
    ...(world.trailing === undefined ? {} : { trailing: world.trailing }),
    paneOf(feature, window) {
      const season = world.season === 0 ? 0 : world.season * Math.sin((2 * Math.PI * (window % 24)) / 24);
      const level = season + wandered(feature);
      const counts = independent[feature];
      if (counts !== undefined) return counts(level);
      if (feature === 0 && world.correlation > 0) shared(common);
      own[feature]?.(rows);
      for (let at = 0; at < ROWS && world.correlation > 0; at += 1)
        rows[at] = own2 * (rows[at] ?? 0) + shared2 * (common[at] ?? 0);
      return countRows({ shape: shapes[feature] ?? NO_SHAPE, rows, shift: level });
    },
  });
}

/** Rows of a window. */
export const ROWS = 1_000;
const NO_SHAPE: FeatureShape = { kind: 'numeric', codes: new Uint16Array(0), bins: 1 };
