import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCommand, type CommandContext } from '@stricli/core';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Tuned, tune } from '../../processors/train/tune.ts';
import { parseTuning, type TuningConfig } from '../config.ts';
import type { Task } from '../core/models/model.ts';
import { seededRandom } from '../core/random.ts';
import { planSearch, type SearchPlan, type TrialResult } from '../core/tuning/search-plan.ts';
import { type Candidate, sampleCandidates } from '../core/tuning/search-space.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { sha256Of, sha256OfFile } from '../io/files/durable.ts';
import { examplesOfTable } from '../io/files/examples-of-table.ts';
import { openJournal } from '../io/files/journal.ts';
import { findDataset, listDatasets, readDataset } from '../io/files/list-datasets.ts';
import type { Examples } from '../io/files/read-snapshot.ts';
import { readTable } from '../io/files/table/read-table.ts';
import { openTrialPool } from '../io/trainers/trial-pool.ts';
import { chosenModel, MODEL_FLAG } from './replay-ports.ts';
import { loadSettings, SETTINGS_FLAGS, type Settings, type SettingsFlags, wholeNumber } from './settings.ts';
import { openTuneView } from './tune-view.ts';
import { CODE_VERSION } from './wire.ts';

interface TuneFlags extends SettingsFlags {
  readonly model?: string;
  readonly version?: string;
  readonly file?: string;
  readonly time: string;
  readonly label?: string;
  readonly id?: string;
  readonly features?: readonly string[];
  readonly tuning?: string;
  readonly parallel: number;
  readonly seed: number;
  readonly fresh: boolean;
  readonly json: boolean;
}

const text = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, brief, placeholder, optional: true }) as const;

/** `driftwatch tune`: hyperparameters for the built-in trainer. */
export const command = buildCommand<TuneFlags, [], CommandContext>({
  docs: {
    brief: 'Search hyperparameters for the built-in trainer, in the order of time',
    fullDescription: [
      'Random search or successive halving over the space under `tuning` in driftwatch.yaml, or in a file. Every',
      'candidate trains on earlier rows and is measured on later ones, fold by fold; candidate 0 is the settings',
      'as they are and stays to the end. The rows are those of a stored version (the newest), or of any Parquet,',
      'Avro or CSV file. Ends with lines for `trainer:` of the model in driftwatch.yaml.',
      '',
      'Every result is on the disk before it counts: the same command after a kill or Ctrl-C goes on where it was,',
      'to the same end. The winner of many is partly lucky: its gain on rows it has not been chosen by is smaller.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...SETTINGS_FLAGS,
      model: MODEL_FLAG,
      version: text('Version whose snapshot is used; the newest', 'version'),
      file: text('Rows of this file instead', 'file'),
      time: { kind: 'parsed', parse: String, brief: '--file: its column of time', default: 'event_time' },
      label: text('--file: its column with the label', 'column'),
      id: text('--file: its column with the id of an example', 'column'),
      features: {
        kind: 'parsed',
        parse: String,
        brief: '--file: its features; all other columns',
        placeholder: 'columns',
        variadic: ',',
        optional: true,
      },
      tuning: text('YAML file that says what to search, instead of driftwatch.yaml', 'file'),
      parallel: {
        kind: 'parsed',
        parse: wholeNumber,
        brief: 'Candidates trained at once; 1 is one by one',
        placeholder: 'number',
        default: '2',
      },
      seed: {
        kind: 'parsed',
        parse: wholeNumber,
        brief: 'Seed: the same seed gives the same candidates and the same result',
        placeholder: 'number',
        default: '1',
      },
      fresh: { kind: 'boolean', brief: 'Forget what an earlier run has done', default: false },
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  func: runTune,
});

async function runTune(this: CommandContext, flags: TuneFlags): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const model = flags.file === undefined ? chosenModel(settings, flags.model) : (flags.model ?? 'file');
    const ofModel = settings.config.models[model];
    const tuning = tuningOf(flags, ofModel?.tuning);
    const { examples, timestamps, about, task } = await rowsOf(flags, settings, model);
    const trainer = { ...ofModel?.trainer, ...(task === undefined ? {} : { task }) };
    const random = seededRandom(flags.seed);
    const candidates = sampleCandidates({ space: tuning.space, count: tuning.candidates, random });
    const plan = planSearch({
      search: tuning.search,
      candidates: candidates.length,
      keepOneIn: tuning.keep_one_in,
    });
    const header = { format: 1, code: CODE_VERSION, model, data: about, seed: flags.seed, trainer, tuning };
    const path = join(settings.home, 'tuning', `${sha256Of(JSON.stringify(header)).slice(0, 16)}.ndjson`);
    if (flags.fresh) await rm(path, { force: true });
    const journal = await openJournal({ path, header });
    const { folds } = tuning;
    const pool = openTrialPool({
      examples,
      folds,
      seed: flags.seed,
      timestamps,
      threads: Math.max(1, flags.parallel),
    });
    const view = openTuneView({ plan, candidates, json: flags.json });
    try {
      const tuned = await tune({
        plan,
        candidates,
        settings: trainer,
        journal,
        pool,
        onResult: (results, resumed) => view.show(results, resumed),
      });
      view.close();
      const outcome = outcomeOf({ tuned, candidates, plan, trainer });
      const { stdout } = this.process;
      if (flags.json) {
        stdout.write(`${JSON.stringify({ model, data: about, seed: flags.seed, folds, ...outcome })}\n`);
      } else stdout.write(report(outcome));
      return undefined;
    } finally {
      await pool.close();
      await journal.close();
    }
  } catch (error) {
    return new Error(sentence(error));
  }
}

