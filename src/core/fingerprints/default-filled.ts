import type { Candidate, Family } from './candidate.ts';
import { halfMode } from './half-mode.ts';
import { isFiniteNumber, type Pair, sameValue, type Value } from './pair.ts';
import { written } from './written.ts';

/**
 * Serving has one constant whatever training says: a default in the place of a value that could not be got.
 * No value at all is the same with the name `missing`. A constant that many training examples have as well
 * proves little, which the scoring knows.
 */
export const defaultFilled: Family = {
  family: 'default-filled',
  candidates(pairs) {
    const constants = commonest(pairs);
    return constants.map((constant): Candidate => {
      const missing = constant === null;
      return {
        name: missing ? 'missing' : 'default-filled',
        parameters: missing ? 'serving has no value' : `serving is ${written(constant)} instead of the value`,
        parameterBits: missing ? 3 : priceOf(constant),
        constant: true,
        predict: () => constant,
      };
    });
  },
};

/** The commonest serving value as it is, and where finite numbers crowd, for constants with jitter. */
function commonest(pairs: readonly Pair[]): Value[] {
  const counts = new Map<Value, number>();
  for (const { serving } of pairs) counts.set(serving, (counts.get(serving) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (`${a[0]}` < `${b[0]}` ? -1 : 1));
  const first = sorted[0];
  const crowd = halfMode(pairs.map(({ serving }) => serving).filter(isFiniteNumber));
  const found: Value[] = first === undefined ? [] : [first[0]];
  if (counts.has(null) && first?.[0] !== null) found.push(null);
  if (crowd !== undefined) found.push(crowd, ...USUAL_NUMBERS.filter((usual) => isNear(usual, crowd)));
  return found.filter((value, at) => found.findIndex((other) => sameValue(other, value)) === at);
}

/** Jitter moves the crowd of a usual default by far less than 1 or 1%. */
function isNear(usual: number, crowd: number): boolean {
  return Math.abs(usual - crowd) <= Math.max(0.5, 0.01 * Math.abs(usual));
}

function priceOf(constant: Value): number {
  const usual = typeof constant === 'number' ? USUAL_NUMBERS : USUAL_TEXTS;
  return usual.some((value) => sameValue(value, constant)) ? 6 : 20;
}

const USUAL_NUMBERS: readonly number[] = [
  0,
  1,
  -1,
  -99,
  -999,
  -9_999,
  99,
  999,
  9_999,
  99_999,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const USUAL_TEXTS: readonly Value[] = [
  '',
  '-',
  '0',
  '-1',
  'unknown',
  'Unknown',
  'UNKNOWN',
  'other',
  'Other',
  'OTHER',
  'default',
  'missing',
  'none',
  'None',
  'null',
  'NULL',
  'nan',
  'NaN',
  'N/A',
  'n/a',
  'NA',
];
