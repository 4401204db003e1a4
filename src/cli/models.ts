import { join } from 'node:path';
import { buildCommand, buildRouteMap, type CommandContext } from '@stricli/core';
import { z } from 'zod';
import { modelCard } from '../core/models/model-card.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { count } from '../io/clickhouse/columns.ts';
import { exportMlflow } from '../io/files/export-mlflow.ts';
import { findDataset, listDatasets } from '../io/files/list-datasets.ts';
import type { Manifest } from '../io/files/manifest.ts';
import { openModelStore } from '../io/files/model-store.ts';
import { readAliases, underAlias, VERSION_BRIEF, versionNamed } from './aliases.ts';
import { chosenModel, MODEL_FLAG } from './replay-ports.ts';
import { loadSettings, SETTINGS_FLAGS, type Settings, type SettingsFlags } from './settings.ts';
import { verifyingKey } from './signing-keys.ts';
import { withClickHouse } from './wire.ts';

interface ModelsFlags extends SettingsFlags {
  readonly model?: string;
  readonly json: boolean;
}

interface ExportFlags extends ModelsFlags {
  readonly mlflow: string;
}

const FLAGS = {
  ...SETTINGS_FLAGS,
  model: MODEL_FLAG,
  json: { kind: 'boolean', brief: 'Print JSON', default: false },
} as const;

const VERSION = {
  kind: 'tuple',
  parameters: [{ brief: VERSION_BRIEF, parse: String, placeholder: 'version' }],
} as const;

/** `driftwatch models`: the registry of versions. */
export const command = buildRouteMap({
  docs: { brief: 'Versions: where they come from, their cards, and exports' },
  routes: {
    show: buildCommand<ModelsFlags, [string], CommandContext>({
      docs: {
        brief: 'A version from the incident that asked for it to what came of it',
        fullDescription:
          'One row of the view model_lineage: incident, request, snapshot, model, release, receipt.',
      },
      parameters: { positional: VERSION, flags: FLAGS },
      func: runShow,
    }),
    aliases: buildCommand<ModelsFlags, [], CommandContext>({
      docs: {
        brief: 'Which version is champion, which are challengers and shadows',
        fullDescription: [
          'Rows of the view model_aliases: the champion answers what is not split, a challenger answers some of the ids,',
          'a shadow scores without answering. As the records of model-releases say; `driftwatch release show` asks a',
          'model server, which goes on with the version before when one cannot be loaded.',
        ].join('\n'),
      },
      parameters: { flags: FLAGS },
      func: runAliases,
    }),
    card: buildCommand<ModelsFlags, [string], CommandContext>({
      docs: { brief: 'The model card of a version, in Markdown' },
      parameters: { positional: VERSION, flags: FLAGS },
      func: runCard,
    }),
    export: buildCommand<ExportFlags, [string], CommandContext>({
      docs: { brief: 'Write a version as an MLflow model directory' },
      parameters: {
        positional: VERSION,
        flags: {
          ...FLAGS,
          mlflow: { kind: 'parsed', parse: String, brief: 'Directory to write', placeholder: 'directory' },
        },
      },
      func: runExport,
    }),
  },
});

async function runShow(this: CommandContext, flags: ModelsFlags, named: string): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const model = chosenModel(settings, flags.model);
    const shown = await withClickHouse(settings, async (clickhouse) => {
      const aliases = await readAliases(clickhouse, model);
      const version = underAlias(model, named, aliases);
      const [row] = await clickhouse.rows('model-lineage', { model, version }, LINEAGE);
      if (row === undefined) throw unknown(model, version);
      const own = aliases.filter((one) => one.version === version).map(({ alias }) => alias);
      return { ...row, aliases: own };
    });
    this.process.stdout.write(flags.json ? `${JSON.stringify(shown)}\n` : lineageText(shown));
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

async function runAliases(this: CommandContext, flags: ModelsFlags): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const model = chosenModel(settings, flags.model);
    const aliases = await withClickHouse(settings, (clickhouse) => readAliases(clickhouse, model));
    const lines = aliases.map(
      ({ alias, version, share }) =>
        `${alias.padEnd(10)} ${version}${share > 0 && share < 1 ? `, answers ${Number((100 * share).toFixed(1))} % of the ids` : ''}\n`,
    );
    const text = lines.length === 0 ? `No version of ${model} answers yet.\n` : lines.join('');
    this.process.stdout.write(flags.json ? `${JSON.stringify({ model, aliases })}\n` : text);
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

