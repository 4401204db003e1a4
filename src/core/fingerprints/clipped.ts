import type { Candidate, Family } from './candidate.ts';
import { toGrid } from './grid-step.ts';
import { halfMode } from './half-mode.ts';
import { isFiniteNumber } from './pair.ts';
import { countBetween, type PairContext } from './pair-context.ts';
import { written } from './written.ts';

/**
 * Serving is capped at a bound: everything beyond it becomes the bound. A default looks the same but hits
 * values on both sides; that all changed values lie beyond the bound is the evidence for clipping, and is
 * worth minus log2 of the share of training values there for each of them. A bound with no training value on its
 * other side is a default by another name.
 */
export const clipped: Family = {
  family: 'clipped',
  candidates(pairs, context) {
    if (context.kind === 'categorical' || context.kind === 'text') return [];
    const bound = halfMode(pairs.map(({ serving }) => serving).filter(isFiniteNumber));
    if (bound === undefined) return [];
    // Of the values around, the roundest is likelier to be the bound than what jitter made of it.
    const bounds = new Set([
      bound,
      ...(context.trainingStep > 0 ? [toGrid(bound, context.trainingStep)] : []),
    ]);
    return [...bounds].flatMap((at) => [...ofBound(at, 1, context), ...ofBound(at, -1, context)]);
  },
};

function ofBound(bound: number, side: 1 | -1, context: PairContext): Candidate[] {
  const slack = 0.51 * context.trainingStep;
  const beyond = (x: number) => side * (x - bound) > slack;
  const above = countBetween(context.sorted, bound + slack, Number.POSITIVE_INFINITY);
  const below = countBetween(context.sorted, Number.NEGATIVE_INFINITY, bound - slack);
  if ((side === 1 ? below : above) === 0) return [];
  const share = ((side === 1 ? above : below) + 0.5) / (above + below + 1);
  const selection = Math.max(0, -Math.log2(share));
  return [
    {
      name: 'clipped',
      parameters: `serving is at ${side === 1 ? 'most' : 'least'} ${written(bound)}`,
      parameterBits: 22,
      constant: true,
      predict: ({ training }) => (isFiniteNumber(training) && beyond(training) ? bound : undefined),
      saved: (_pair, cost) => cost + selection,
    },
  ];
}
