import type { Candidate, Family } from './candidate.ts';
import { halfMode } from './half-mode.ts';
import { type Conversion, KNOWN_UNITS } from './known-units.ts';
import { isFiniteNumber } from './pair.ts';
import { written } from './written.ts';

/**
 * Another unit: serving is the training value times a factor, or an affine unit such as Celsius. Factors come
 * from a list, and one free factor from the data. On a nearly constant feature a factor and an offset cannot
 * be told apart; both are then reported.
 */
export const unit: Family = {
  family: 'unit',
  candidates(pairs, context) {
    if (context.kind === 'categorical' || context.kind === 'text') return [];
    const listed = KNOWN_UNITS.map((conversion) => ofConversion(conversion, context.unit));
    const ratios = pairs.flatMap(({ training, serving }) =>
      isFiniteNumber(training) && isFiniteNumber(serving) && training !== 0 ? [serving / training] : [],
    );
    const ratio = halfMode(ratios);
    // A time zone is a factor of nearly 1 on a time since 1970.
    if (context.kind === 'timestamp') return listed;
    if (ratio === undefined || !Number.isFinite(ratio) || ratio === 0) return listed;
    return [...listed, freeRatio(ratio)];
  },
};

function ofConversion(conversion: Conversion, contractUnit: string): Candidate {
  const { from, to, factor, before, after, said } = conversion;
  const meant = from !== '' && from === contractUnit;
  const named = from === '' ? '' : ` (unit: ${from} sent as ${to})`;
  return {
    name: 'unit',
    parameters: `serving = ${said}${named}`,
    // A conversion from the unit that the contract names is likelier than any other.
    parameterBits: meant ? 4 : 6,
    predict: ({ training }) => (isFiniteNumber(training) ? (training - before) * factor + after : undefined),
  };
}

function freeRatio(ratio: number): Candidate {
  return {
    name: 'unit',
    parameters: `serving = training x ${written(ratio)} (no unit known to have this factor)`,
    parameterBits: 26,
    predict: ({ training }) => (isFiniteNumber(training) ? training * ratio : undefined),
  };
}
