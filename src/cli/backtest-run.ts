import type { CommandContext } from '@stricli/core';
import { DriftwatchError, sentence } from '../errors.ts';
import type { BacktestFlags } from './backtest.ts';
import { replayConfiguration } from './backtest-config.ts';
import { replayFiles } from './backtest-files.ts';
import { replayStored } from './backtest-history.ts';

/** Chooses the form of the backtest by its flags. */
export async function backtest(this: CommandContext, flags: BacktestFlags): Promise<Error | undefined> {
  const { stdout, stderr } = this.process;
  const out: Output = {
    json: flags.json,
    line: (object, words) => stdout.write(`${flags.json ? JSON.stringify(object) : words}\n`),
    note: (words) => stderr.write(`${words}\n`),
  };
  try {
    if (flags.reference !== undefined || flags.current !== undefined) {
      await replayFiles(flags, out);
      return undefined;
    }
    if (flags.data !== undefined) return await replayConfiguration(flags, out);
    if (flags.from !== undefined && flags.until !== undefined) return await replayStored(flags, out);
    throw nothingToDo();
  } catch (error) {
    return new Error(sentence(error), { cause: error });
  }
}

/** Where a backtest writes: results to the output, remarks beside it. */
export interface Output {
  readonly json: boolean;
  line(object: object, words: string): void;
  note(words: string): void;
}

function nothingToDo(): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: 'There is nothing to replay.',
    next: 'Give --reference A --current B --window N, or --config FILE --data FILES, or --from TIME --until TIME; see --help.',
  });
}
