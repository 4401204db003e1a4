import type { Candidate, Family } from './candidate.ts';

/** Serving is the training text in other letters: all small, all capital, words capitalised. Locale-free. */
export const letterCase: Family = {
  family: 'case',
  candidates(_pairs, context) {
    if (context.kind === 'numeric' || context.kind === 'timestamp') return [];
    return [
      ...WAYS.map(
        ([said, change]): Candidate => ({
          name: 'case',
          parameters: `serving = training in ${said}`,
          parameterBits: 4,
          predict: ({ training }) => (typeof training === 'string' ? change(training) : undefined),
        }),
      ),
      {
        name: 'case',
        parameters: 'serving = training but for small and capital letters',
        parameterBits: 4,
        looks: true,
        predict: ({ training, serving }) =>
          typeof training === 'string' &&
          typeof serving === 'string' &&
          training.toLowerCase() === serving.toLowerCase()
            ? serving
            : undefined,
        // It leaves open which letters, so it says less than a direction.
        saved: (_pair, cost) => 0.8 * cost,
      },
    ];
  },
};

const capitalise = (word: string) => {
  const [first = '', ...rest] = word;
  return first.toUpperCase() + rest.join('').toLowerCase();
};
const WAYS = [
  ['small letters', (text: string) => text.toLowerCase()],
  ['capitals', (text: string) => text.toUpperCase()],
  ['words with a capital', (text: string) => text.split(' ').map(capitalise).join(' ')],
  ['small letters with a first capital', capitalise],
] as const;
