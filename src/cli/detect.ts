import { buildCommand, buildRouteMap, type CommandContext } from '@stricli/core';

export interface DetectErrorsFlags {
  readonly detector: readonly string[];
  readonly atRateOf?: string | undefined;
  readonly json: boolean;
}

/** `driftwatch detect`: detectors on recorded streams, with a report card. */
export const command = buildRouteMap({
  docs: { brief: 'Run change detectors over recorded streams and score them' },
  routes: {
    errors: buildCommand<DetectErrorsFlags, [string], CommandContext>({
      docs: {
        brief: 'Run detectors over 0/1 error streams: alarms, then the report card',
        fullDescription: [
          'FILE holds one JSON object a line (.ndjson, or .ndjson.gz): {stream, seed, drift_at, bits}, where bits',
          'is a string of 0 (right) and 1 (wrong) and drift_at the 0-based index of the first changed element, or',
          'null.',
          '',
          'For each stream and detector a line {stream, seed, detector, alarms} is printed, alarms being 0-based',
          'indices; then the report card: false alarms per 100,000 elements (beginnings that streams share counted',
          'once, exact Poisson interval), median delay and missed share with 95% intervals. A drift counts with',
          'the first alarm at or after it, whatever came before.',
          '',
          'NAME may carry a threshold: focus@15.9. Without --detector the default for error streams runs.',
          '',
          '--at-rate-of seed gives the default, stream by stream, the threshold with which it alarms falsely as',
          'often as SEED does there, by the calibration table, and prints the delays of both with a verdict.',
        ].join('\n'),
      },
      parameters: {
        positional: {
          kind: 'tuple',
          parameters: [{ brief: 'Error streams', parse: String, placeholder: 'FILE' }],
        },
        flags: detectorFlags(),
      },
      loader: async () => (await import('./detect-errors.ts')).detectErrors,
    }),
    fresh: buildCommand<DetectErrorsFlags & { runs: number; seed: number }, [], CommandContext>({
      docs: {
        brief: 'The same on streams made from a seed: steps after long and short beginnings',
        fullDescription: [
          'Independent error bits whose rate steps after 500, 2,000 or 50,000 elements, up and down, and',
          'stretches without any change. Output as of `driftwatch detect errors`; the same seed gives the same',
          'streams on any machine.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          ...detectorFlags(),
          runs: { kind: 'parsed', parse: wholeNumber, brief: 'Streams of each kind', default: '100' },
          seed: { kind: 'parsed', parse: wholeNumber, brief: 'First seed', default: '1' },
        },
      },
      loader: async () => (await import('./detect-errors.ts')).detectFresh,
    }),
    golden: buildCommand<Readonly<Record<never, never>>, [string], CommandContext>({
      docs: {
        brief: 'Hold the detectors against alarms of River and MOA',
        fullDescription: [
          'FILE is JSON, {bits: {name: {data: "0101...", river: {DETECTOR: {drift: [...]}}, moa: {DETECTOR: [...]}}},',
          "reals: {...}}, with 0-based alarm indices at the libraries' defaults. Prints one JSON object:",
          '{cases, checked, first_alarms_equal, all_alarms_equal, failures, notes, not_followed}.',
          'Exit status 1 when an alarm differs that should not.',
        ].join('\n'),
      },
      parameters: {
        positional: {
          kind: 'tuple',
          parameters: [{ brief: 'Alarms of other libraries', parse: String, placeholder: 'FILE' }],
        },
      },
      loader: async () => (await import('./detect-golden.ts')).detectGolden,
    }),
  },
});

function detectorFlags() {
  return {
    detector: {
      kind: 'parsed',
      parse: String,
      variadic: ',',
      brief: 'Detectors to run, separated by commas; `default`, `all`, or a name, with @threshold if wanted',
      placeholder: 'NAME,...',
      default: ['default'],
    },
    atRateOf: {
      kind: 'parsed',
      parse: String,
      optional: true,
      brief:
        'Also compare the default with NAME, stream by stream, at as many false alarms as NAME has there',
      placeholder: 'NAME',
    },
    json: {
      kind: 'boolean',
      brief: 'Print the report card as one line of JSON instead of a table',
      default: false,
    },
  } as const;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SyntaxError(`Expected a whole number and received ${text}.`);
}
