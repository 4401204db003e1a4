import { BUDGET_SHARES, splitBudget } from '../../processors/detect/error-budget.ts';
import { CONCEPT_CELLS } from '../../processors/detect/judged-model.ts';
import { poissonInterval } from '../core/evaluation/false-alarm-rate.ts';
import { seededRandom } from '../core/random.ts';
import { runLosses } from '../core/simulation/loss-series.ts';
import { printBench, rateOf } from './bench-output.ts';

export interface BenchLossFlags {
  readonly seed: number;
  readonly runs: number;
  readonly json: boolean;
}

/**
 * `driftwatch bench loss`: false pages of one loss series against what the ledger counts for it, where neighbouring
 * windows depend on each other, and how soon a step is found. The budget is one false page in 30 days. Pages come with
 * the 95% Poisson limits of their number.
 */
export function benchLoss(flags: BenchLossFlags): void {
  const rows = PANES.flatMap((pane) => [
    ...DEPENDENCES.map((dependence) => quiet({ ...pane, dependence, flags })),
    ...SEASONS.map((sd) => quiet({ ...pane, dependence: 0, season: { windows: pane.cycle, sd }, flags })),
    quiet({ ...pane, dependence: 0.9, season: { windows: pane.cycle, sd: SPREAD / 2 }, flags }),
    ...STEPS.map((step) => changed({ ...pane, ...step, flags })),
  ]);
  printBench({
    json: flags.json,
    bench: 'loss',
    settings: { seed: flags.seed, runs: flags.runs, rows: 400, spread: SPREAD },
    rows,
  });
}

function quiet(args: {
  name: string;
  paneMs: number;
  windows: number;
  dependence: number;
  season?: { readonly windows: number; readonly sd: number };
  flags: BenchLossFlags;
}) {
  const { name, dependence, season, flags } = args;
  const evidenceAt = evidenceFor(args.paneMs);
  let [pages, windows] = [0, 0];
  for (let run = 0; run < flags.runs; run += 1) {
    const random = seededRandom(flags.seed * 1_000_000 + run);
    const found = runLosses({
      random,
      windows: args.windows,
      spread: SPREAD,
      dependence,
      evidenceAt,
      floor: 0,
      ...(season === undefined ? {} : { season }),
    });
    pages += found.pages.length;
    windows += found.windows;
  }
  const { low, high } = poissonInterval(pages);
  return {
    windows: `${windows} ${name}`,
    dependence,
    'season, nats': season?.sd ?? 0,
    step: 0,
    'pages, no floor': pages,
    'pages at least': Number(low.toPrecision(3)),
    'pages at most': Number(high.toPrecision(3)),
    'pages counted': Number((windows / evidenceAt).toPrecision(3)),
  };
}

/** Steps after 60 windows, with the effect floor of 0.05 nats. */
function changed(args: {
  name: string;
  paneMs: number;
  dependence: number;
  step: number;
  flags: BenchLossFlags;
}) {
  const { name, dependence, step, flags } = args;
  const evidenceAt = evidenceFor(args.paneMs);
  const delays: number[] = [];
  for (let run = 0; run < flags.runs; run += 1) {
    const random = seededRandom(flags.seed * 1_000_000 + 500_000 + run);
    const { drift } = runLosses({
      random,
      windows: BEFORE + AFTER,
      spread: SPREAD,
      dependence,
      evidenceAt,
      floor: 0.05,
      step,
      changeAt: BEFORE,
    });
    const first = drift.find((at) => at >= BEFORE);
    delays.push(first === undefined ? Number.POSITIVE_INFINITY : first - BEFORE + 1);
  }
  const within = (windows: number) =>
    rateOf(delays.filter((delay) => delay <= windows).length, delays.length);
  return {
    windows: name,
    dependence,
    step,
    'found in 3': within(3),
    'found in 7': within(7),
    'found in 40': within(AFTER),
  };
}

function evidenceFor(paneMs: number): number {
  const share = 2 * BUDGET_SHARES.concept;
  return splitBudget({ falsePages: 1, perMs: 30 * DAY, paneMs, cells: CONCEPT_CELLS, share }).evidenceAt;
}

const DAY = 86_400_000;
/** Standard deviation of the level between windows, in nats. */
const SPREAD = 0.04;
const PANES = [
  { name: 'daily', paneMs: DAY, windows: 365, cycle: 7 },
  { name: 'hourly', paneMs: DAY / 24, windows: 2_000, cycle: 24 },
] as const;
const DEPENDENCES = [0, 0.3, 0.5, 0.6, 0.8, 0.9, 0.95] as const;
/** Standard deviations of a wave of a week of days, or a day of hours. */
const SEASONS = [SPREAD / 2, SPREAD] as const;
const STEPS = [
  { dependence: 0, step: 0.1 },
  { dependence: 0, step: 0.2 },
  { dependence: 0.3, step: 0.1 },
  { dependence: 0.3, step: 0.2 },
  { dependence: 0.6, step: 0.2 },
  { dependence: 0.8, step: 0.2 },
  { dependence: 0.9, step: 0.2 },
  { dependence: 0.9, step: 0.4 },
  { dependence: 0.95, step: 0.2 },
] as const;
const [BEFORE, AFTER] = [60, 40];
