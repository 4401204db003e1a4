import { Worker } from 'node:worker_threads';
import { poissonInterval } from '../core/evaluation/false-alarm-rate.ts';
import { CHANGES } from '../core/simulation/drift-power.ts';
import type { QuietWorld } from '../core/simulation/quiet-year.ts';
import type { SystemRun } from '../core/simulation/run-system.ts';
import { DriftwatchError } from '../errors.ts';
import { employmentPages } from './bench-detection-employment.ts';
import { LEARNING, type Task, type TaskResult } from './bench-detection-task.ts';
import { printBench, type Rate, rateOf } from './bench-output.ts';

export interface BenchDetectionFlags {
  readonly seed: number;
  readonly years: number;
  readonly threads: number;
  readonly quick: boolean;
  readonly only: readonly string[];
  readonly json: boolean;
}

/** `driftwatch bench detection`: false pages against the budget, and how fast what changed is found. */
export async function benchDetection(flags: BenchDetectionFlags): Promise<void> {
  const wanted = (name: string): boolean =>
    flags.only.length === 0 || flags.only.some((part) => name.includes(part));
  const tasks = tasksOf(flags).filter((task) => wanted(nameOf(task)));
  const results = await runAll(tasks, flags.threads);
  printBench({
    json: flags.json,
    bench: 'detection',
    settings: {
      seed: flags.seed,
      'runs of a year each': flags.quick ? 'quick' : flags.years,
      budget: 'one false page in 30 days',
      windows: 'hourly, 1,000 rows',
      'effect floor': 'none',
    },
    rows: [
      ...[...WORLDS, ...WANDERING]
        .filter(({ name }) => wanted(name))
        .map((world) => quietRow(world, runsOf(results, world.name))),
      ...[...STAGES.map(({ name }) => name), BOUND]
        .filter(wanted)
        .flatMap((name) => powerRows(name, results)),
      ...(wanted('employment') ? [await employmentPages(flags.seed), await employmentPages(0)] : []),
      ...oneWindow(results),
      ...PEERS,
    ],
  });
}

/** A world and a power. */
const LEARNED = 'independent rows, after 28 days';
const QUIET = {
  memory: 0,
  season: 0,
  reference: 10_000,
  streams: 20,
  correlation: 0,
  independent: false,
  frozen: false,
};
const WORLDS: readonly QuietWorld[] = [
  { ...QUIET, name: 'independent rows, from the first window', independent: true },
  { ...QUIET, name: LEARNED },
  { ...QUIET, name: 'AR(1) 0.5', memory: 0.5 },
  { ...QUIET, name: 'AR(1) 0.8', memory: 0.8 },
  { ...QUIET, name: 'AR(1) 0.95', memory: 0.95 },
  { ...QUIET, name: 'season 0.5 sd', season: 0.5 },
  { ...QUIET, name: 'AR(1) 0.95 and season 0.5 sd', memory: 0.95, season: 0.5 },
  {
    ...QUIET,
    name: 'reference of 2,000 rows, frozen as well',
    reference: 2_000,
    independent: true,
    frozen: true,
  },
  { ...QUIET, name: 'reference of 10,000 rows, frozen as well', independent: true, frozen: true },
  { ...QUIET, name: '500 streams correlated 0.5', streams: 500, correlation: 0.5, independent: true },
];

/** Features whose level wanders from window to window. */
const WANDERING: readonly QuietWorld[] = [
  { ...QUIET, name: 'windows wander .1 sd, autocorrelation .5', wander: { sd: 0.1, memory: 0.5 } },
  { ...QUIET, name: 'windows wander .1 sd, autocorrelation .9', wander: { sd: 0.1, memory: 0.9 } },
  { ...QUIET, name: 'windows wander .3 sd, autocorrelation .9', wander: { sd: 0.3, memory: 0.9 } },
  { ...QUIET, name: 'days, held against 28 before', trailing: 28 },
  {
    ...QUIET,
    name: 'days wander .1 sd, autocorrelation .5, held against 28 before',
    trailing: 28,
    wander: { sd: 0.1, memory: 0.5 },
  },
  {
    ...QUIET,
    name: 'days wander .1 sd, autocorrelation .9, held against 28 before',
    trailing: 28,
    wander: { sd: 0.1, memory: 0.9 },
  },
];

