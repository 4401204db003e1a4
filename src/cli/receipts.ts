import { buildCommand, type CommandContext } from '@stricli/core';
import { computeReceipts, type ReceiptRow } from '../../processors/replay/compute-receipts.ts';
import { parseDuration } from '../core/windows/duration.ts';
import { sentence } from '../errors.ts';
import { chosenModel, MODEL_FLAG, withReplayPorts } from './replay-ports.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags } from './settings.ts';

interface ReceiptsFlags extends SettingsFlags {
  readonly model?: string;
  readonly window: number;
  readonly json: boolean;
}

/** `driftwatch receipts`: what each release promised and what came of it. */
export const command = buildCommand<ReceiptsFlags, [], CommandContext>({
  docs: {
    brief: 'What each release promised, and what came of it',
    fullDescription: [
      'For every released version that replaced another, scores the replaced one on the rows that the new one',
      'answered first, and compares their log-loss where labels are there. Prints the gain predicted before the',
      'release, the gain measured after it with its 95% interval (clustered by day), and the verdict: helped,',
      'did not, rolled back or insufficient. Of a number the log-loss is that of a normal distribution with the',
      'squared error of the validation rows as its variance, and the mean squared errors are told beside it. Stores',
      'them in model_receipts; again later takes in later labels.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...SETTINGS_FLAGS,
      model: MODEL_FLAG,
      window: {
        kind: 'parsed',
        parse: durationFlag,
        brief: 'How long after its first answer a version is measured',
        placeholder: 'duration',
        default: '28d',
      },
      json: { kind: 'boolean', brief: 'Print one JSON object per receipt', default: false },
    },
  },
  func: runReceipts,
});

async function runReceipts(this: CommandContext, flags: ReceiptsFlags): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const model = chosenModel(settings, flags.model);
    const receipts = await withReplayPorts(settings, model, (ports, contracts) =>
      computeReceipts({ ports, contracts, windowMs: flags.window }),
    );
    if (receipts.length === 0 && !flags.json) {
      this.process.stdout.write(`No version of ${model} has replaced another yet.\n`);
    }
    for (const receipt of receipts) {
      this.process.stdout.write(flags.json ? `${JSON.stringify(receipt)}\n` : text(receipt));
    }
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

function text(receipt: ReceiptRow): string {
  return `${receipt.version}  ${receipt.verdict.padEnd(12)}  ${receipt.reason}\n`;
}

function durationFlag(value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) throw new SyntaxError(`Expected a duration such as 28d and received ${value}.`);
  return ms;
}
