import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Dataset } from '../core/models/dataset.ts';
import { trainGradientBoosting } from '../core/models/gradient-boosting.ts';
import type { Model } from '../core/models/model.ts';
import { predict, predictClasses } from '../core/models/predict.ts';
import { rocAuc } from '../core/performance/roc-auc.ts';
import { rowLogLoss } from '../core/performance/row-log-loss.ts';
import { seededRandom } from '../core/random.ts';
import { DriftwatchError } from '../errors.ts';
import { printBench } from './bench-output.ts';
import { type TrainingCase, trainingCases } from './bench-training-data.ts';

export interface BenchTrainingFlags {
  readonly seed: number;
  /** Python that has the libraries of test/fixtures/training/requirements.txt. */
  readonly python?: string;
  readonly only?: string;
  readonly json: boolean;
}

/**
 * `driftwatch bench training`: the built-in boosting against LightGBM and scikit-learn on the same rows: quality against the
 * recorded figures, or, with a Python, against figures and processor time of the same run.
 */
export async function benchTraining(flags: BenchTrainingFlags): Promise<void> {
  const { only } = flags;
  const cases = await trainingCases(only === undefined ? {} : { only });
  const peers = flags.python === undefined ? recorded() : measured(flags.python, cases);
  const rows = cases.map((one) => {
    const own = train(one, flags.seed);
    const { lightgbm: theirs, 'scikit-learn': other, rows: sizes } = peers.get(one.name) ?? missing(one.name);
    if (sizes[0] !== one.train.rows || sizes[1] !== one.test.rows) throw otherRows(one.name);
    const time =
      flags.python === undefined
        ? {}
        : { 'processor time over LightGBM': round(own.seconds / theirs.seconds) };
    if (one.task === 'regression') {
      return {
        'data set': one.name,
        n: one.test.rows,
        RMSE: round(own.rmse),
        'LightGBM RMSE': round(theirs.rmse),
        'scikit-learn RMSE': round(other.rmse),
        'RMSE over LightGBM': round(own.rmse / theirs.rmse),
        ...time,
      };
    }
    return {
      'data set': one.name,
      n: one.test.rows,
      AUC: round(own.auc),
      'LightGBM AUC': round(theirs.auc),
      'scikit-learn AUC': round(other.auc),
      'log-loss': round(own.logLoss),
      'LightGBM log-loss': round(theirs.logLoss),
      'scikit-learn log-loss': round(other.logLoss),
      'AUC minus LightGBM': round(own.auc - theirs.auc),
      'log-loss minus LightGBM': round(own.logLoss - theirs.logLoss),
      ...time,
    };
  });
  const peer = flags.python === undefined ? 'as recorded in test/fixtures/training' : 'in this run';
  printBench({ json: flags.json, bench: 'training', settings: { seed: flags.seed, peers: peer }, rows });
}

interface Quality {
  readonly auc: number;
  readonly logLoss: number;
  readonly rmse: number;
}

function train(one: TrainingCase, seed: number): Quality & { seconds: number } {
  // As near as possible to what peers.py gives LightGBM.
  const options = {
    task: one.task,
    rounds: one.rounds,
    maxLeaves: 31,
    maxDepth: 99,
    l2: 0,
  } as const;
  const start = process.cpuUsage();
  const trained = trainGradientBoosting({ train: one.train, options, random: seededRandom(seed) });
  const { user, system } = process.cpuUsage(start);
  if (trained.status !== 'trained') throw otherRows(one.name);
  return { ...qualityOf(trained.model, one.test), seconds: (user + system) / 1e6 };
}

