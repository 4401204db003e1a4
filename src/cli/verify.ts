import { join } from 'node:path';
import { buildCommand, type CommandContext } from '@stricli/core';
import { budgetOfModel } from '../../processors/detect/error-budget.ts';
import { loadContracts } from '../../processors/load-contracts.ts';
import { viewModel } from '../../processors/panes/model-view.ts';
import { ingestAgain } from '../../processors/verify/ingest-again.ts';
import {
  readStoredVerdict,
  type StoredVerdict,
  type Verification,
  verifyVerdict,
} from '../../processors/verify/verify-verdict.ts';
import { deadLetters } from '../../topics/index.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { type ClickHouse, openClickHouse } from '../io/clickhouse/client.ts';
import { ensureRawTable } from '../io/clickhouse/ensure-raw-table.ts';
import { createDatabase, migrate } from '../io/clickhouse/migrate.ts';
import { openKafka } from '../io/kafka/kafka.ts';
import { openCodec } from '../io/registry/codec.ts';
import { openRegistry, type Registry } from '../io/registry/registry.ts';
import { systemClock } from '../runtime/clock.ts';
import { openLog } from '../runtime/log.ts';
import { loadSettings, SETTINGS_FLAGS, type Settings, type SettingsFlags } from './settings.ts';
import { CODE_VERSION, ownerName, prepareSystemTopics, recordOf } from './wire.ts';

type VerifyFlags = SettingsFlags & { readonly from: 'rows' | 'kafka'; readonly json: boolean };

/** `driftwatch verify`: one verdict again, from its rows or its messages. */
export const command = buildCommand<VerifyFlags, [string], CommandContext>({
  docs: {
    brief: 'Compute one verdict again from its rows or from Kafka, and compare',
    fullDescription: [
      'Copies the rows that a verdict and the windows before it name into a database of its own, decides all of',
      'them again with the code that decides live, and compares the row it gets with the one that is stored, byte',
      'by byte. The stored panes are not used. Exits with 0 when both are equal and with 1 when they are not.',
      '',
      'With --from kafka the topics of the model are first taken in once more, from the first message they have, so',
      'that the stored rows are not used either. Takes as long as all of that took.',
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
      from: { kind: 'enum', values: ['rows', 'kafka'], brief: 'What it is computed from', default: 'rows' },
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  func: runVerify,
});

async function runVerify(this: CommandContext, flags: VerifyFlags, id: string): Promise<Error | undefined> {
  const { stdout } = this.process;
  try {
    const settings = loadSettings(flags);
    const clickhouse = openClickHouse({ ...settings.clickhouse, database: settings.config.database });
    try {
      await migrate({ clickhouse });
      const stored = await readStoredVerdict(clickhouse, id);
      if (!flags.json) stdout.write(`${told(stored)}\n`);
      const result = await inScratch({ settings, clickhouse, stored, from: flags.from });
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
  from: VerifyFlags['from'];
}): Promise<Verification> {
  const { settings, clickhouse, stored, from } = args;
  const { config } = settings;
  const model = config.models[stored.model];
  if (model === undefined) throw notConfigured(stored.model);
  const registry = openRegistry({
    url: settings.registryUrl,
    cacheDirectory: join(settings.home, 'schemas'),
  });
  const contracts = await loadContracts({ registry, model: stored.model });
  const decide = (source: string, scratch: ClickHouse) =>
    verifyVerdict({
      clickhouse,
      source,
      scratch,
      view: viewModel({ ...contracts, segments: model.segments }),
      config: model,
      budget: budgetOfModel(config),
      origin: { configHash: settings.configHash, codeVersion: CODE_VERSION },
      stored,
    });
  const own = { settings, clickhouse, contracts };
  return inDatabase({ ...own, name: 'verify' }, async (scratch) => {
    if (from === 'rows') return decide(config.database, scratch);
    return inDatabase({ ...own, name: 'again' }, async (again, database) => {
      await takeInAgain({ settings, contracts, registry, into: again });
      for (const table of ['model_versions', 'pane_revisions'])
        await again.run('verify-copy-table', { source: config.database, table });
      return decide(database, scratch);
    });
  });
}

/** Opens a database that has all tables and is dropped in the end. */
async function inDatabase<T>(
  args: { settings: Settings; clickhouse: ClickHouse; contracts: Contracts; name: string },
  use: (opened: ClickHouse, database: string) => Promise<T>,
): Promise<T> {
  const { settings, clickhouse, contracts } = args;
  const database = `${settings.config.database}_${args.name}_${process.pid}`;
  await createDatabase({ ...settings.clickhouse, database });
  const opened = openClickHouse({ ...settings.clickhouse, database });
  try {
    await migrate({ clickhouse: opened });
    for (const contract of Object.values(contracts)) await ensureRawTable({ clickhouse: opened, contract });
    return await use(opened, database);
  } finally {
    await opened.close();
    await clickhouse.run('database-drop', { database });
  }
}

async function takeInAgain(args: {
  settings: Settings;
  contracts: Contracts;
  registry: Registry;
  into: ClickHouse;
}): Promise<void> {
  const { settings, contracts, registry, into } = args;
  const log = openLog({ name: 'verify' });
  const kafka = openKafka({ brokers: settings.brokers, clientId: 'driftwatch-verify', log });
  const owner = ownerName('verify');
  try {
    const records = await prepareSystemTopics({ kafka, registry });
    await ingestAgain({
      kafka,
      registry,
      clickhouse: into,
      deadLetterCodec: { ...recordOf(records, deadLetters.name), encode: openCodec({ registry }).encode },
      sources: Object.values(contracts).map((contract) => ({ contract, topic: contract.topic })),
      owner,
      groupId: `driftwatch-${owner}`,
      limits: { maxFutureMs: settings.config.max_future },
      clock: systemClock,
      log,
    });
  } finally {
    await kafka.close();
  }
}

type Contracts = Awaited<ReturnType<typeof loadContracts>>;

function told(stored: StoredVerdict): string {
  const what = `${stored.kind} ${stored.statistic} of ${stored.feature || 'the records'}`;
  const where = stored.segment === '' ? '' : ` for ${stored.segment}`;
  const offsets = [
    ...rangesOf(stored.topic, stored.partitions, stored.first_offsets, stored.end_offsets),
    ...rangesOf(
      stored.joined_topic,
      stored.joined_partitions,
      stored.joined_first_offsets,
      stored.joined_end_offsets,
    ),
  ];
  return [
    `${what}${where}, window ${stored.window_start} to ${stored.window_end}, revision ${stored.revision}: ${stored.verdict}`,
    `  ${stored.rows} rows, n ${stored.n}, offsets ${offsets.join(', ') || 'none'}`,
    `  configuration ${stored.config_hash}, code ${stored.code_version}`,
  ].join('\n');
}

function rangesOf(
  topic: string,
  partitions: readonly number[],
  first: readonly number[],
  end: readonly number[],
): string[] {
  return partitions.map((partition, at) => `${topic}/${partition} [${first[at]}, ${end[at]})`);
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