function tuningOf(flags: TuneFlags, ofModel: TuningConfig | undefined): TuningConfig {
  if (flags.tuning === undefined) return ofModel ?? parseTuning({}, 'the default');
  try {
    return parseTuning(parse(readFileSync(flags.tuning, 'utf8')), flags.tuning);
  } catch (cause) {
    if (cause instanceof DriftwatchError) throw cause;
    throw usage(`${flags.tuning} cannot be read: ${sentence(cause)}.`, 'Check the path and that it is YAML.');
  }
}

const TIMES = z.array(z.string());

interface About {
  readonly rows: number;
  readonly sha256: string;
}

async function rowsOf(
  flags: TuneFlags,
  settings: Settings,
  model: string,
): Promise<{ examples: Examples; timestamps: readonly string[]; about: About; task?: Task }> {
  const { file, time, label, id, features } = flags;
  if (file === undefined) {
    const datasets = await listDatasets(settings.store, model);
    const newest = datasets.at(-1)?.manifest.version ?? 'v1';
    const dataset = findDataset(datasets, flags.version ?? newest);
    const examples = await readDataset(dataset);
    const { sha256 } = dataset.manifest.snapshot;
    // What the contract called a time is in the settings that the version was trained with.
    const read = TIMES.safeParse(dataset.manifest.training.config['timeFeatures']);
    const { task } = dataset.manifest;
    return {
      examples,
      timestamps: read.data ?? [],
      about: { rows: examples.dataset.rows, sha256 },
      // Yes or no is what a trainer takes for granted.
      ...(task === undefined || task === 'classification' ? {} : { task }),
    };
  }
  if (label === undefined) throw usage('--file needs --label.', 'Name the column that is to be predicted.');
  const { table } = await readTable(file);
  const examples = examplesOfTable({
    table,
    path: file,
    time,
    label,
    ...(id === undefined ? {} : { id }),
    ...(features === undefined ? {} : { features }),
  });
  const columns = JSON.stringify([time, label, id, features]);
  const sha256 = sha256Of(`${(await sha256OfFile(file)) ?? ''}${columns}`);
  const timestamps = examples.dataset.numeric
    .map(({ name }) => name)
    .filter((name) => table.columns.get(name)?.form === 'time');
  return { examples, timestamps, about: { rows: examples.dataset.rows, sha256 } };
}

interface Outcome {
  readonly trials: number;
  readonly resumed: number;
  /** Trainer settings to go on with. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly best: TrialResult | undefined;
  readonly baseline: TrialResult | undefined;
  /** Mean loss of the settings as they are minus that of the best, on the same rows. */
  readonly gain: number | null;
  readonly ranking: readonly (TrialResult & { readonly settings: Candidate })[];
}

function outcomeOf(args: {
  tuned: Tuned;
  candidates: readonly Candidate[];
  plan: SearchPlan;
  trainer: Readonly<Record<string, unknown>>;
}): Outcome {
  const { tuned, candidates } = args;
  const [best] = tuned.ranking;
  const baseline = tuned.ranking.find(({ candidate }) => candidate === 0);
  const settingsOf = (candidate: number): Candidate => candidates[candidate] ?? {};
  return {
    trials: tuned.results.length,
    resumed: tuned.resumed,
    settings: { ...args.trainer, ...settingsOf(best?.candidate ?? 0) },
    best,
    baseline,
    gain: best?.status === 'measured' && baseline?.status === 'measured' ? baseline.loss - best.loss : null,
    ranking: tuned.ranking.map((result) => ({ ...result, settings: settingsOf(result.candidate) })),
  };
}

function report({ best, baseline, gain, settings, trials }: Outcome): string {
  if (best?.status !== 'measured') {
    return `No candidate could be measured: ${best?.status === 'failed' ? best.why : 'there was none'}.\n`;
  }
  const before = baseline?.status === 'measured' ? baseline.loss.toFixed(4) : 'not measured';
  const lines = [
    `Best of ${trials} trials: candidate ${best.candidate}, loss ${best.loss.toFixed(4)} on ${best.n} later rows;`,
    `the settings as they are: ${before}${gain === null ? '' : `, gain ${gain.toFixed(4)}`}.`,
    '',
    best.candidate === 0 ? '# nothing beat the settings as they are' : '# driftwatch.yaml, under the model:',
    'trainer:',
    ...Object.entries(settings).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function usage(message: string, next: string): DriftwatchError {
  return new DriftwatchError({ code: 'CONFIG_INVALID', message, next });
}
