import type { Family } from './candidate.ts';

/** No value in training is 0 (or an empty text) in serving, or the other way round: one side lost the difference. */
export const nullZero: Family = {
  family: 'null-zero',
  candidates(_pairs, context) {
    const textual = context.kind === 'categorical' || context.kind === 'text';
    const zero = textual ? '' : 0;
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
      },
    ];
  },
};
