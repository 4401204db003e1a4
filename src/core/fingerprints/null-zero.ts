import type { Family } from './candidate.ts';
import { countBetween } from './pair-context.ts';

/** No value in training is 0 (or an empty text) in serving, or the other way round: one side lost the difference. */
export const nullZero: Family = {
  family: 'null-zero',
  candidates(_pairs, context) {
    const textual = context.kind === 'categorical' || context.kind === 'text';
    const zero = textual ? '' : 0;
    const zeros = textual ? (context.symbols.get('') ?? 0) : countBetween(context.sorted, 0, 0);
    // That only zeros lost their value tells it from a value that is missing whatever it was.
    const selection = Math.min(4, -Math.log2((zeros + 0.5) / (context.total + 1)));
    const said = textual ? 'an empty text' : '0';
    return [
      {
        name: 'null to zero',
        parameters: `serving is ${said} where training has no value`,
        parameterBits: 4,
        constant: true,
        predict: ({ training }) => (training === null ? zero : undefined),
      },
      {
        name: 'zero to null',
        parameters: `serving has no value where training is ${said}`,
        parameterBits: 4,
        constant: true,
        predict: ({ training }) => (training === zero || Object.is(training, -0) ? null : undefined),
        saved: (_pair, cost) => cost + selection,
      },
    ];
  },
};
