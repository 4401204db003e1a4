import { splitBudget } from '../../processors/detect/error-budget.ts';
import type { Limits } from '../core/evidence/window-judgement.ts';
import { seededRandom } from '../core/random.ts';
import { CHANGES, measurePower } from '../core/simulation/drift-power.ts';
import { boundOfPower } from '../core/simulation/power-bound.ts';
import { type QuietWorld, ROWS, simulateQuiet } from '../core/simulation/quiet-year.ts';
import type { SystemRun } from '../core/simulation/run-system.ts';

/** A piece of `bench detection`: small enough to share between threads, and the same on any of them. */
export type Task =
  | { readonly kind: 'quiet'; readonly world: QuietWorld; readonly seed: number; readonly windows: number }
  | {
      readonly kind: 'power';
      readonly stage: string;
      readonly memory: number;
      readonly learned: number;
      readonly until: number;
      readonly seeds: readonly number[];
    }
  | {
      readonly kind: 'bound';
      readonly stage: string;
      readonly until: number;
      readonly seed: number;
      readonly runs: number;
    };

export type TaskResult =
  | { readonly kind: 'quiet'; readonly world: string; readonly run: SystemRun }
  | {
      readonly kind: 'power';
      readonly stage: string;
      readonly until: number;
      readonly found: readonly { change: string; found: number; firstP: number }[];
    };

export function runTask(task: Task): TaskResult {
  if (task.kind === 'quiet') {
    const { world, seed, windows } = task;
    const cells = world.frozen ? 2 * world.streams : world.streams;
    const limits = world.trailing === undefined ? limitsFor(cells) : dailyLimits(cells);
    return { kind: 'quiet', world: world.name, run: simulateQuiet({ world, seed, windows, limits }) };
  }
  if (task.kind === 'bound') return boundTask(task);
  const { stage, memory, learned, until } = task;
  const limits: Limits = {
    ...limitsFor(CARD_FEATURES),
    ...(learned < LEARNING ? { startUp: 'independent-rows' } : {}),
  };
  const found = task.seeds.flatMap((seed) =>
    measurePower({ seed, memory, reference: 10_000, learned, until, limits }),
  );
  return { kind: 'power', stage, until, found };
}

/** What is possible at most for a change of the mean; see `boundOfPower`. */
function boundTask(task: Task & { kind: 'bound' }): TaskResult {
  const { stage, until, runs } = task;
  const random = seededRandom(task.seed);
  // The whole budget for the evidence over windows: twice what the half has.
  const evidenceAt = limitsFor(CARD_FEATURES).evidenceAt / 2;
  const found = CHANGES.flatMap(({ name, shift = 0 }) =>
    shift === 0
      ? []
      : Array.from({ length: runs }, () => ({
          change: name,
          found: boundOfPower({ random, reference: 10_000, rows: ROWS, shift, evidenceAt, until }),
          firstP: 1,
        })),
  );
  return { kind: 'power', stage, until, found };
}

/** The same for days, half of those compared with learned first: the default of driftwatch.yaml. */
function dailyLimits(cells: number): Limits {
  const { alpha, evidenceAt } = splitBudget({ falsePages: 1, perMs: 30 * DAY, paneMs: DAY, cells });
  return { ...limitsFor(cells), paneMs: DAY, minimumWindows: 14, alpha, evidenceAt };
}

/** Hourly windows, one false page in 30 days, no effect floor: only evidence holds pages back. */
function limitsFor(cells: number): Limits {
  const { alpha, evidenceAt } = splitBudget({ falsePages: 1, perMs: 30 * 24 * HOUR, paneMs: HOUR, cells });
  return {
    paneMs: HOUR,
    minimumRows: 100,
    minimumWindows: LEARNING,
    alpha,
    evidenceAt,
    effectFloor: { sd: 0, share: 0, distinct: 0 },
    closeAfter: 1,
  };
}

/** 28 days: every hour of the day has been seen 28 times. */
export const LEARNING = 672;
export const CARD_FEATURES = 20;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
