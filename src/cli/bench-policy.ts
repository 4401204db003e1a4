import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readFlights } from '../../deploy/demo/flights.ts';
import { POLICY_STREAMS, type PolicyWindow, policyWindows } from '../core/evaluation/policy-streams.ts';
import { type PolicyRun, runPolicy } from '../core/evaluation/run-policy.ts';
import { pairedGain } from '../core/experiments/paired-gain.ts';
import {
  always,
  composite,
  costAware,
  DEFAULT_RULE,
  driftOnly,
  never,
  performance,
  type RetrainRule,
  schedule,
} from '../core/incidents/retrain-rules.ts';
import { seededRandom } from '../core/random.ts';
import { DriftwatchError } from '../errors.ts';
import { printBench } from './bench-output.ts';

export interface BenchPolicyFlags {
  readonly seed: number;
  readonly runs: number;
  readonly windows: number;
  readonly cost: number;
  /** Recorded stream beside the simulated ones. */
  readonly file?: string;
  readonly json: boolean;
}

/** `driftwatch bench policy`: retrain rules by what they lose and what they spend, on the same streams. */
export async function benchPolicy(flags: BenchPolicyFlags): Promise<void> {
  const { seed, cost } = flags;
  const recorded = new Map([
    ['flights', await readFlightDays()],
    ['elec2', readWindows(ELEC2)],
    ...(flags.file === undefined ? [] : [[flags.file, readWindows(flags.file)] as const]),
  ]);
  const runsOf = (policy: Policy): ReadonlyMap<string, readonly PolicyRun[]> => {
    const ofStream = POLICY_STREAMS.map((stream) => ({
      stream,
      runs: Array.from({ length: flags.runs }, (_, run) => {
        const random = seededRandom(seed * 1_000 + run);
        const windows = policyWindows({ random, stream, windows: flags.windows, rows: ROWS, before: BEFORE });
        return runPolicy({ ...SETTING, ...policy, windows, cost });
      }),
    }));
    const inTurn = Array.from({ length: flags.runs }, (_, run) =>
      together(ofStream.flatMap(({ runs }) => runs[run] ?? [])),
    );
    return new Map<string, readonly PolicyRun[]>([
      ...ofStream.map(({ stream, runs }) => [stream, runs] as const),
      ['all five in turn', inTurn],
      // There is no truth to compare with: regret is the whole loss plus what the retrains cost.
      ...[...recorded].map(
        ([name, windows]) => [name, [runPolicy({ ...SETTING, ...policy, windows, cost })]] as const,
      ),
    ]);
  };
  const ofDefault = runsOf(DEFAULT);
  const rows = [...POLICIES, DEFAULT].flatMap((policy) =>
    [...(policy === DEFAULT ? ofDefault : runsOf(policy))].map(([stream, runs]) => ({
      ...rowOf(policy.name, stream, runs),
      ...(policy === DEFAULT ? {} : against(runs, ofDefault.get(stream) ?? [])),
    })),
  );
  printBench({
    json: flags.json,
    bench: 'policy',
    settings: {
      seed,
      runs: flags.runs,
      windows: flags.windows,
      'rows per window': ROWS,
      'cost of a retrain, nats': cost,
    },
    rows,
  });
}

/** Runs one after the other as if they were one. */
function together(runs: readonly PolicyRun[]): PolicyRun {
  const total = (of: (run: PolicyRun) => number): number => runs.reduce((sum, run) => sum + of(run), 0);
  const rows = total((run) => run.rows);
  return {
    rows,
    loss: total((run) => run.loss * run.rows) / Math.max(1, rows),
    retrains: total((run) => run.retrains),
    releases: total((run) => run.releases),
    regret: total((run) => run.regret),
    regrets: runs.flatMap(({ regrets }) => regrets),
  };
}

/**
 * What the default loses less on the same streams, with its 95% interval: run by run, or, for one recorded stream, summed
 * over blocks of four weeks, which are taken as independent.
 */
function against(
  runs: readonly PolicyRun[],
  ofDefault: readonly PolicyRun[],
): Record<string, string | number> {
  const recorded = runs.length === 1;
  const values = (of: readonly PolicyRun[]): readonly number[] =>
    recorded ? of.flatMap(({ regrets }) => regrets) : of.map(({ regret }) => regret);
  const parentLosses = values(runs);
  const compared = pairedGain({
    parentLosses,
    ownLosses: values(ofDefault),
    days: Array.from(parentLosses.keys(), (at) => (recorded ? Math.floor(at / BLOCK) : at)),
    minimumLabels: 2,
    minimumDays: 2,
  });
  if (compared.status !== 'ok') return {};
  const total = recorded ? compared.n : 1;
  const [gain, low, high] = [compared.gain, compared.low, compared.high].map((one) =>
    Number((one * total).toFixed(1)),
  );
  return { 'default loses less by': gain ?? 0, from: low ?? 0, to: high ?? 0 };
}

