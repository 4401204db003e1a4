import { buildCommand, type CommandContext } from '@stricli/core';
import { configSchema } from '../config.ts';
import { sentence } from '../errors.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags } from './settings.ts';

/** `driftwatch config`: whether a configuration is right, or what one may say. */
export const command = buildCommand<SettingsFlags & { schema: boolean }, [], CommandContext>({
  docs: {
    brief: 'Check driftwatch.yaml, or print its JSON Schema',
    fullDescription: [
      'Reads the configuration as every other command does and prints it with all defaults filled in, durations',
      'in milliseconds; a mistake is a sentence and exit status 1. With --schema it prints the JSON Schema of',
      'driftwatch.yaml instead, for editors. Every setting is explained in deploy/driftwatch.example.yaml.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...SETTINGS_FLAGS,
      schema: { kind: 'boolean', brief: 'Print the JSON Schema', default: false },
    },
  },
  func: runConfig,
});

async function runConfig(
  this: CommandContext,
  flags: SettingsFlags & { schema: boolean },
): Promise<Error | undefined> {
  try {
    const said = flags.schema ? configSchema() : loadSettings(flags).config;
    this.process.stdout.write(`${JSON.stringify(said, undefined, 2)}\n`);
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}
