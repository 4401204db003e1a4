import type { Candidate, Family } from './candidate.ts';
import { isFiniteNumber, type Value } from './pair.ts';
import { DIGITS, placeOf, toDigits } from './truncation.ts';

/**
 * Serving is the training value rounded to fewer decimals, or up. Halves may go either way: languages differ.
 * Rounding and truncation agree on half of all values, so a handful of ids may not tell them apart.
 */
export const rounding: Family = {
  family: 'rounding',
  candidates(_pairs, context) {
    if (context.kind === 'categorical' || context.kind === 'text') return [];
    return DIGITS.flatMap((digits): Candidate[] => [
      {
        name: 'rounding',
        parameters: `serving = training rounded to ${placeOf(digits)}`,
        parameterBits: 4,
        predict: ({ training, serving }) =>
          isFiniteNumber(training) ? nearest(training, serving, digits) : undefined,
      },
      {
        name: 'rounding',
        parameters: `serving = training rounded up to ${placeOf(digits)}`,
        parameterBits: 5,
        predict: ({ training }) =>
          isFiniteNumber(training) ? toDigits(training, digits, Math.ceil) : undefined,
      },
    ]);
  },
};

/** Of the two neighbours of a half, the one that serving is closer to. */
function nearest(training: number, serving: Value, digits: number): number {
  const up = toDigits(training, digits, Math.round);
  const down = toDigits(training, digits, (x) => Math.ceil(x - 0.5));
  if (up === down || !isFiniteNumber(serving)) return up;
  return Math.abs(serving - down) < Math.abs(serving - up) ? down : up;
}
