import type { Family } from './candidate.ts';
import { toGrid } from './grid-step.ts';
import { halfMode } from './half-mode.ts';
import { isFiniteNumber, type Pair } from './pair.ts';
import { written } from './written.ts';

/** Serving is the training value plus a constant. Off by one needs fewer bits than any other constant. */
export const offset: Family = {
  family: 'offset',
  candidates(pairs, context) {
    if (context.kind === 'categorical' || context.kind === 'text') return [];
    const shift = halfMode(differences(pairs));
    const grid = context.trainingStep;
    // Of the shifts around, one of whole grid steps is likelier than what jitter made of it.
    const round = shift === undefined || grid === 0 ? [] : [toGrid(shift, grid)];
    const shifts = [...new Set([...(shift === undefined ? [] : [shift]), ...round])]
      .filter((one) => one !== 0)
      .map((one) => ({ shift: one, parameterBits: 18 }));
    const ones = context.kind === 'numeric' && context.trainingStep === 1 ? [1, -1] : [];
    return [...shifts, ...ones.map((one) => ({ shift: one, parameterBits: 12 }))].map((one) => ({
      name: 'offset',
      parameters: `serving = training ${one.shift < 0 ? '-' : '+'} ${written(Math.abs(one.shift))}`,
      parameterBits: one.parameterBits,
      predict: ({ training }) => (isFiniteNumber(training) ? training + one.shift : undefined),
    }));
  },
};

/** Serving minus training where both are finite numbers. */
export function differences(pairs: readonly Pair[]): number[] {
  return pairs.flatMap(({ training, serving }) =>
    isFiniteNumber(training) && isFiniteNumber(serving) ? [serving - training] : [],
  );
}
