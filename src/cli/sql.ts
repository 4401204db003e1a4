import { buildCommand, type CommandContext } from '@stricli/core';
import { sentence } from '../errors.ts';
import { askAsReader } from '../io/clickhouse/ask-as-reader.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags } from './settings.ts';

/** `driftwatch sql`: one question to ClickHouse, as a reader. */
export const command = buildCommand<SettingsFlags & { format: string }, [string], CommandContext>({
  docs: {
    brief: 'Ask ClickHouse one question',
    fullDescription: [
      'Runs one SELECT, SHOW, DESCRIBE or EXPLAIN as a reader: bounded in time, memory and rows, and unable to',
      'write. The view drift_history is the way in; every table and column carries a comment:',
      '',
      '  driftwatch sql "SELECT * FROM drift_history WHERE verdict = \'drift\' LIMIT 5"',
      '  driftwatch sql "SELECT name, comment FROM system.tables WHERE database = \'driftwatch\'"',
    ].join('\n'),
  },
  parameters: {
    positional: { kind: 'tuple', parameters: [{ brief: 'Statement', parse: String, placeholder: 'SQL' }] },
    flags: {
      ...SETTINGS_FLAGS,
      format: {
        kind: 'parsed',
        parse: String,
        brief: 'Format of the answer',
        placeholder: 'name',
        default: 'PrettyCompact',
      },
    },
  },
  func: runSql,
});

async function runSql(
  this: CommandContext,
  flags: SettingsFlags & { format: string },
  statement: string,
): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const answer = await askAsReader({
      url: settings.clickhouse.url,
      database: settings.config.database,
      statement,
      format: flags.format,
    });
    this.process.stdout.write(answer);
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}
