import type { Family } from './candidate.ts';
import { halfMode } from './half-mode.ts';
import { differences } from './offset.ts';
import { isFiniteNumber } from './pair.ts';
import type { PairContext } from './pair-context.ts';

/**
 * A moment read in another zone: a shift by a whole number of quarter hours within 14 hours, on timestamps,
 * numbers of seconds or milliseconds since 1970, and hours of the day (modulo 24). On a feature with a fixed
 * cadence a stale value looks the same; both are then reported.
 */
export const timeZone: Family = {
  family: 'time zone',
  candidates(pairs, context) {
    const hour = unitsPerHour(context);
    const shift = halfMode(differences(pairs));
    if (hour === undefined || shift === undefined) return [];
    const cyclic = context.unit === 'hour';
    const quarters = cyclic
      ? Array.from({ length: 23 }, (_, at) => 4 * (at < 12 ? at + 1 : at - 23))
      : [Math.round((4 * shift) / hour)];
    return quarters
      .filter((count) => count !== 0 && Math.abs(count) <= 56)
      .map((count) => ({
        name: 'time zone',
        parameters: `serving is ${Math.abs(count) / 4} h ${count > 0 ? 'later' : 'earlier'} than training`,
        parameterBits: 7,
        predict: ({ training }) => {
          if (!isFiniteNumber(training)) return undefined;
          const moved = training + (count * hour) / 4;
          return cyclic ? ((moved % 24) + 24) % 24 : moved;
        },
      }));
  },
};

/** How many of the feature's units an hour has; undefined when it is no time. */
function unitsPerHour(context: PairContext): number | undefined {
  if (context.kind === 'timestamp') return 3_600_000;
  if (context.kind !== 'numeric') return undefined;
  if (context.unit === 'hour') return 1;
  const middle = Math.abs(context.sorted[context.sorted.length >> 1] ?? 0);
  const since1970 = EPOCHS.find(({ from, until }) => middle >= from && middle < until);
  return since1970?.perHour;
}

/** Seconds, milliseconds, microseconds between the years 2001 and 2096. */
const EPOCHS = [
  { from: 1e9, until: 4e9, perHour: 3_600 },
  { from: 1e12, until: 4e12, perHour: 3_600_000 },
  { from: 1e15, until: 4e15, perHour: 3_600_000_000 },
] as const;
