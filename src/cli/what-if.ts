import { buildCommand, type CommandContext } from '@stricli/core';
import { labelledSince } from '../../processors/replay/analyse-version.ts';
import { answersInOrder } from '../../processors/replay/answers-in-order.ts';
import { type Change, parseChange, type WhatIf, whatIf } from '../core/analysis/what-if.ts';
import { type Dataset, takeRows } from '../core/models/dataset.ts';
import type { Task } from '../core/models/model.ts';
import type { MeanAnswer } from '../core/performance/mean-answer.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { readDataset, readTask } from '../io/files/list-datasets.ts';
import { VERSION_BRIEF } from './aliases.ts';
import { MODEL_FLAG } from './replay-ports.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags } from './settings.ts';
import { findSubject, openStoredScorer } from './stored-version.ts';

interface WhatIfFlags extends SettingsFlags {
  readonly model?: string;
  readonly id?: string;
  readonly set: readonly Change[];
  readonly json: boolean;
}

/** `driftwatch what-if VERSION --set FEATURE=VALUE`: what the version would say if the world were otherwise. */
export const command = buildCommand<WhatIfFlags, [string], CommandContext>({
  docs: {
    brief: 'What a version would say of one example, or of all, with other values',
    fullDescription: [
      'Changes features of the validation rows of a version, or of one example of its snapshot with --id, and',
      'scores them before and after. --set takes FEATURE=VALUE, FEATURE=null, FEATURE+=5, FEATURE-=5 or',
      'FEATURE*=1.1, each with :FIELD=VALUE behind it for some rows only; several are made one after the other.',
      '',
      'It says what the model does, not what the world would do: features that move together in the world are',
      'moved alone here.',
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
      id: { kind: 'parsed', parse: String, brief: 'Id of one example', placeholder: 'id', optional: true },
      set: {
        kind: 'parsed',
        parse: changeFlag,
        brief: 'Change to make',
        placeholder: 'FEATURE=VALUE[:FIELD=VALUE]',
        variadic: true,
      },
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  func: runWhatIf,
});

async function runWhatIf(
  this: CommandContext,
  flags: WhatIfFlags,
  version: string,
): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const { store } = settings;
    const subject = await findSubject({ settings, flags, version });
    const { manifest } = subject;
    const task = await readTask(subject);
    const examples = await readDataset(subject, task.kind === 'multiclass' ? task.classes : undefined);
    const rows =
      flags.id === undefined
        ? labelledSince(examples, Date.parse(manifest.validation.from), task).dataset
        : oneRow(examples.dataset, examples.ids.indexOf(flags.id), flags.id);
    const scorer = await openStoredScorer({ store, manifest, examples: rows });
    try {
      const score = answersInOrder(scorer, task);
      const answer = await whatIf({ rows, changes: flags.set, score, task });
      if (answer.status === 'bad') throw impossible(answer.why);
      const { predictions, ...result } = answer.result;
      const named = { model: manifest.model, version: manifest.version, task: task.kind, ...result };
      this.process.stdout.write(flags.json ? `${JSON.stringify(named)}\n` : text(named, flags.id));
      return undefined;
    } finally {
      await scorer.close();
    }
  } catch (error) {
    return new Error(sentence(error));
  }
}

function oneRow(rows: Dataset, row: number, id: string): Dataset {
  if (row >= 0) return takeRows(rows, [row]);
  throw new DriftwatchError({
    code: 'NOT_YET',
    message: `The snapshot of this version has no example "${id}".`,
    next: 'Name one that it was trained or validated on; `driftwatch analyse` prints some.',
  });
}

interface Answer extends Omit<WhatIf, 'predictions'> {
  readonly model: string;
  readonly version: string;
  readonly task: Task;
}

function text(of: Answer, id: string | undefined): string {
  const rows = id === undefined ? `${of.n} validation rows, ${of.changed} changed` : `example ${id}`;
  const each = of.n === 1 ? '' : ' on average';
  const moves = movesOf(of.before, of.after);
  const width = Math.max(...moves.map(([name]) => name.length));
  return [
    `${of.model} ${of.version} on ${rows}`,
    ...moves.map(([name, move]) => {
      const what = name === '' ? 'prediction' : `probability of ${name.padEnd(width)}`;
      return `  ${what}${each}  ${move}`;
    }),
    ...turnsOf(of),
    '',
  ].join('\n');
}

/** How a mean prediction moves, of classes each by its name. */
function movesOf(before: MeanAnswer, after: MeanAnswer): [string, string][] {
  if (typeof before === 'number' || typeof after === 'number')
    return [['', moveText(Number(before), Number(after))]];
  return Object.entries(before).map(([name, was]) => [name, moveText(was, after[name] ?? 0)]);
}

function moveText(before: number, after: number): string {
  const moved = after - before;
  return `${before.toFixed(4)} -> ${after.toFixed(4)} (${moved < 0 ? '' : '+'}${moved.toFixed(4)})`;
}

function turnsOf({ task, up, down, turned = [], n }: Answer): string[] {
  switch (task) {
    case 'classification':
      return [`  over one half  ${up} more, ${down} fewer`];
    case 'regression':
      return n === 1 ? [] : [`  rows  ${up} rise, ${down} fall`];
    case 'multiclass': {
      const turns = turned.map(({ from, to, rows }) => `${from} to ${to}${n === 1 ? '' : ` ${rows}`}`);
      return [`  likeliest class  ${turns.join(', ') || 'the same'}`];
    }
  }
}

function changeFlag(value: string): Change {
  const change = parseChange(value);
  if (change !== undefined) return change;
  throw new SyntaxError(`Expected FEATURE=VALUE, FEATURE+=NUMBER or FEATURE*=NUMBER and received ${value}.`);
}

function impossible(why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `The change cannot be made: ${why}.`,
    next: 'See `driftwatch what-if --help`.',
  });
}
