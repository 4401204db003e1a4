import { buildCommand, type CommandContext } from '@stricli/core';
import { short } from '../../processors/detect/describe.ts';
import {
  type Distances,
  measureBinnedDistance,
  measureDistance,
} from '../../processors/detect/measure-distance.ts';
import type { Span } from '../../processors/detect/read-window.ts';
import { viewModel } from '../../processors/panes/model-view.ts';
import type { Result } from '../core/statistic.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { chosenModel, instantFlag, MODEL_FLAG, withReplayPorts } from './replay-ports.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags } from './settings.ts';

interface DistanceFlags extends SettingsFlags {
  readonly model?: string;
  readonly reference: Span;
  readonly current: Span;
  readonly training: boolean;
  readonly segment?: string;
  readonly json: boolean;
}

const SPAN = {
  kind: 'parsed',
  parse: spanFlag,
  placeholder: 'from/until',
} as const;

/** `driftwatch distance`: the exact statistics behind a verdict from bins, for any number of rows. */
export const command = buildCommand<DistanceFlags, [string], CommandContext>({
  docs: {
    brief: 'How far a numeric feature is between two stretches of stored rows, exactly',
    fullDescription: [
      'Verdicts are made from counts in bins. This sorts the served rows of two stretches of event time in ClickHouse and',
      'prints Kolmogorov-Smirnov and Wasserstein-1 of the rows themselves, and beside them the same from the counts of the',
      'panes, with the resolution that bins have: the exact value is within it. The p-value takes rows to be independent',
      'of each other. It decides nothing and pages nobody.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'Numeric feature of the model', parse: String, placeholder: 'feature' }],
    },
    flags: {
      ...SETTINGS_FLAGS,
      model: MODEL_FLAG,
      reference: { ...SPAN, brief: 'Event time that is compared with, such as 2013-03-01/2013-04-01' },
      current: { ...SPAN, brief: 'Event time that is compared' },
      training: {
        kind: 'boolean',
        brief: 'The reference is training examples, and not what was served',
        default: false,
      },
      segment: {
        kind: 'parsed',
        parse: String,
        brief: 'Rows of one segment only',
        placeholder: 'field=value',
        optional: true,
      },
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  func: runDistance,
});

async function runDistance(
  this: CommandContext,
  flags: DistanceFlags,
  feature: string,
): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const model = chosenModel(settings, flags.model);
    const { reference, current } = flags;
    const measured = await withReplayPorts(settings, model, async ({ clickhouse }, contracts) => {
      const view = viewModel({ ...contracts, segments: [] });
      const known = view.features.find(({ field }) => field.name === feature);
      if (known?.field.kind !== 'numeric') throw notNumeric(model, feature);
      const segment = flags.segment === undefined ? undefined : segmentOf(flags.segment);
      if (segment !== undefined && !contracts.serving.fields.some(({ name }) => name === segment.name))
        throw notNumeric(model, segment.name);
      const { tables } = view;
      const exact = await measureDistance({
        clickhouse,
        feature,
        ...(segment === undefined ? {} : { segment }),
        reference: { ...reference, table: flags.training ? tables.training : tables.serving },
        current: { ...current, table: tables.serving },
      });
      if (flags.training) return { exact };
      const cell = { model, feature, segment: flags.segment ?? '' };
      return { exact, binned: await measureBinnedDistance({ clickhouse, ...cell, reference, current }) };
    });
    this.process.stdout.write(
      flags.json ? `${JSON.stringify({ model, feature, ...measured })}\n` : text(measured),
    );
    return undefined;
  } catch (error) {
    return new Error(sentence(error));
  }
}

function text(of: { exact: Distances; binned?: Distances }): string {
  const { exact, binned } = of;
  return [
    line('Kolmogorov-Smirnov of the rows', exact.kolmogorovSmirnov),
    line('Wasserstein-1 of the rows', exact.wasserstein),
    ...(binned === undefined
      ? []
      : [
          line('Kolmogorov-Smirnov of the panes', binned.kolmogorovSmirnov),
          line('Wasserstein-1 of the panes', binned.wasserstein),
        ]),
  ].join('');
}

function line(name: string, result: Result): string {
  if (result.status === 'insufficient')
    return `${name.padEnd(34)}insufficient: ${result.why} (${result.have} of ${result.need})\n`;
  const { value, pValue, effect, effectUnit, n, m, details } = result;
  const resolution = details?.['resolution'];
  const parts = [
    short(value),
    ...(resolution === undefined ? [] : [`resolution ${short(resolution)}`]),
    ...(pValue === undefined ? [] : [`p ${short(pValue)}`]),
    ...(effect === undefined || effect === value ? [] : [`${short(effect)} ${effectUnit}`]),
    `${n} rows against ${m}`,
  ];
  return `${name.padEnd(34)}${parts.join(', ')}\n`;
}

function spanFlag(value: string): Span {
  const [from, until, ...rest] = value.split('/');
  if (from === undefined || until === undefined || rest.length > 0)
    throw new SyntaxError(`Expected from/until and received ${value}.`);
  const span = { fromMs: instantFlag(from), untilMs: instantFlag(until) };
  if (span.fromMs < span.untilMs) return span;
  throw new SyntaxError(`${value} ends before it begins.`);
}

function segmentOf(value: string): { name: string; value: string } {
  const at = value.indexOf('=');
  return { name: value.slice(0, Math.max(0, at)), value: value.slice(at + 1) };
}

function notNumeric(model: string, field: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `${field === '' ? 'A segment without a name' : field} is no numeric feature or segment of ${model}.`,
    next: 'Take a field of the serving contract.',
  });
}