function qualityOf(model: Model, rows: Dataset): Quality {
  const { label } = rows;
  if (model.task === 'regression') {
    const answers = predict(model, rows);
    const squares = answers.reduce((sum, answer, row) => sum + (answer - (label[row] ?? 0)) ** 2, 0);
    return { auc: 0, logLoss: 0, rmse: Math.sqrt(squares / rows.rows) };
  }
  const classes = predictClasses(model, rows);
  const loss = label.reduce((sum, kind, row) => sum + rowLogLoss(classes[kind]?.[row] ?? 0, 1), 0);
  const kinds = model.task === 'classification' ? [1] : [...classes.keys()];
  const areas = kinds.map((kind) => {
    const labels = label.map((value) => (value === kind ? 1 : 0));
    const area = rocAuc({ predictions: classes[kind] ?? [], labels });
    return area.status === 'ok' ? area.value : 0.5;
  });
  return {
    auc: areas.reduce((sum, area) => sum + area, 0) / areas.length,
    logLoss: loss / rows.rows,
    rmse: 0,
  };
}

type Peers = ReadonlyMap<string, z.infer<typeof PEER>>;

function recorded(): Peers {
  return peersOf(readFileSync(new URL('figures.json', FIXTURES), 'utf8'));
}

/** Runs LightGBM and scikit-learn on the same tables. */
function measured(python: string, cases: readonly TrainingCase[]): Peers {
  const directory = mkdtempSync(join(tmpdir(), 'driftwatch-bench-'));
  try {
    const about = cases.map(({ name, task, rounds, train: rows }) => ({
      name,
      task,
      rounds,
      categorical: rows.categorical.map((column) => column.name),
    }));
    writeFileSync(join(directory, 'cases.json'), JSON.stringify(about));
    for (const one of cases) {
      writeFileSync(join(directory, `${one.name}.train.csv`), csvOf(one.train));
      writeFileSync(join(directory, `${one.name}.test.csv`), csvOf(one.test));
    }
    const script = fileURLToPath(new URL('peers.py', FIXTURES));
    const threads = { OMP_NUM_THREADS: '1' };
    const run = spawnSync(python, [script, directory], {
      encoding: 'utf8',
      env: { ...process.env, ...threads },
    });
    if (run.status === 0) return peersOf(run.stdout);
    const why = run.error?.message ?? run.stderr.trim().split('\n').at(-1) ?? '';
    throw new DriftwatchError({
      code: 'PROGRAM_MISSING',
      message: `${python} could not run peers.py: ${why}.`,
      next: 'Install test/fixtures/training/requirements.txt into it, or leave --python out.',
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function csvOf(rows: Dataset): string {
  const columns = [...rows.numeric, ...rows.categorical];
  const lines = [[...columns.map(({ name }) => name), 'label'].join(',')];
  for (let row = 0; row < rows.rows; row += 1) {
    const cells = columns.map(({ values }) => cellOf(values[row]));
    lines.push([...cells, String(rows.label[row])].join(','));
  }
  return `${lines.join('\n')}\n`;
}

function cellOf(value: number | string | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value) ? '' : String(value);
}

function peersOf(text: string): Peers {
  const { versions: _, ...cases } = FIGURES.parse(JSON.parse(text));
  return new Map(Object.entries(cases));
}

function missing(name: string): never {
  throw new DriftwatchError({
    code: 'NOT_YET',
    message: `There are no recorded figures of ${name}.`,
    next: 'Give --python, a Python with the libraries of test/fixtures/training/requirements.txt.',
  });
}

function otherRows(name: string): DriftwatchError {
  return new DriftwatchError({
    code: 'FILE_INVALID',
    message: `The rows of ${name} are not those that its figures were made on.`,
    next: 'Give --python to measure both sides on these rows.',
  });
}

function round(value: number): number {
  return Number(value.toFixed(4));
}

const FIXTURES = new URL('../../test/fixtures/training/', import.meta.url);
const quality = z.object({
  auc: z.number().default(0),
  logLoss: z.number().default(0),
  rmse: z.number().default(0),
  seconds: z.number().default(0),
});
const PEER = z.object({
  rows: z.tuple([z.int(), z.int()]),
  lightgbm: quality,
  'scikit-learn': quality,
});
const FIGURES = z.object({ versions: z.record(z.string(), z.string()) }).catchall(PEER);
