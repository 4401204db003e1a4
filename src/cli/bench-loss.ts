import { BUDGET_SHARES, splitBudget } from '../../processors/detect/error-budget.ts';
import { CONCEPT_CELLS } from '../../processors/detect/judged-model.ts';
import { poissonInterval } from '../core/evaluation/false-alarm-rate.ts';
import { seededRandom } from '../core/random.ts';
import { type LossRun, runLosses } from '../core/simulation/loss-series.ts';
import { printBench, rateOf } from './bench-output.ts';

export interface BenchLossFlags {
  readonly seed: number;
  readonly runs: number;
  readonly only?: Part;
  readonly json: boolean;
}

type Part = 'pages' | 'steps' | 'second-steps';

/**
 * `driftwatch bench loss`: false pages of one loss series against what the ledger counts for it, where neighbouring
 * windows depend on each other, and how soon a step is found. The budget is one false page in 30 days. Pages come with
 * the 95% Poisson limits of their number.
 */
export function benchLoss(flags: BenchLossFlags): void {
  const asked = (part: Part) => flags.only === undefined || flags.only === part;
  const rows = PANES.flatMap((pane) => [
    ...(asked('pages') ? withoutChange(pane, flags) : []),
    ...(asked('steps') ? STEPS.map((step) => changed({ ...pane, ...step, flags })) : []),
    ...(asked('second-steps')
      ? [
          ...SECOND_STEPS.map((step) => changedAgain({ ...pane, ...step, flags })),
          ...STEPS_ON_TOP.map((dependence) => changedFurther({ ...pane, dependence, flags })),
        ]
      : []),
  ]);
  printBench({
    json: flags.json,
    bench: 'loss',
    settings: { seed: flags.seed, runs: flags.runs, rows: 400, spread: SPREAD },
    rows,
  });
}

function withoutChange(pane: (typeof PANES)[number], flags: BenchLossFlags) {
  return [
    ...DEPENDENCES.map((dependence) => quiet({ ...pane, dependence, flags })),
    ...SEASONS.map((sd) => quiet({ ...pane, dependence: 0, season: { windows: pane.cycle, sd }, flags })),
    quiet({ ...pane, dependence: 0.9, season: { windows: pane.cycle, sd: SPREAD / 2 }, flags }),
  ];
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
function changed(args: Case & { step: number }) {
  const { name, dependence, step, flags } = args;
  const levels = [{ from: BEFORE, by: step }];
  const delays = runsOf({ ...args, levels, windows: BEFORE + AFTER }).map((run) =>
    delayIn(run.drift, BEFORE),
  );
  return { windows: name, dependence, step, ...foundIn(delays, flags.runs) };
}

/**
 * A step that goes back after 20 windows, and the same step again after `apart` windows more: how often that is found
 * where the first was found and is over.
 */
function changedAgain(args: Case & { step: number; apart: number }) {
  const { name, dependence, step, apart, flags } = args;
  const again = BEFORE + LASTS + apart;
  const levels = [
    { from: BEFORE, by: step },
    { from: BEFORE + LASTS, by: 0 },
    { from: again, by: step },
  ];
  const over = runsOf({ ...args, levels, windows: again + AFTER }).filter(
    ({ drift }) => delayIn(drift, BEFORE) <= LASTS && !drift.includes(again - 1),
  );
  // The verdict needs the mean of 7 windows, which forgets the step within so many.
  const between = over.map(
    ({ pages }) => pages.filter((at) => at >= BEFORE + LASTS + 7 && at < again).length,
  );
  const delays = over.map(({ drift }) => delayIn(drift, again));
  return {
    windows: name,
    dependence,
    step,
    'windows after the first': apart,
    'first found and over': rateOf(delays.length, flags.runs),
    'pages between': sum(between),
    ...foundIn(delays, delays.length),
  };
}

/**
 * A step of .1 nats that stays, and after 40 windows another on top: where the first was found, how often a window still
 * has the drift, before the second step and after it.
 */
function changedFurther(args: Case) {
  const { name, dependence, flags } = args;
  const further = BEFORE + AFTER;
  const levels = [
    { from: BEFORE, by: 0.1 },
    { from: further, by: 0.2 },
  ];
  const found = runsOf({ ...args, levels, windows: further + AFTER })
    .map(({ drift }) => ({ drift, first: delayIn(drift, BEFORE) }))
    .filter(({ first }) => first <= AFTER);
  const within = (from: (first: number) => number, until: number) => {
    const windows = found.map(({ drift, first }) => ({
      hits: drift.filter((at) => at >= from(first) && at < until).length,
      n: until - from(first),
    }));
    const [hits, n] = [windows.map((one) => one.hits), windows.map((one) => one.n)].map(sum);
    return Number(((hits ?? 0) / Math.max(1, n ?? 0)).toPrecision(3));
  };
  return {
    windows: name,
    dependence,
    step: '.1, then .2',
    'first found': rateOf(found.length, flags.runs),
    'windows with drift, before': within((first) => BEFORE + first - 1, further),
    'windows with drift, after': within(() => further, further + AFTER),
  };
}

interface Case {
  readonly name: string;
  readonly paneMs: number;
  readonly dependence: number;
  readonly flags: BenchLossFlags;
}

/** Runs with the effect floor; those of one number have the same draws whatever the levels. */
function runsOf(
  args: Case & { levels: readonly { from: number; by: number }[]; windows: number },
): readonly LossRun[] {
  const { dependence, levels, windows, flags } = args;
  const evidenceAt = evidenceFor(args.paneMs);
  return Array.from({ length: flags.runs }, (_, run) => {
    const random = seededRandom(flags.seed * 1_000_000 + 500_000 + run);
    return runLosses({ random, windows, spread: SPREAD, dependence, evidenceAt, floor: 0.05, levels });
  });
}

/** Windows from `from` to the first with drift, that one counted. */
function delayIn(drift: readonly number[], from: number): number {
  const first = drift.find((at) => at >= from);
  return first === undefined ? Number.POSITIVE_INFINITY : first - from + 1;
}

function foundIn(delays: readonly number[], n: number) {
  const within = (windows: number) => rateOf(delays.filter((delay) => delay <= windows).length, n);
  return { 'found in 3': within(3), 'found in 7': within(7), 'found in 40': within(AFTER) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
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
const SECOND_STEPS = [0, 0.3, 0.6, 0.9].flatMap((dependence) =>
  [20, 60].map((apart) => ({ dependence, step: 0.2, apart })),
);
const STEPS_ON_TOP = [0, 0.6] as const;
const [BEFORE, AFTER] = [60, 40];
/** Windows of the first of two steps. */
const LASTS = 20;
