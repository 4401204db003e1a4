import { standardNormal } from '../evaluation/joint-rows.ts';
import { FIRST_SERIES, judgePerformance, type PastLosses } from '../evidence/judge-performance.ts';
import type { Random } from '../random.ts';

/** What a run of label windows gave. */
export interface LossRun {
  /** Windows that asked for a page. */
  readonly pages: readonly number[];
  /** Windows in which a drift was said to be there. */
  readonly drift: readonly number[];
  readonly windows: number;
}

/**
 * Label windows of 400 rows whose mean excess loss wanders as an AR(1), judged as the running system does against the
 * mean of the 60 windows before them, which is off by what those wandered. `spread` is its standard deviation in nats,
 * `dependence` the autocorrelation of neighbouring windows; a `season` adds a wave; rows add a standard deviation of .027
 * nats to each. `levels` says from which window on the loss is how much higher.
 * Without a floor every page is counted and forgotten, so that the next one is about what comes next.
 */
export function runLosses(args: {
  random: Random;
  windows: number;
  spread: number;
  dependence: number;
  evidenceAt: number;
  floor: number;
  /** A wave of so many windows, with a standard deviation of so many nats. */
  season?: { readonly windows: number; readonly sd: number };
  /** In order of time; 0 before the first. */
  levels?: readonly { readonly from: number; readonly by: number }[];
}): LossRun {
  const { random, spread, dependence: rho, windows } = args;
  const limits = { ...LIMITS, evidenceAt: args.evidenceAt, floor: args.floor };
  let [state, level, usual] = [FIRST_SERIES, 0, 0];
  let drawn = 0;
  const wander = () => {
    level = rho * level + Math.sqrt(1 - rho * rho) * spread * standardNormal(random);
    const wave = waveOf(args.season, drawn);
    drawn += 1;
    return level + wave + Math.sqrt(ROW_VARIANCE / ROWS) * standardNormal(random);
  };
  for (let at = 0; at < EXPECTED.windows; at += 1) usual += wander() / EXPECTED.windows;
  let past: PastLosses[] = [];
  const pages: number[] = [];
  const drift: number[] = [];
  for (let at = 0; at < windows; at += 1) {
    const changed = args.levels?.findLast(({ from }) => from <= at)?.by ?? 0;
    const mean = wander() - usual + changed;
    const window = { sum: mean * ROWS, squares: ROWS * (mean * mean + ROW_VARIANCE), n: ROWS };
    const judged = judgePerformance({ state, startMs: at, window, expected: EXPECTED, past, limits });
    state = args.floor === 0 ? { ...judged.state, alarmed: 0 } : judged.state;
    if (judged.judgement.verdict === 'drift') {
      drift.push(at);
      if (judged.judgement.channel === 'windows') pages.push(at);
    }
    past = [...past, { startMs: at, mean, rows: ROWS, rowVariance: ROW_VARIANCE }].slice(-LEARNED);
  }
  return { pages, drift, windows };
}

function waveOf(season: { windows: number; sd: number } | undefined, at: number): number {
  return season === undefined ? 0 : season.sd * Math.SQRT2 * Math.sin((2 * Math.PI * at) / season.windows);
}

const ROWS = 400;
const ROW_VARIANCE = 0.3;
/** Label windows that are kept, of 28 trailing ones: see judged-model. */
const LEARNED = 4 * 28;
const LIMITS = { minimumRows: 200, minimumWindows: 14, closeAfter: 7 };
const EXPECTED = { mean: 0, windows: 60 };
