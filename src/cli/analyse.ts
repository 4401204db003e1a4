import { readFileSync, writeFileSync } from 'node:fs';
import { buildCommand, type CommandContext } from '@stricli/core';
import { analyseServed } from '../../processors/replay/analyse-served.ts';
import { analyseVersion, labelledSince } from '../../processors/replay/analyse-version.ts';
import { analysisRows } from '../../processors/replay/analysis-rows.ts';
import { readBlocks } from '../../processors/replay/read-blocks.ts';
import { taskOf } from '../../processors/replay/read-window.ts';
import type { Analysis, WorstRow } from '../core/analysis/analysis.ts';
import type { CurvePoint } from '../core/analysis/calibration-curve.ts';
import type { GroupFairness } from '../core/analysis/fairness.ts';
import type { Interval } from '../core/analysis/percentile-interval.ts';
import type { ClassConfusion } from '../core/analysis/streamed-scores.ts';
import type { Share } from '../core/analysis/wilson.ts';
import type { Dataset } from '../core/models/dataset.ts';
import { sentence } from '../errors.ts';
import { type DatasetVersion, readDataset, readTask } from '../io/files/list-datasets.ts';
import type { Scorer } from '../io/onnx-runtime/scorer.ts';
import { analysisPage } from '../server/analysis/analysis-page.ts';
import { because, saidAndCame } from '../server/analysis/because.ts';
import { VERSION_BRIEF } from './aliases.ts';
import { instantFlag, MODEL_FLAG, withReplayPorts } from './replay-ports.ts';
import { loadSettings, SETTINGS_FLAGS, type Settings, type SettingsFlags, wholeNumber } from './settings.ts';
import { findSubject, openStoredScorer } from './stored-version.ts';
import { withClickHouse } from './wire.ts';

interface AnalyseFlags extends SettingsFlags {
  readonly model?: string;
  readonly from?: number;
  readonly until?: number;
  readonly html?: string;
  readonly write: boolean;
  readonly group: readonly string[];
  readonly seed: number;
  readonly json: boolean;
}

