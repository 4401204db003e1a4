import { buildCommand, type CommandContext } from '@stricli/core';

export interface CalibrateFlags {
  readonly detector: string;
  readonly runs: number;
  readonly seed: number;
  readonly length: number;
  readonly rate: readonly number[];
  readonly json: boolean;
}

/** `driftwatch calibrate`: which threshold buys which run length. */
export const command = buildCommand<CalibrateFlags, [], CommandContext>({
  docs: {
    brief: 'Simulate streams without change and print the threshold for each false alarm rate',
    fullDescription: [
      'Runs the detector over --runs streams of independent error bits for each error rate, without resetting',
      'it, and prints the threshold at which false alarms come .02 to 3 times in 100,000 elements, with 95%',
      'intervals. The table in src/core/thresholds/run-lengths.ts was made by this command.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      detector: {
        kind: 'parsed',
        parse: String,
        brief: 'Detector',
        default: 'focus-with-bets',
        placeholder: 'NAME',
      },
      runs: { kind: 'parsed', parse: wholeNumber, brief: 'Streams for each error rate', default: '500' },
      seed: { kind: 'parsed', parse: wholeNumber, brief: 'First seed', default: '1' },
      length: { kind: 'parsed', parse: wholeNumber, brief: 'Elements of a stream', default: '100000' },
      rate: {
        kind: 'parsed',
        parse: share,
        variadic: ',',
        brief: 'Error rates, separated by commas',
        placeholder: 'RATE,...',
        default: ['0.01', '0.05', '0.1', '0.2', '0.5'],
      },
      json: { kind: 'boolean', brief: 'Print JSON lines instead of a table', default: false },
    },
  },
  loader: async () => (await import('./calibrate-detector.ts')).calibrate,
});

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new SyntaxError(`Expected a whole number above 0 and received ${text}.`);
}

function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new SyntaxError(`Expected an error rate between 0 and 1 and received ${text}.`);
}
