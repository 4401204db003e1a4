import { join } from 'node:path';
import { buildCommand, type CommandContext } from '@stricli/core';
import { type Analysis, analyseVersion } from '../../processors/replay/analyse-version.ts';
import type { Interval } from '../core/analysis/bootstrap-interval.ts';
import type { GroupFairness } from '../core/analysis/fairness.ts';
import type { Share } from '../core/analysis/wilson.ts';
import { takeRows } from '../core/models/dataset.ts';
import { columnsOfDataset } from '../core/models/scoring-columns.ts';
import { sentence } from '../errors.ts';
import { findDataset, listDatasets, readDataset } from '../io/files/list-datasets.ts';
import { openScorer } from '../io/onnx-runtime/open-scorer.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags, wholeNumber } from './settings.ts';

interface AnalyseFlags extends SettingsFlags {
  readonly model?: string;
  readonly group: readonly string[];
  readonly seed: number;
  readonly json: boolean;
}

/** `driftwatch analyse VERSION`: where a version is good, where it is not, and whom it treats how. */
export const command = buildCommand<AnalyseFlags, [string], CommandContext>({
  docs: {
    brief: 'Metrics with intervals, weakest slices, importance, calibration and fairness of a version',
    fullDescription: [
      'Scores the validation rows of a version again, from its snapshot in the model store. --group names a',
      'categorical feature whose values are groups to be compared; it may be given several times.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'Version, e.g. v2', parse: String, placeholder: 'version' }],
    },
    flags: {
      ...SETTINGS_FLAGS,
      model: {
        kind: 'parsed',
        parse: String,
        brief: 'Model; may be left out when there is one',
        placeholder: 'name',
        optional: true,
      },
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
    const { store } = loadSettings(flags);
    const dataset = findDataset(await listDatasets(store, flags.model), version);
    const { manifest } = dataset;
    const examples = await readDataset(dataset);
    const few = takeRows(examples.dataset, [0]);
    const scorer = await openScorer({
      path: join(store, 'models', manifest.model, manifest.version, 'model.onnx'),
      sha256: manifest.sha256,
      sample: columnsOfDataset(few, manifest.inputs),
    });
    try {
      const analysis = await analyseVersion({
        examples,
        validationFromMs: Date.parse(manifest.validation.from),
        scorer,
        groups: flags.group,
        seed: flags.seed,
      });
      const { model } = manifest;
      this.process.stdout.write(
        flags.json
          ? `${JSON.stringify({ model, version: manifest.version, ...analysis })}\n`
          : `${text(`${model} ${manifest.version}`, analysis).join('\n')}\n`,
      );
      return undefined;
    } finally {
      await scorer.close();
    }
  } catch (error) {
    return new Error(sentence(error));
  }
}

function text(title: string, analysis: Analysis): string[] {
  const { slices, importance, calibration } = analysis;
  return [
    `${title} on ${analysis.rows} validation rows of ${analysis.days} days`,
    '',
    ...Object.entries(analysis.metrics).map(([name, value]) => `  ${name.padEnd(10)} ${interval(value)}`),
    '',
    `Weakest of ${slices.tested} slices (excess log-loss over all other rows; at least so much is sure):`,
    ...(slices.slices.length === 0 ? ['  none is worse beyond chance'] : []),
    ...slices.slices.map(
      (slice) =>
        `  +${slice.excess.toFixed(3)} (at least ${slice.atLeast.toFixed(3)}, n ${slice.n})  ${slice.conditions.join(' and ')}`,
    ),
    '',
    'Importance (rise of log-loss with the feature shuffled):',
    ...importance.map(
      ({ feature, increase, standardError }) =>
        `  ${increase.toFixed(4)} +- ${(1.96 * standardError).toFixed(4)}  ${feature}`,
    ),
    '',
    'Calibration (said, happened):',
    ...calibration.map(({ predicted, observed }) => `  ${predicted.toFixed(3)}  ${share(observed)}`),
    ...analysis.fairness.flatMap(({ field, groups }) => [
      '',
      `Groups of ${field}, each against all others (intervals hold for all of them together):`,
      ...groups.map(groupText),
    ]),
  ];
}

function groupText(group: GroupFairness): string {
  return [
    `  ${group.group.padEnd(8)} n ${group.n}`,
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