/** `driftwatch analyse VERSION`: where a version is good, where it is not, and whom it treats how. */
export const command = buildCommand<AnalyseFlags, [string], CommandContext>({
  docs: {
    brief: 'Metrics, weakest slices, importance, dependence, calibration, fairness, worst rows of a version',
    fullDescription: [
      'Scores the validation rows of a version again, from its snapshot in the model store; with --from and --until',
      'the labelled rows that were served in a window of event time instead, whichever version answered them:',
      'as many as there are, read in blocks, and later than anything it was trained on where you choose them so. Of more',
      'than 50,000 such rows slices, importance, dependence, fairness and worst rows are of a sample chosen by ids;',
      'metrics with their intervals, calibration and residuals are of all. --group names a categorical feature whose',
      'values are groups to be compared; it may be given several times.',
      '',
      'Of a model of classes calibration, dependence and fairness are those of each class against the rest; of a model',
      'of numbers losses are squared errors, and calibration and fairness, which it does not have, are left out.',
      '',
      '--html writes a page that needs nothing else; --write keeps the numbers in the table analyses.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: VERSION_BRIEF, parse: String, placeholder: 'version' }],
    },
    flags: {
      ...SETTINGS_FLAGS,
      model: MODEL_FLAG,
      from: {
        kind: 'parsed',
        parse: instantFlag,
        brief: 'First event time of served rows',
        placeholder: 'date',
        optional: true,
      },
      until: {
        kind: 'parsed',
        parse: instantFlag,
        brief: 'End of event time, exclusive',
        placeholder: 'date',
        optional: true,
      },
      html: {
        kind: 'parsed',
        parse: String,
        brief: 'File for the page',
        placeholder: 'file',
        optional: true,
      },
      write: { kind: 'boolean', brief: 'Keep the numbers in ClickHouse', default: false },
      group: {
        kind: 'parsed',
        parse: String,
        brief: 'Categorical feature whose values are groups',
        placeholder: 'feature',
        variadic: true,
        default: [],
      },
      seed: { kind: 'parsed', parse: wholeNumber, brief: 'Seed of the draws', default: '1' },
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  func: runAnalyse,
});

async function runAnalyse(
  this: CommandContext,
  flags: AnalyseFlags,
  version: string,
): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const subject = await findSubject({ settings, flags, version });
    const { manifest } = subject;
    const { analysis, source } = await analysisOf({ settings, flags, subject });
    const { model } = manifest;
    const title = `${model} ${manifest.version}`;
    if (flags.html !== undefined)
      writeFileSync(
        flags.html,
        analysisPage({ title, source: SOURCES[source], style: readFileSync(STYLE, 'utf8'), analysis }),
      );
    if (flags.write) await keep({ settings, model, version: manifest.version, source, analysis });
    this.process.stdout.write(
      flags.json
        ? `${JSON.stringify({ model, version: manifest.version, source, ...analysis })}\n`
        : `${text(`${title} on ${analysis.rows} ${SOURCES[source]}`, analysis).join('\n')}\n`,
    );
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

/** On the rows of the validation split, or on what was served in the window that the flags name. */
async function analysisOf(args: {
  settings: Settings;
  flags: AnalyseFlags;
  subject: DatasetVersion;
}): Promise<{ analysis: Analysis; source: Source }> {
  const { settings, flags, subject } = args;
  const { manifest } = subject;
  const how = { groups: flags.group, seed: flags.seed };
  const openScorer = (examples: Dataset): Promise<Scorer> =>
    openStoredScorer({ store: settings.store, manifest, examples });
  if (flags.from === undefined && flags.until === undefined) {
    const task = await readTask(subject);
    const classes = task.kind === 'multiclass' ? task.classes : undefined;
    const all = await readDataset(subject, classes);
    const examples = labelledSince(all, Date.parse(manifest.validation.from), task);
    const scorer = await openScorer(examples.dataset);
    const analysis = await analyseVersion({ examples, scorer, task, ...how }).finally(() => scorer.close());
    return { analysis, source: 'validation' };
  }
  const window = { fromMs: flags.from ?? 0, untilMs: flags.until ?? FAR };
  const analysis = await withReplayPorts(settings, manifest.model, (ports, contracts) =>
    analyseServed({
      blocks: readBlocks({ ports, contracts, ...window }),
      openScorer,
      task: taskOf(contracts),
      ...how,
    }),
  );
  return { analysis, source: 'served' };
}

async function keep(args: {
  settings: Settings;
  model: string;
  version: string;
  source: Source;
  analysis: Analysis;
}): Promise<void> {
  const { settings, model, version, source, analysis } = args;
  const of = {
    model,
    version,
    source,
    window_start: new Date(analysis.fromMs).toISOString(),
    window_end: new Date(analysis.untilMs).toISOString(),
  };
  const rows = analysisRows(analysis).map((row) => ({ ...of, ...row }));
  await withClickHouse(settings, (clickhouse) => clickhouse.insert('analyses', rows));
}

/** Classes that have room in a terminal. */
const MOST_COLUMNS = 10;
const MOST_CURVES = 6;
type Source = keyof typeof SOURCES;
const SOURCES = { validation: 'validation rows', served: 'labelled served rows' } as const;
const STYLE = new URL('../server/dashboard/style.css', import.meta.url);
/** Year 2100. */
const FAR = Date.UTC(2100, 0, 1);

function text(title: string, analysis: Analysis): string[] {
  const { slices, importance, calibration, classes, loss } = analysis;
  const widest = Math.max(10, ...Object.keys(analysis.metrics).map((name) => name.length));
  return [
    `${title} of ${analysis.days} days`,
    '',
    ...Object.entries(analysis.metrics).map(([name, value]) => `  ${name.padEnd(widest)} ${interval(value)}`),
    ...(classes === undefined ? [] : confusionText(classes)),
    ...(analysis.examined < analysis.rows
      ? [
          '',
          `What follows but the calibration is of a sample of ${analysis.examined} rows, chosen by their ids.`,
        ]
      : []),
    '',
    `Weakest of ${slices.tested} slices (excess ${loss} over all other rows; at least so much is sure):`,
    ...(slices.slices.length === 0 ? ['  none is worse beyond chance'] : []),
    ...slices.slices.map(
      (slice) =>
        `  +${slice.excess.toFixed(3)} (at least ${slice.atLeast.toFixed(3)}, n ${slice.n})  ${slice.conditions.join(' and ')}`,
    ),
    '',
    `Importance (rise of ${loss === 'log-loss' ? loss : 'mean squared error'} with the feature shuffled):`,
    ...importance.map(
      ({ feature, increase, standardError }) =>
        `  ${increase.toFixed(4)} +- ${(1.96 * standardError).toFixed(4)}  ${feature}`,
    ),
    ...calibrationText(calibration),
    '',
    'Rows answered worst (said, happened, and what each value added):',
    ...analysis.worst.slice(0, 5).map(worstText),
    ...fairnessOf(analysis).flatMap(({ field, groups }) => [
      '',
      `Groups of ${field}, each against all others (intervals hold for all of them together):`,
      ...groups.map(groupText),
    ]),
    ...(analysis.leftOut.length === 0 ? [] : ['', ...analysis.leftOut]),
  ];
}

/** Rows by the class that was said and the one that came, where there is room for it. */
function confusionText({ classes, counts }: ClassConfusion): string[] {
  if (classes.length > MOST_COLUMNS) return [];
  const width = Math.max(6, ...classes.map((name) => name.length)) + 2;
  const line = (first: string, cells: readonly string[]): string =>
    `  ${first.padEnd(width)}${cells.map((cell) => cell.padStart(width)).join('')}`;
  return [
    '',
    'Rows by what was said (down) and what came (across):',
    line('', classes),
    ...counts.map((cells, said) => line(classes[said] ?? '', cells.map(String))),
  ];
}

/** Of classes one curve after the other, as many as there is room for. */
function calibrationText(calibration: readonly CurvePoint[]): string[] {
  if (calibration.length === 0) return [];
  const curves = [...Map.groupBy(calibration, ({ of }) => of ?? '')].slice(0, MOST_CURVES);
  return [
    '',
    'Calibration (said, happened):',
    ...curves.flatMap(([of, points]) => [
      ...(of === '' ? [] : [`  ${of} against the rest`]),
      ...points.map(({ predicted, observed }) => `  ${predicted.toFixed(3)}  ${share(observed)}`),
    ]),
  ];
}

/** Of a number there is none, and `leftOut` says so. */
function fairnessOf({ task, fairness }: Analysis): Analysis['fairness'] {
  return task === 'regression' ? [] : fairness;
}

function worstText(row: WorstRow): string {
  return `  ${saidAndCame(row).join('  ')}  ${row.id}: ${because(row)}`;
}

function groupText(group: GroupFairness): string {
  return [
    `  ${(group.of === undefined ? group.group : `${group.group}, ${group.of}`).padEnd(8)} n ${group.n}`,
    `selected ${gap(group.selectedGap)}`,
    `found ${gap(group.foundGap)}`,
    `false alarms ${gap(group.falseAlarmsGap)}`,
    `odds ${group.oddsGap === undefined ? '-' : group.oddsGap.toFixed(3)}`,
    `calibration ${gap(group.calibrationGap)}`,
  ].join('  ');
}

/** A difference; marked when its interval leaves 0 out. */
function gap(value: Share): string {
  if (value.status === 'insufficient') return '-';
  const shown = value.low > 0 || value.high < 0 ? '*' : '';
  return `${value.value >= 0 ? '+' : ''}${value.value.toFixed(3)} [${value.low.toFixed(3)}, ${value.high.toFixed(3)}]${shown}`;
}

function share(value: Share): string {
  if (value.status === 'insufficient') return '-';
  return `${value.value.toFixed(3)} [${value.low.toFixed(3)}, ${value.high.toFixed(3)}] n ${value.n}`;
}

function interval(value: Interval): string {
  if (value.status === 'insufficient') return `insufficient: ${value.have} of ${value.need}`;
  return `${value.value.toFixed(4)} [${value.low.toFixed(4)}, ${value.high.toFixed(4)}] n ${value.n}`;
}
