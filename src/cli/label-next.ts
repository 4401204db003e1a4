import { buildCommand, type CommandContext } from '@stricli/core';
import { z } from 'zod';
import { chooseLabels, type LabelChoice } from '../../processors/detect/choose-labels.ts';
import { viewModel } from '../../processors/panes/model-view.ts';
import { parseDuration } from '../core/windows/duration.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { count, instant } from '../io/clickhouse/columns.ts';
import { chosenModel, instantFlag, MODEL_FLAG, withReplayPorts } from './replay-ports.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags } from './settings.ts';

interface LabelNextFlags extends SettingsFlags {
  readonly model?: string;
  readonly window: number;
  readonly until?: number;
  readonly count: number;
  readonly json: boolean;
}

/** `driftwatch label-next`: which ids to have labelled, so that a verdict on concept drift comes soonest. */
export const command = buildCommand<LabelNextFlags, [], CommandContext>({
  docs: {
    brief: 'Which ids to have labelled next, and why',
    fullDescription: [
      'Reads the examples served in a window that have no label yet and prints those whose label would tell most',
      'about concept drift: the model is unsure of them, and such examples have become frequent. A model of numbers',
      'does not say how sure it is: there the frequency alone decides. What was served before the window is what',
      'they are compared with. The ids are chosen by their features alone, so their',
      'labels are a fair test of P(y|x); they are not a sample of the window, so no accuracy should be computed',
      'on them. Prints id, information (3 tells as much as 3 average examples) and the reason.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...SETTINGS_FLAGS,
      model: MODEL_FLAG,
      window: {
        kind: 'parsed',
        parse: durationFlag,
        brief: 'Length of the window',
        placeholder: 'duration',
        default: '1d',
      },
      until: {
        kind: 'parsed',
        parse: instantFlag,
        brief: 'End of the window; the newest example without it',
        placeholder: 'date',
        optional: true,
      },
      count: { kind: 'parsed', parse: countFlag, brief: 'How many ids', placeholder: 'N', default: '20' },
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  func: runLabelNext,
});

async function runLabelNext(this: CommandContext, flags: LabelNextFlags): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const model = chosenModel(settings, flags.model);
    const choice = await withReplayPorts(settings, model, async ({ clickhouse }, contracts) => {
      const view = viewModel({ ...contracts, segments: [] });
      const untilMs = flags.until ?? (await endOf(clickhouse, view.tables.serving));
      return chooseLabels({ clickhouse, view, fromMs: untilMs - flags.window, untilMs, count: flags.count });
    });
    this.process.stdout.write(flags.json ? `${JSON.stringify({ model, ...choice })}\n` : text(choice));
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

/** Just after the newest example. */
async function endOf(
  clickhouse: Parameters<typeof chooseLabels>[0]['clickhouse'],
  table: string,
): Promise<number> {
  const [last] = await clickhouse.rows('last-row', { table }, z.object({ event_time: instant, rows: count }));
  if (last !== undefined && last.rows > 0) return last.event_time + 1;
  throw new DriftwatchError({
    code: 'NOT_YET',
    message: `There is no row in ${table}.`,
    next: 'Let the model answer first.',
  });
}

function text({ requests, unlabelled, reference }: LabelChoice): string {
  if (requests.length === 0) {
    return `Nothing to choose from: ${unlabelled} examples without a label in the window, ${reference} before it.\n`;
  }
  return requests
    .map(({ id, information, reason }) => `${id}  ${information.toFixed(1)}  ${reason}\n`)
    .join('');
}

function durationFlag(value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) throw new SyntaxError(`Expected a duration such as 1d and received ${value}.`);
  return ms;
}

function countFlag(value: string): number {
  const count = Number(value);
  if (Number.isInteger(count) && count > 0) return count;
  throw new SyntaxError(`Expected a whole number above 0 and received ${value}.`);
}