async function runCard(
  this: CommandContext,
  flags: ModelsFlags,
  version: string,
): Promise<Error | undefined> {
  try {
    const { manifest } = await storedVersion(flags, version);
    const card = modelCard(manifest);
    this.process.stdout.write(flags.json ? `${JSON.stringify({ card, manifest })}\n` : card);
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

async function runExport(
  this: CommandContext,
  flags: ExportFlags,
  named: string,
): Promise<Error | undefined> {
  try {
    const { manifest, path } = await storedVersion(flags, named);
    const { version } = manifest;
    await exportMlflow({ manifest, onnx: path, directory: flags.mlflow, card: modelCard(manifest) });
    const files = { directory: flags.mlflow, model: manifest.model, version, sha256: manifest.sha256 };
    this.process.stdout.write(
      flags.json ? `${JSON.stringify(files)}\n` : `${manifest.model} ${version} is in ${flags.mlflow}.\n`,
    );
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

/** A version's files after the checks that a server makes, its signature included where a public key is given. */
async function storedVersion(
  flags: ModelsFlags,
  named: string,
): Promise<{ manifest: Manifest; path: string }> {
  const settings: Settings = loadSettings(flags);
  const model = chosenModel(settings, flags.model);
  const version = await versionNamed(settings, model, named);
  const { manifest } = findDataset(await listDatasets(settings.store, model), version);
  const store = openModelStore({ directory: settings.store, verifyingKey: verifyingKey() });
  const uri = join('models', model, manifest.version);
  const stored = await store.readVersion({ uri, sha256: manifest.sha256 });
  if (stored.status === 'ok') return stored;
  throw new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `${model} ${version} cannot be trusted: ${stored.why}.`,
    next: 'Name the right store with DRIFTWATCH_STORE, or let the version be trained again.',
  });
}

function lineageText(row: z.infer<typeof LINEAGE> & { readonly aliases: readonly string[] }): string {
  const ranges = row.partitions.map((of, at) => `${of}:${row.first_offsets[at]}-${row.end_offsets[at]}`);
  const release =
    row.release_topic === ''
      ? 'not published'
      : `${row.release_topic} ${row.release_partition}:${row.release_offset}`;
  const lines = [
    ['version', `${row.model} ${row.version}, ${row.status}: ${row.reasons.join('; ')}`],
    ['aliases', row.aliases.length === 0 ? 'none' : row.aliases.join(', ')],
    ['incident', row.incident_id === null ? 'none' : `${row.incident_id} ${row.incident}`],
    ['request', `${row.request_id} ${row.cause}`],
    ['snapshot', `${row.snapshot_sha256} ${row.snapshot_rows} rows, ${row.topic} ${ranges.join(' ')}`],
    ['model', row.sha256 === '' ? 'none' : row.sha256],
    ['settings', row.config],
    ['parent', row.parent === '' ? 'none' : row.parent],
    ['release', release],
    ['receipt', row.receipt === '' ? 'none yet' : `${row.receipt}: ${row.receipt_reason}`],
  ];
  return `${lines.map(([name = '', text]) => `${name.padEnd(9)} ${text}`).join('\n')}\n`;
}

function unknown(model: string, version: string): DriftwatchError {
  return new DriftwatchError({
    code: 'NOT_YET',
    message: `${model} has no version ${version}.`,
    next: '`driftwatch datasets list` shows the versions there are.',
  });
}

const LINEAGE = z.object({
  model: z.string(),
  version: z.string(),
  status: z.string(),
  parent: z.string(),
  incident_id: z.string().nullable(),
  incident: z.string(),
  request_id: z.string(),
  cause: z.string(),
  snapshot_sha256: z.string(),
  snapshot_rows: count,
  topic: z.string(),
  partitions: z.array(count),
  first_offsets: z.array(count),
  end_offsets: z.array(count),
  sha256: z.string(),
  config: z.string(),
  reasons: z.array(z.string()),
  created: z.string(),
  release_topic: z.string(),
  release_partition: count,
  release_offset: count,
  receipt: z.string(),
  receipt_reason: z.string(),
});
