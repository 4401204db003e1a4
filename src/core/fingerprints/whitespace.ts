import type { Candidate, Family } from './candidate.ts';

/** Serving differs from training in spaces only: trimmed, squeezed, taken out, replaced. */
export const whitespace: Family = {
  family: 'whitespace',
  candidates(_pairs, context) {
    if (context.kind === 'numeric' || context.kind === 'timestamp') return [];
    const ways = WAYS.map(
      ([said, change]): Candidate => ({
        name: 'whitespace',
        parameters: `serving = training ${said}`,
        parameterBits: 4,
        predict: ({ training }) => (typeof training === 'string' ? change(training) : undefined),
      }),
    );
    return [
      ...ways,
      {
        name: 'whitespace',
        parameters: 'serving = training but for spaces',
        parameterBits: 4,
        looks: true,
        predict: ({ training, serving }) =>
          typeof training === 'string' &&
          typeof serving === 'string' &&
          training.replaceAll(SPACES, '') === serving.replaceAll(SPACES, '')
            ? serving
            : undefined,
        // It leaves open how many and where.
        saved: (_pair, cost) => 0.8 * cost,
      },
    ];
  },
};

const SPACES = /\s+/gu;
const WAYS = [
  ['without spaces around it', (text: string) => text.trim()],
  ['with single spaces', (text: string) => text.trim().replaceAll(SPACES, ' ')],
  ['without spaces', (text: string) => text.replaceAll(SPACES, '')],
  ['with _ for spaces', (text: string) => text.replaceAll(SPACES, '_')],
  ['with - for spaces', (text: string) => text.replaceAll(SPACES, '-')],
  ['with a space after it', (text: string) => `${text} `],
  ['with a space before it', (text: string) => ` ${text}`],
  ['with a line end after it', (text: string) => `${text}\n`],
  ['with a carriage return after it', (text: string) => `${text}\r`],
] as const;
