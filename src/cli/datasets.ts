import { buildCommand, buildRouteMap, type CommandContext } from '@stricli/core';
import { type DatasetDiff, diffDatasets, type FeatureDiff } from '../core/datasets/diff-datasets.ts';
import type { Result } from '../core/statistic.ts';
import { sentence } from '../errors.ts';
import { type DatasetVersion, findDataset, listDatasets, readDataset } from '../io/files/list-datasets.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags } from './settings.ts';

interface DatasetFlags extends SettingsFlags {
  readonly model?: string;
  readonly json: boolean;
}

const FLAGS = {
  ...SETTINGS_FLAGS,
  model: {
    kind: 'parsed',
    parse: String,
    brief: 'Only this model',
    placeholder: 'name',
    optional: true,
  },
  json: { kind: 'boolean', brief: 'Print JSON', default: false },
} as const;

/** `driftwatch datasets`: what versions were trained on. */
export const command = buildRouteMap({
  docs: { brief: 'What versions were trained on, and what changed between two of them' },
  routes: {
    list: buildCommand<DatasetFlags, [], CommandContext>({
      docs: {
        brief: 'Snapshots in the model store',
        fullDescription:
          'One line per version: its snapshot, window of event time, rows, offsets and sha256.',
      },
      parameters: { flags: FLAGS },
      func: runList,
    }),
    diff: buildCommand<DatasetFlags, [string, string], CommandContext>({
      docs: {
        brief: 'Rows, schema, class balance and distributions of two snapshots',
        fullDescription: [
          'Two versions such as v1 v2, or the first digits of two sha256. Features are compared by the',
          'Kolmogorov-Smirnov distance or the share of rows that would have to change category, largest first.',
        ].join('\n'),
      },
      parameters: {
        positional: {
          kind: 'tuple',
          parameters: [
            { brief: 'Version or sha256 before', parse: String, placeholder: 'before' },
            { brief: 'Version or sha256 after', parse: String, placeholder: 'after' },
          ],
        },
        flags: FLAGS,
      },
      func: runDiff,
    }),
  },
});

async function runList(this: CommandContext, flags: DatasetFlags): Promise<Error | undefined> {
  try {
    const datasets = await listDatasets(loadSettings(flags).store, flags.model);
    const { stdout } = this.process;
    if (flags.json) {
      stdout.write(
        `${JSON.stringify(datasets.map(({ manifest: { model, version, status, snapshot } }) => ({ model, version, status, snapshot })))}\n`,
      );
    } else if (datasets.length === 0) stdout.write('No version has been trained yet.\n');
    else for (const dataset of datasets) stdout.write(`${listed(dataset)}\n`);
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

function listed({ manifest }: DatasetVersion): string {
  const { snapshot } = manifest;
  const ranges = snapshot.partitions.map(
    (partition, at) => `${partition}:${snapshot.first_offsets[at]}-${snapshot.end_offsets[at]}`,
  );
  return [
    manifest.model,
    manifest.version.padEnd(4),
    manifest.status.padEnd(8),
    `${snapshot.rows} rows`,
    `${snapshot.from.slice(0, 10)}..${snapshot.until.slice(0, 10)}`,
    `${snapshot.topic} ${ranges.join(' ')}`,
    `schemas ${snapshot.schema_ids.join(',')}`,
    snapshot.sha256.slice(0, 12),
  ].join('  ');
}

async function runDiff(
  this: CommandContext,
  flags: DatasetFlags,
  before: string,
  after: string,
): Promise<Error | undefined> {
  try {
    const datasets = await listDatasets(loadSettings(flags).store, flags.model);
    const [one, other] = [findDataset(datasets, before), findDataset(datasets, after)];
    const [a, b] = [await readDataset(one), await readDataset(other)];
    const diff = diffDatasets(a.dataset, b.dataset, other.manifest.task);
    const schema = schemaChanges(one, other);
    const answer = flags.json
      ? `${JSON.stringify({ before: one.manifest.snapshot, after: other.manifest.snapshot, schema, ...diff })}\n`
      : `${text(one, other, schema, diff).join('\n')}\n`;
    this.process.stdout.write(answer);
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

/** Differences of columns and writer schemas, in words. */
function schemaChanges({ manifest: a }: DatasetVersion, { manifest: b }: DatasetVersion): string[] {
  const only = (of: readonly string[], than: readonly string[]): string[] =>
    of.filter((name) => !than.includes(name));
  const kinds = new Map(a.inputs.map(({ name, kind }) => [name, kind]));
  return [
    ...only(a.snapshot.columns, b.snapshot.columns).map((name) => `column ${name} is gone`),
    ...only(b.snapshot.columns, a.snapshot.columns).map((name) => `column ${name} is new`),
    ...b.inputs.flatMap(({ name, kind }) =>
      kinds.has(name) && kinds.get(name) !== kind ? [`${name} was ${kinds.get(name)} and is ${kind}`] : [],
    ),
    ...(a.snapshot.schema_ids.join() === b.snapshot.schema_ids.join()
      ? []
      : [`writer schemas ${a.snapshot.schema_ids.join(', ')} -> ${b.snapshot.schema_ids.join(', ')}`]),
  ];
}

function text(
  { manifest: a }: DatasetVersion,
  { manifest: b }: DatasetVersion,
  schema: readonly string[],
  diff: DatasetDiff,
): string[] {
  const width = Math.max(...diff.features.map(({ feature }) => feature.length), 8);
  return [
    `${a.version} -> ${b.version} of ${b.model}`,
    `  window         ${a.snapshot.from.slice(0, 10)}..${a.snapshot.until.slice(0, 10)} -> ${b.snapshot.from.slice(0, 10)}..${b.snapshot.until.slice(0, 10)}`,
    `  rows           ${diff.rows.before} -> ${diff.rows.after}`,
    `  schema         ${schema.join('; ') || 'the same'}`,
    diff.label === undefined
      ? `  class balance  ${balance(diff.classBalance)}`
      : `  label          ${featureText(diff.label)}`,
    '',
    ...diff.features.map((feature) => `  ${feature.feature.padEnd(width)}  ${featureText(feature)}`),
  ];
}

function featureText({ kind, distribution, missing, mean, categories }: FeatureDiff): string {
  const moved =
    distribution.status === 'ok'
      ? `${kind === 'numeric' ? 'KS' : 'TV'} ${distribution.value.toFixed(3)}${pText(distribution)}`
      : `insufficient: ${distribution.why}`;
  const means =
    mean === undefined ? '' : `, mean ${mean.before.toPrecision(4)} -> ${mean.after.toPrecision(4)}`;
  const sets =
    categories === undefined || categories.gone + categories.added === 0
      ? ''
      : `, categories +${categories.added} -${categories.gone}`;
  const gaps =
    missing.status === 'ok' && (missing.effect ?? 0) !== 0
      ? `, missing ${((missing.effect ?? 0) * 100).toFixed(2)} points`
      : '';
  return `${moved}${means}${sets}${gaps}`;
}

function balance(result: Result | undefined): string {
  if (result === undefined) return 'unknown';
  if (result.status !== 'ok') return `insufficient: ${result.why}`;
  return `label 1 moved by ${((result.effect ?? result.value) * 100).toFixed(2)} points${pText(result)}`;
}

function pText(result: Extract<Result, { status: 'ok' }>): string {
  return result.pValue === undefined ? '' : ` (p ${result.pValue.toPrecision(2)})`;
}
