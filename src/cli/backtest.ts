import { buildCommand, type CommandContext } from '@stricli/core';
import { ROWS_ARE, type RowsAre } from '../core/evidence/row-dependence.ts';
import { parseDuration } from '../core/windows/duration.ts';
import { SEASONS, type Season } from '../core/windows/pane.ts';
import { SETTINGS_FLAGS, wholeNumber } from './settings.ts';

export interface BacktestFlags {
  readonly reference?: string;
  readonly current?: string;
  readonly window?: string;
  readonly features?: readonly string[];
  readonly segment?: readonly string[];
  readonly time?: string;
  readonly contract?: readonly string[];
  readonly config?: string;
  readonly home: string;
  readonly portOffset: number;
  readonly data?: readonly string[];
  readonly model?: string;
  readonly trainedUntil?: string;
  readonly squaredError?: number;
  readonly known?: readonly string[];
  readonly inject?: string;
  readonly from?: string;
  readonly until?: string;
  readonly falsePages: number;
  readonly per: number;
  readonly every: number;
  readonly season: Season;
  readonly floorSd: number;
  readonly floorShare: number;
  readonly floorDistinct: number;
  readonly minimumRows?: number;
  readonly minimumWindows: number;
  readonly rows: RowsAre;
  readonly seed: number;
  readonly json: boolean;
}

/** `driftwatch backtest`: the decisions of the running system, over files. */
export const command = buildCommand<BacktestFlags, [], CommandContext>({
  docs: {
    brief: 'The decisions of the running system over files',
    fullDescription: [
      'Files are Parquet, CSV (RFC 4180, also .gz) or Avro object containers. Lists of numbers are embeddings.',
      '',
      'One file against another: --reference A --current B --window N. Bins are fitted on A; windows of N rows of B',
      '(or of a duration such as 1d, with --time) are judged in order. One line per window and feature: {window,',
      'feature, statistic, value, p, effect, verdict}, then the totals {windows, features, drift, ok, insufficient,',
      'pages, expected_false_pages, budget}. A window of N rows is taken to come once --every 1h, which is how many',
      'windows share the budget. Without a contract (.avsc with driftwatch attributes) texts and booleans are',
      'categorical, and numbers numeric unless they are whole and have at most ten different values in A.',
      '',
      'A configuration: --config driftwatch.yaml --data training=A,serving=B,labels=C (or one file with --time), with',
      '--contract FILES.avsc. Prints what would have paged, when, and what it cost in log-loss beyond the usual (from',
      'labels, else from the entropy of the predictions; insufficient without both). Exit status 3 when the expected',
      'pages exceed the budget. Labels of classes need the probability of each class in the serving file, in columns',
      'FIELD.CLASS or, in Avro and Parquet, a map FIELD; labels of numbers --squared-error. --known FROM/UNTIL names times at which something did happen: pages that began then do not count.',
      '',
      'The history of a running system: --from TIME --until TIME, with a --config that has been changed. Judges the stored',
      'panes anew, writes nothing, and prints every page as new, as before or gone. Exit status 3 as above.',
      '',
      '--inject KIND:COLUMN:SHARE[:AMOUNT] puts a fault into a share of the rows from --from on (a time, or a number of',
      'a window; half-way without it) and prints the share injected against the windows until it is found. KIND is',
      'unit (factor, 100), offset (added, one sd), shift (in sd, 0.5), null, stale (rows, 100), clip (median) or swap',
      '(with the column AMOUNT).',
    ].join('\n'),
  },
  parameters: {
    flags: {
      reference: text('What the windows are compared with', 'file'),
      current: text('What is judged, in windows', 'file'),
      window: text('Rows of a window, or a duration with --time', 'N|1d'),
      features: list('Features, separated by commas; all without it', 'name,...'),
      segment: list('Fields that split every statistic', 'name,...'),
      time: text('Column of the event time; windows are of rows without it', 'column'),
      contract: list('Avro schemas with driftwatch attributes', 'file,...'),
      config: text('Configuration to replay', 'file'),
      home: SETTINGS_FLAGS.home,
      portOffset: SETTINGS_FLAGS.portOffset,
      data: list('STREAM=FILE for training, serving and labels, or one file', 'file,...'),
      model: text('Model of the configuration, when it has several', 'name'),
      trainedUntil: text('End of the rows that the model was trained on', 'time'),
      squaredError: {
        kind: 'parsed',
        parse: positive,
        brief:
          'Mean squared error on validation rows, of a model of numbers with labels; its manifest has it',
        placeholder: 'number',
        optional: true,
      },
      known: list('Times at which something did happen', 'from/until,...'),
      inject: text('Fault to put in', 'kind:column:share'),
      from: text('Where the fault begins, or the history to replay', 'time|window'),
      until: text('End of the history to replay', 'time'),
      falsePages: { kind: 'parsed', parse: positive, brief: 'False pages allowed', default: '1' },
      per: { kind: 'parsed', parse: duration, brief: 'in this time', default: '30d' },
      every: { kind: 'parsed', parse: duration, brief: 'How often a window of N rows comes', default: '1h' },
      season: { kind: 'enum', values: SEASONS, brief: 'Class of windows compared with', default: 'none' },
      floorSd: {
        kind: 'parsed',
        parse: positive,
        brief: 'Smallest shift worth a verdict, in sd',
        default: '0.1',
      },
      floorShare: {
        kind: 'parsed',
        parse: positive,
        brief: 'Smallest share of rows moved worth a verdict',
        default: '0.02',
      },
      floorDistinct: {
        kind: 'parsed',
        parse: positive,
        brief: 'Smallest change of the number of different categories worth a verdict, in proportion',
        default: '0.2',
      },
      minimumRows: {
        kind: 'parsed',
        parse: wholeNumber,
        brief: 'Rows in a window below which the answer is insufficient; 200, or half a smaller window',
        optional: true,
      },
      minimumWindows: {
        kind: 'parsed',
        parse: wholeNumber,
        brief: 'Windows in the reference below which the answer is insufficient',
        default: '3',
      },
      rows: {
        kind: 'enum',
        values: ROWS_ARE,
        brief:
          'What the rows of --reference are: independent (windows are held against all of them), dependent (against what its windows were like), or auto, by whether its windows differ as those of independent rows would',
        default: 'auto',
      },
      seed: {
        kind: 'parsed',
        parse: wholeNumber,
        brief: 'Seed of the rows that get the fault',
        default: '1',
      },
      json: { kind: 'boolean', brief: 'One JSON object a line', default: false },
    },
  },
  loader: async () => (await import('./backtest-run.ts')).backtest,
});

function text(brief: string, placeholder: string) {
  return { kind: 'parsed', parse: String, brief, placeholder, optional: true } as const;
}

function list(brief: string, placeholder: string) {
  return { kind: 'parsed', parse: String, variadic: ',', brief, placeholder, optional: true } as const;
}

function positive(value: string): number {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new SyntaxError(`Expected a number above 0 and received ${value}.`);
}

function duration(value: string): number {
  const ms = parseDuration(value);
  if (ms !== undefined && ms > 0) return ms;
  throw new SyntaxError(`Expected a duration such as 30d or 1h and received ${value}.`);
}
