import { join } from 'node:path';
import { buildCommand, type CommandContext } from '@stricli/core';
import { budgetOfModel } from '../../processors/detect/error-budget.ts';
import { loadContracts } from '../../processors/load-contracts.ts';
import { viewModel } from '../../processors/panes/model-view.ts';
import {
  readStoredVerdict,
  type StoredVerdict,
  type Verification,
  verifyVerdict,
} from '../../processors/verify/verify-verdict.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { type ClickHouse, openClickHouse } from '../io/clickhouse/client.ts';
import { ensureRawTable } from '../io/clickhouse/ensure-raw-table.ts';
import { createDatabase, migrate } from '../io/clickhouse/migrate.ts';
import { openRegistry } from '../io/registry/registry.ts';
import { loadSettings, SETTINGS_FLAGS, type Settings, type SettingsFlags } from './settings.ts';
import { CODE_VERSION } from './wire.ts';

/** `driftwatch verify`: one verdict again, from its rows. */
export const command = buildCommand<SettingsFlags & { json: boolean }, [string], CommandContext>({
  docs: {
    brief: 'Compute one verdict again from its rows, and compare',
    fullDescription: [
      'Copies the rows that a verdict and the windows before it name into a database of its own, decides all of',
      'them again with the code that decides live, and compares the row it gets with the one that is stored, byte',
      'by byte. The stored panes are not used. Exits with 0 when both are equal and with 1 when they are not.',
      '',
      'Takes as long as judging these windows took. Reads rows, not Kafka.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'verdict_id of drift_history or verdicts', parse: idFlag, placeholder: 'verdict-id' },
      ],
    },
    flags: {
      ...SETTINGS_FLAGS,
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  func: runVerify,
});

async function runVerify(
  this: CommandContext,
  flags: SettingsFlags & { json: boolean },
  id: string,
): Promise<Error | undefined> {
  const { stdout } = this.process;
  try {
    const settings = loadSettings(flags);
    const clickhouse = openClickHouse({ ...settings.clickhouse, database: settings.config.database });
    try {
      await migrate({ clickhouse });
      const stored = await readStoredVerdict(clickhouse, id);
      if (!flags.json) stdout.write(`${told(stored)}\n`);
      const result = await inScratch({ settings, clickhouse, stored });
      stdout.write(flags.json ? `${JSON.stringify(jsonOf(result))}\n` : text(result));
      if (result.differences.length === 0) return undefined;
      return new Error(verdictOn(result));
    } finally {
      await clickhouse.close();
    }
  } catch (error) {
    return new Error(sentence(error));
  }
}

/** Verifies in a database that is there only for that. */
async function inScratch(args: {
  settings: Settings;
  clickhouse: ClickHouse;
  stored: StoredVerdict;
}): Promise<Verification> {
  const { settings, clickhouse, stored } = args;
  const { config } = settings;
  const model = config.models[stored.model];
  if (model === undefined) throw notConfigured(stored.model);
  const registry = openRegistry({
    url: settings.registryUrl,
    cacheDirectory: join(settings.home, 'schemas'),
  });
  const contracts = await loadContracts({ registry, model: stored.model });
  const database = `${config.database}_verify_${process.pid}`;
  await createDatabase({ ...settings.clickhouse, database });
  const scratch = openClickHouse({ ...settings.clickhouse, database });
  try {
    await migrate({ clickhouse: scratch });
    for (const contract of Object.values(contracts)) await ensureRawTable({ clickhouse: scratch, contract });
    return await verifyVerdict({
      clickhouse,
      source: config.database,
      scratch,
      view: viewModel({ ...contracts, segments: model.segments }),
      config: model,
      budget: budgetOfModel(config),
      origin: { configHash: settings.configHash, codeVersion: CODE_VERSION },
      stored,
    });
  } finally {
    await scratch.close();
    await clickhouse.run('database-drop', { database });
  }
}

function told(stored: StoredVerdict): string {
  const what = `${stored.kind} ${stored.statistic} of ${stored.feature || 'the records'}`;
  const where = stored.segment === '' ? '' : ` for ${stored.segment}`;
  const offsets = stored.partitions.map(
    (partition, index) =>
      `${stored.topic}/${partition} [${stored.first_offsets[index]}, ${stored.end_offsets[index]})`,
  );
  return [
    `${what}${where}, window ${stored.window_start} to ${stored.window_end}, revision ${stored.revision}: ${stored.verdict}`,
    `  ${stored.rows} rows, n ${stored.n}, offsets ${offsets.join(', ') || 'none'}`,
    `  configuration ${stored.config_hash}, code ${stored.code_version}`,
  ].join('\n');
}

function text(result: Verification): string {
  const { codeVersion } = result;
  const lines = [`  decided ${result.windows} windows again from their rows`];
  if (codeVersion.stored !== codeVersion.running)
    lines.push(`  it was made by code ${codeVersion.stored}, this is ${codeVersion.running}`);
  if (result.supersededBy !== null)
    lines.push(
      `  revision ${result.supersededBy} has taken its place since; earlier windows count as they are known now`,
    );
  for (const { column, stored, recomputed } of result.differences)
    lines.push(`  ${column}: stored ${stored}`, `  ${' '.repeat(column.length)}  again  ${recomputed}`);
  if (result.differences.length === 0) lines.push('  equal, byte for byte');
  return `${lines.join('\n')}\n`;
}

function verdictOn(result: Verification): string {
  const columns = result.differences.map(({ column }) => column).join(', ');
  const { stored, running } = result.codeVersion;
  const code = stored === running ? '' : ` It was made by code ${stored}, this is ${running}.`;
  return `The verdict ${result.verdictId} is not what its rows give: ${columns} differ.${code}`;
}

function jsonOf(result: Verification): object {
  return {
    verdict_id: result.verdictId,
    equal: result.differences.length === 0,
    differences: result.differences,
    windows: result.windows,
    rows: result.rows,
    code_version: result.codeVersion,
    superseded_by: result.supersededBy,
  };
}

function idFlag(value: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return value;
  throw new SyntaxError(`Expected a verdict_id and received ${value}.`);
}

function notConfigured(model: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `The verdict is about the model ${model}, which is not in the configuration.`,
    next: 'Name the driftwatch.yaml it was made with by --config.',
  });
}
