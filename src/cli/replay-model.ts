import { buildCommand, type CommandContext } from '@stricli/core';
import { type Replay, replayModel } from '../../processors/replay/replay-model.ts';
import type { Agreement } from '../core/experiments/agreement.ts';
import { parseRepair, REPAIRS, type Repair } from '../core/models/repair.ts';
import type { MeanAnswer } from '../core/performance/mean-answer.ts';
import type { Measured } from '../core/performance/measured.ts';
import { sentence } from '../errors.ts';
import { VERSION_BRIEF, versionNamed } from './aliases.ts';
import { chosenModel, instantFlag, MODEL_FLAG, withReplayPorts } from './replay-ports.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags } from './settings.ts';

interface ReplayFlags extends SettingsFlags {
  readonly model?: string;
  readonly from: number;
  readonly until: number;
  readonly repair?: Repair;
  readonly json: boolean;
}

/** `driftwatch replay-model VERSION`: any stored version on any past window. */
export const command = buildCommand<ReplayFlags, [string], CommandContext>({
  docs: {
    brief: 'Score any stored version on any past window',
    fullDescription: [
      'Scores a stored version on the served rows of a window of event time. On the rows that it answered itself',
      'the answers must be those that were logged, bit for bit, of classes the probability of every one: exit status 1',
      'when one is not. Prints log-loss where labels are there, and mean squared error of a model of numbers.',
      '',
      'With --repair FEATURE=NAME or FEATURE=NAME:FIELD=VALUE also what the predictions would have been without a',
      `fault, e.g. temperature=celsius_to_fahrenheit:origin=EWR. Names: ${Object.keys(REPAIRS).join(', ')}.`,
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
      from: { kind: 'parsed', parse: instantFlag, brief: 'First event time', placeholder: 'date' },
      until: {
        kind: 'parsed',
        parse: instantFlag,
        brief: 'End of event time, exclusive',
        placeholder: 'date',
      },
      repair: {
        kind: 'parsed',
        parse: repairFlag,
        brief: 'Fault to undo',
        placeholder: 'FEATURE=NAME[:FIELD=VALUE]',
        optional: true,
      },
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  func: runReplay,
});

async function runReplay(
  this: CommandContext,
  flags: ReplayFlags,
  named: string,
): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const { from: fromMs, until: untilMs, repair } = flags;
    const model = chosenModel(settings, flags.model);
    const version = await versionNamed(settings, model, named);
    const replay = await withReplayPorts(settings, model, (ports, contracts) =>
      replayModel({
        ports,
        contracts,
        version,
        fromMs,
        untilMs,
        ...(repair === undefined ? {} : { repair }),
      }),
    );
    this.process.stdout.write(
      flags.json ? `${JSON.stringify({ version, ...replay })}\n` : text(version, replay),
    );
    if (replay.own.same === replay.own.n) return undefined;
    return new Error(`${replay.own.n - replay.own.same} answers of ${version} are not what it logged.`);
  } catch (error) {
    return new Error(sentence(error));
  }
}

function text(version: string, replay: Replay): string {
  const { measure } = replay;
  const width = `${measure} of what was logged`.length;
  const lines = [
    `${version} on ${replay.rows} served rows`,
    `  ${'rows it answered itself'.padEnd(width)} ${agreementText(replay.own)}`,
    `  ${'rows others answered'.padEnd(width)} ${agreementText(replay.others)}`,
    `  ${measure} of what was logged ${measured(replay.loggedLoss)}`,
    `  ${`${measure} of ${version}`.padEnd(width)} ${measured(replay.replayedLoss)}`,
  ];
  const { repaired } = replay;
  if (repaired !== undefined) {
    const moved = moves(repaired.meanBefore, repaired.meanAfter).join(', ');
    lines.push(
      `  ${'repaired'.padEnd(width)} ${repaired.changedRows} rows; mean prediction ${moved}, largest move ${repaired.moved.largest.toFixed(4)}`,
      `  ${`${measure} of these rows`.padEnd(width)} ${measured(repaired.lossBefore)} -> ${measured(repaired.lossAfter)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** How a mean answer moved, of classes one after the other. */
function moves(before: MeanAnswer, after: MeanAnswer): string[] {
  if (typeof before === 'number' || typeof after === 'number')
    return [`${Number(before).toFixed(4)} -> ${Number(after).toFixed(4)}`];
  return Object.entries(before).map(
    ([name, was]) => `${name} ${was.toFixed(4)} -> ${(after[name] ?? 0).toFixed(4)}`,
  );
}

function agreementText({ n, same, largest }: Agreement): string {
  return n === 0 ? 'none' : `${same} of ${n} the same bit for bit, largest difference ${largest}`;
}

function measured(value: Measured): string {
  return value.status === 'ok' ? `${value.value.toFixed(4)} (n ${value.n})` : 'no labels';
}

function repairFlag(value: string): Repair {
  const repair = parseRepair(value);
  if (repair !== undefined) return repair;
  throw new SyntaxError(`Expected FEATURE=NAME or FEATURE=NAME:FIELD=VALUE and received ${value}.`);
}
