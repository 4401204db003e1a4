import type { Candidate, Family } from './candidate.ts';
import { isFiniteNumber } from './pair.ts';

/** Serving is cut: a number to fewer digits, towards zero or down; a text to its first characters. */
export const truncation: Family = {
  family: 'truncation',
  candidates(pairs, context) {
    if (context.kind === 'categorical' || context.kind === 'text') return textLengths(pairs).map(ofText);
    const signed = (context.sorted[0] ?? 0) < 0;
    return DIGITS.flatMap((digits) => [
      ofNumber(digits, Math.trunc, 'cut'),
      ...(signed ? [ofNumber(digits, Math.floor, 'rounded down')] : []),
    ]);
  },
};

function ofNumber(digits: number, cut: (x: number) => number, said: string): Candidate {
  return {
    name: 'truncation',
    parameters: `serving = training ${said} to ${placeOf(digits)}`,
    parameterBits: 4,
    predict: ({ training }) => (isFiniteNumber(training) ? toDigits(training, digits, cut) : undefined),
  };
}

/** Lengths that serving texts have where they begin the training text, the commonest first. */
function textLengths(pairs: Parameters<Family['candidates']>[0]): number[] {
  const counts = new Map<number, number>();
  for (const { training, serving } of pairs) {
    if (typeof training !== 'string' || typeof serving !== 'string') continue;
    if (serving.length >= training.length || !training.startsWith(serving) || serving === '') continue;
    const length = [...serving].length;
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1] || b[0] - a[0])
    .slice(0, 3)
    .map(([length]) => length);
}

function ofText(length: number): Candidate {
  return {
    name: 'truncation',
    parameters: `serving = the first ${length} character${length === 1 ? '' : 's'} of training`,
    parameterBits: 4 + Math.log2(length + 1),
    predict: ({ training }) => {
      if (typeof training !== 'string') return undefined;
      return [...training].slice(0, length).join('');
    },
  };
}

/** Applies a whole-number function at a decimal place, so that 2.3 at one digit does not become 2.2. */
export function toDigits(x: number, digits: number, whole: (x: number) => number): number {
  const scale = 10 ** Math.abs(digits);
  const steps = digits < 0 ? x / scale : x * scale;
  const near = Math.round(steps);
  const cut = Math.abs(steps - near) <= 1e-9 * Math.max(1, Math.abs(steps)) ? near : whole(steps);
  return digits < 0 ? cut * scale : cut / scale;
}

export function placeOf(digits: number): string {
  if (digits === 0) return 'whole numbers';
  return digits > 0 ? `${digits} decimal${digits === 1 ? '' : 's'}` : `${10 ** -digits}s`;
}

/** Decimal places, from three after the point to thousands. */
export const DIGITS = [3, 2, 1, 0, -1, -2, -3] as const;
