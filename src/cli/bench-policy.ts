import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { POLICY_STREAMS, type PolicyWindow, policyWindows } from '../core/evaluation/policy-streams.ts';
import { type PolicyRun, runPolicy } from '../core/evaluation/run-policy.ts';
import {
  always,
  composite,
  costAware,
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
export function benchPolicy(flags: BenchPolicyFlags): void {
  const { seed, cost } = flags;
  const rows = POLICIES.flatMap((policy) => {
    const ofStream = POLICY_STREAMS.map((stream) => ({
      stream,
      runs: Array.from({ length: flags.runs }, (_, run) => {
        const random = seededRandom(seed * 1_000 + run);
        const windows = policyWindows({ random, stream, windows: flags.windows, rows: ROWS, before: BEFORE });
        return runPolicy({ ...SETTING, ...policy, windows, cost });
      }),
    }));
    return [
      ...ofStream.map(({ stream, runs }) => rowOf(policy.name, stream, runs)),
      rowOf(
        policy.name,
        'all five in turn',
        Array.from({ length: flags.runs }, (_, run) =>
          together(ofStream.flatMap(({ runs }) => runs[run] ?? [])),
        ),
      ),
    ];
  });
  if (flags.file !== undefined) {
    const windows = readWindows(flags.file);
    for (const policy of POLICIES) {
      const run = runPolicy({ ...SETTING, ...policy, windows, cost });
      // There is no truth to compare with: regret is the whole loss plus what the retrains cost.
      rows.push(rowOf(policy.name, 'recorded', [run]));
    }
  }
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
  };
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

/** A CSV of numbers with a header, the label last and the time first, plain or gzipped; 48 rows are a window. */
function readWindows(file: string): PolicyWindow[] {
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
  { name: 'cost-aware', rule: costAware(7), fromOnset: true },
  {
    name: 'composite',
    rule: composite({ threshold: 5, warmUp: 3, coolDown: 7, followUp: 14 }),
    fromOnset: true,
  },
  // What driftwatch does unless told otherwise: a proven rise of the loss, three weeks apart, the whole training window.
  { name: 'default', rule: performance({ threshold: 5, coolDown: 21 }), fromOnset: false },
];
const ROWS = 200;
const BEFORE = 20;
const SETTING = { before: BEFORE, memory: 20, validation: 3, delay: 1 };
const RECORDED_ROWS = 48;