function rowOf(policy: string, stream: string, runs: readonly PolicyRun[]): Record<string, string | number> {
  const mean = (of: (run: PolicyRun) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const regret = mean((run) => run.regret);
  const spread = Math.sqrt(
    runs.reduce((sum, run) => sum + (run.regret - regret) ** 2, 0) / Math.max(1, runs.length - 1),
  );
  return {
    policy,
    stream,
    'regret, nats': Math.round(regret),
    'standard error': Math.round(spread / Math.sqrt(runs.length)),
    'log-loss': Number(mean((run) => run.loss).toFixed(4)),
    retrains: Number(mean((run) => run.retrains).toFixed(1)),
    releases: Number(mean((run) => run.releases).toFixed(1)),
    runs: runs.length,
  };
}

/** Days of 2013, every fourth flight that landed: numbers of schedule, weather and aircraft, was it late. */
async function readFlightDays(): Promise<PolicyWindow[]> {
  const year = await readFlights(fileURLToPath(FLIGHTS));
  const days = new Map<number, { readonly features: number[]; readonly late: number }[]>();
  for (let row = 0; row < year.rows; row += EVERY) {
    const flight = year.flight(row);
    if (flight.landed === null || flight.late === null) continue;
    const number = Math.floor(flight.scheduled_departure / DAY_MS);
    const day = days.get(number) ?? [];
    days.set(number, day);
    const origins = ['EWR', 'LGA'].map((origin) => (flight.origin === origin ? 1 : 0));
    day.push({
      features: [...FLIGHT_NUMBERS.map((name) => flight[name] ?? 0), ...origins],
      late: flight.late,
    });
  }
  return [...days.values()].map((day) => ({
    features: Array.from({ length: FLIGHT_NUMBERS.length + 2 }, (_, at) =>
      Float64Array.from(day, ({ features }) => features[at] ?? 0),
    ),
    labels: Float64Array.from(day, ({ late }) => late),
  }));
}

/** A CSV of numbers with a header, the label last and the time first, plain or gzipped; 48 rows are a window. */
function readWindows(file: string | URL): PolicyWindow[] {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
  const table = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').slice(1).map(Number));
  const width = (table[0]?.length ?? 0) - 1;
  if (width < 1 || table.some((row) => row.length !== width + 1 || row.some(Number.isNaN))) {
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message: `${file} is not a table of a time, numbers and a label.`,
      next: 'Give a CSV with a header, the time first and the label, 0 or 1, last.',
    });
  }
  const windows: PolicyWindow[] = [];
  for (let start = 0; start + RECORDED_ROWS <= table.length; start += RECORDED_ROWS) {
    const rows = table.slice(start, start + RECORDED_ROWS);
    windows.push({
      features: Array.from({ length: width }, (_, at) => Float64Array.from(rows, (row) => row[at] ?? 0)),
      labels: Float64Array.from(rows, (row) => row[width] ?? 0),
    });
  }
  return windows;
}

interface Policy {
  readonly name: string;
  readonly rule: RetrainRule;
  readonly fromOnset: boolean;
}

const POLICIES: readonly Policy[] = [
  { name: 'never', rule: never, fromOnset: false },
  { name: 'always', rule: always, fromOnset: false },
  { name: 'weekly', rule: schedule(7), fromOnset: false },
  { name: 'drift only', rule: driftOnly(7), fromOnset: false },
  { name: 'performance', rule: performance({ threshold: 5, coolDown: 3 }), fromOnset: true },
  {
    name: 'composite',
    rule: composite({ threshold: 5, warmUp: 3, coolDown: 7, followUp: 14 }),
    fromOnset: true,
  },
];
/** What driftwatch does unless told otherwise. */
const DEFAULT: Policy = { name: 'default: cost-aware', rule: costAware(DEFAULT_RULE), fromOnset: true };
const ROWS = 200;
const BEFORE = 20;
/** Windows of a recorded stream that are compared as one. */
const BLOCK = 28;
const SETTING = { before: BEFORE, memory: 20, validation: 3, delay: 1 };
const RECORDED_ROWS = 48;
const DAY_MS = 86_400_000;
const EVERY = 4;
/** The electricity market of New South Wales; see the README beside it. */
export const ELEC2 = new URL('../../test/golden/elec2/elec2.csv.gz', import.meta.url);
const FLIGHTS = new URL('../../deploy/demo/data/flights-2013.parquet', import.meta.url);
const FLIGHT_NUMBERS = [
  'scheduled_hour',
  'distance_mi',
  'temperature_f',
  'dew_point_f',
  'humidity_pct',
  'wind_speed_mph',
  'precipitation_in',
  'pressure_mbar',
  'visibility_mi',
  'plane_year',
  'plane_seats',
] as const;