const STAGES = [
  { name: 'independent rows, first windows', memory: 0, learned: 0, until: 12 },
  { name: 'independent rows, after 12 hours', memory: 0, learned: 12, until: 12 },
  { name: 'independent rows, after a day', memory: 0, learned: 24, until: 12 },
  { name: LEARNED, memory: 0, learned: LEARNING, until: 12 },
  { name: 'AR(1) 0.5 (inflation 3), after 28 days', memory: 0.5, learned: LEARNING, until: 48 },
  { name: 'AR(1) 0.8 (inflation 9), after 28 days', memory: 0.8, learned: LEARNING, until: 48 },
  { name: 'AR(1) 0.95 (inflation 39), after 28 days', memory: 0.95, learned: LEARNING, until: 48 },
] as const;

/** Not the system: what none can surpass that has this reference and this budget. */
const BOUND = 'bound at the first windows: told the size, all of the budget on one mean';

function nameOf(task: Task): string {
  return task.kind === 'quiet' ? task.world.name : task.stage;
}

/** All tasks in one order: which of them run does not change the seed of any. */
function tasksOf({ seed, years, quick }: BenchDetectionFlags): Task[] {
  const tasks: Task[] = [];
  const seedOf = (at: number): number => (seed * 100_003 + at * 7_919) % 4_294_967_296;
  for (const world of WORLDS) {
    const wide = world.streams > CARD;
    const runs = quick ? 1 : wide ? 2 * years : years;
    const windows = LEARNING + (quick ? (wide ? 24 : 720) : wide ? 720 : HOURS_A_YEAR);
    const size = quick && wide ? { ...world, streams: 100 } : world;
    for (let run = 0; run < runs; run += 1)
      tasks.push({ kind: 'quiet', world: size, seed: seedOf(tasks.length), windows });
  }
  for (const { name, memory, learned, until } of STAGES) {
    const runs = quick ? 40 : learned < LEARNING ? 1_000 : 400;
    for (let first = 0; first < runs; first += 40) {
      const seeds = Array.from({ length: 40 }, (_, at) => seedOf(tasks.length * 1_000 + at));
      tasks.push({ kind: 'power', stage: name, memory, learned, until, seeds });
    }
  }
  tasks.push({
    kind: 'bound',
    stage: BOUND,
    until: 12,
    seed: seedOf(tasks.length * 1_000),
    runs: quick ? 500 : 10_000,
  });
  for (const world of WANDERING) {
    const days = world.trailing !== undefined;
    const windows = days ? 14 + (quick ? 100 : DAYS_A_YEAR) : LEARNING + (quick ? 720 : HOURS_A_YEAR);
    for (let run = 0; run < (quick ? 1 : years); run += 1)
      tasks.push({ kind: 'quiet', world, seed: seedOf(tasks.length), windows });
  }
  return tasks;
}

/** Each thread takes the next task as it becomes free; results are put together in any order, with the same sums. */
async function runAll(tasks: readonly Task[], threads: number): Promise<TaskResult[]> {
  const waiting = [...tasks];
  const results: TaskResult[] = [];
  const thread = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./bench-detection-worker.ts', import.meta.url));
      const give = (): void => {
        const task = waiting.shift();
        if (task === undefined) void worker.terminate();
        else worker.postMessage(task);
      };
      worker.on('message', (result: TaskResult) => {
        results.push(result);
        give();
      });
      worker.on('error', (cause) => reject(failed(cause)));
      worker.on('exit', () => resolve());
      give();
    });
  await Promise.all(Array.from({ length: Math.max(1, Math.min(threads, tasks.length)) }, thread));
  return results;
}

function runsOf(results: readonly TaskResult[], world: string): SystemRun[] {
  return results.flatMap((result) => (result.kind === 'quiet' && result.world === world ? [result.run] : []));
}

