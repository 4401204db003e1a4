import type { Candidate, Family } from './candidate.ts';
import { isFiniteNumber } from './pair.ts';

/** Serving is a logarithm or root of the training value, or the other way round: a step applied on one side only. */
export const logarithm: Family = {
  family: 'log',
  candidates(_pairs, context) {
    if (context.kind !== 'numeric') return [];
    return WAYS.map(
      ([said, change]): Candidate => ({
        name: 'log',
        parameters: `serving = ${said}`,
        parameterBits: 5,
        predict: ({ training }) => {
          if (!isFiniteNumber(training)) return undefined;
          const value = change(training);
          return Number.isNaN(value) ? undefined : value;
        },
      }),
    );
  },
};

const WAYS = [
  ['ln(training)', Math.log],
  ['ln(1 + training)', Math.log1p],
  ['log10(training)', Math.log10],
  ['log2(training)', Math.log2],
  ['log10(1 + training)', (x: number) => Math.log10(1 + x)],
  ['exp(training)', Math.exp],
  ['exp(training) - 1', Math.expm1],
  ['10^training', (x: number) => 10 ** x],
  ['square root of training', Math.sqrt],
  ['training squared', (x: number) => x * x],
] as const;
