import type { Candidate, Family } from './candidate.ts';
import { type Pair, sameValue } from './pair.ts';

/**
 * Serving has a value that the entity had before: one, two or three changes ago, or the one of a fixed time
 * ago. Needs earlier values of the entity. Says nothing about an entity whose value has not changed.
 */
export const stale: Family = {
  family: 'stale',
  candidates(pairs) {
    if (!pairs.some(({ earlier }) => (earlier?.length ?? 0) > 0)) return [];
    const steps = [1, 2, 3].map(
      (back): Candidate => ({
        name: 'stale',
        parameters: back === 1 ? 'serving has the value before' : `serving has the value ${back} before`,
        parameterBits: 4,
        predict: (pair) => changesAgo(pair, back),
      }),
    );
    const ages = STALE_AGES.map(
      ([said, ageMs]): Candidate => ({
        name: 'stale',
        parameters: `serving has the value of ${said} before`,
        parameterBits: 5,
        predict: (pair) => asOf(pair, ageMs),
      }),
    );
    return [...steps, ...ages];
  },
};

/** The value before the last change, or before the one before that; equal values in a row are one. */
function changesAgo({ training, earlier = [] }: Pair, back: number): Pair['training'] | undefined {
  let [present, changes] = [training, 0];
  for (const { value } of earlier) {
    if (sameValue(value, present)) continue;
    present = value;
    changes += 1;
    if (changes === back) return value;
  }
  return undefined;
}

/** The newest of the earlier values that is at least this old; undefined when there is none or it is the present one. */
function asOf(pair: Pair, ageMs: number): Pair['training'] | undefined {
  const old = pair.earlier?.find(({ agoMs }) => agoMs >= ageMs);
  return old === undefined || sameValue(old.value, pair.training) ? undefined : old.value;
}

const MINUTE = 60_000;
/** How long ago a stale value may be from, in words and milliseconds. */
export const STALE_AGES = [
  ['5 min', 5 * MINUTE],
  ['15 min', 15 * MINUTE],
  ['1 h', 60 * MINUTE],
  ['6 h', 360 * MINUTE],
  ['1 day', 1_440 * MINUTE],
  ['7 days', 10_080 * MINUTE],
] as const;