function quietRow(world: QuietWorld, runs: readonly SystemRun[]): Row {
  const sum = (of: (run: SystemRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const judged = sum((run) => run.judged);
  const pages = sum((run) => run.pages);
  const days = world.trailing !== undefined;
  const months = judged / (days ? DAYS_A_MONTH : WINDOWS_A_MONTH);
  const { low, high } = poissonInterval(pages);
  // Pages that come together are not independent: the spread of the runs says how much that matters.
  const mean = pages / runs.length;
  const spread =
    runs.reduce((total, run) => total + (run.pages - mean) ** 2, 0) / Math.max(1, runs.length - 1);
  const error = (1.96 * Math.sqrt(spread * runs.length)) / months;
  return {
    quiet: world.name,
    'windows judged': judged,
    years: round(judged / (days ? DAYS_A_YEAR : HOURS_A_YEAR)),
    runs: runs.length,
    pages,
    'pages per 30 days': round(pages / months),
    'low (Poisson 95%)': round(low / months),
    'high (Poisson 95%)': round(high / months),
    'half-width between runs': runs.length > 1 ? round(error) : 'one run',
    'days between false pages': pages === 0 ? 'none came' : round((30 * months) / pages),
    'days between false pages, low (Poisson 95%)': round((30 * months) / high),
    'expected by the ledger': round(sum((run) => run.expected) / months),
    'by one window': sum((run) => run.byWindow),
    'by windows together': sum((run) => run.byWindows),
    'about the frozen reference': sum((run) => run.frozenPages),
    'days with a page': sum((run) => run.days),
    'windows flagged at p < .001/20': rateOf(
      sum((run) => run.flagged),
      judged,
    ),
    'budget held': high / months <= 1 ? 'yes' : pages / months <= 1 ? 'within the interval' : 'no',
  };
}

function powerRows(stage: string, results: readonly TaskResult[]): Row[] {
  const own = results.flatMap((result) =>
    result.kind === 'power' && result.stage === stage ? [result] : [],
  );
  const until = own[0]?.until ?? 0;
  return CHANGES.flatMap<Row>(({ name }) => {
    const runs = own.flatMap(({ found }) => found.filter(({ change }) => change === name));
    if (runs.length === 0) return [];
    const within = (windows: number): Rate =>
      rateOf(runs.filter(({ found }) => found > 0 && found <= windows).length, runs.length);
    const row: Record<string, Rate | string | number> = { power: stage, change: name };
    for (const windows of [1, 2, 6, 12, 48]) if (windows <= until) row[`within ${windows}`] = within(windows);
    const delays = runs.flatMap(({ found }) => (found > 0 ? [found] : [])).sort((a, b) => a - b);
    const median = delays[Math.floor(delays.length / 2)];
    if (median !== undefined) row['median delay in windows, of those found'] = median;
    if (stage !== BOUND)
      row['first window, p < .001/20'] = rateOf(
        runs.filter(({ firstP }) => firstP < BAR).length,
        runs.length,
      );
    return row;
  });
}

/** What ordering the features of one window by p-value would flag, beside what the peers flag. */
function oneWindow(results: readonly TaskResult[]): Row[] {
  const quiet = runsOf(results, LEARNED);
  const flagged = (change: string): Rate => {
    const runs = results.flatMap((result) =>
      result.kind === 'power' && result.stage === LEARNED
        ? result.found.filter((run) => run.change === change)
        : [],
    );
    return rateOf(runs.filter(({ firstP }) => firstP < BAR).length, runs.length);
  };
  const judged = quiet.reduce((sum, run) => sum + run.judged, 0);
  if (judged === 0) return [];
  return [
    {
      peer: 'driftwatch, one window alone, p < .001/20',
      'clean windows flagged': rateOf(
        quiet.reduce((sum, run) => sum + run.flagged, 0),
        judged,
      ),
      'mean 0.25 sd, one window': flagged('mean 0.25 sd'),
      'category 5%, one window': flagged('category 5%'),
    },
  ];
}

type Row = Readonly<Record<string, Rate | string | number>>;

function round(x: number): number {
  return Number(x.toPrecision(3));
}

function failed(cause: unknown): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: 'A thread of the bench ended before its work was done.',
    next: 'Run it again with --threads 1 to see where.',
    cause,
  });
}

/** Share of windows without any change in which at least one of 20 features is flagged; measured on the same features and sizes. */
const PEERS: readonly Row[] = [
  { peer: 'Evidently, defaults, 10,000-row reference', 'clean windows flagged': '100%' },
  { peer: 'NannyML, defaults, 10,000-row reference', 'clean windows flagged': '71% to 80%' },
  {
    peer: 'KS and chi-squared, p < .05/20',
    'clean windows flagged': '5%',
    'mean 0.25 sd, one window': '100%',
    'category 5%, one window': '99%',
  },
  {
    peer: 'KS and chi-squared, p < .001/20',
    'clean windows flagged': '0.13%',
    'mean 0.25 sd, one window': '99%',
    'category 5%, one window': '94%',
  },
];
const CARD = 20;
const HOURS_A_YEAR = 8_760;
const DAYS_A_YEAR = 365;
const DAYS_A_MONTH = 30;
const WINDOWS_A_MONTH = 720;
const BAR = 0.001 / 20;
