import type { Candidate, Family } from './candidate.ts';
import { type Pair, sameValue } from './pair.ts';

/**
 * Serving has a value that the entity had before: the one, two or three before, or the one of a fixed time
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
        predict: ({ earlier }) => earlier?.[back - 1]?.value,
      }),
    );
    const ages = AGES.map(
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

/** The newest of the earlier values that is at least this old; undefined when there is none or it is the present one. */
function asOf(pair: Pair, ageMs: number): Pair['training'] | undefined {
  const old = pair.earlier?.find(({ agoMs }) => agoMs >= ageMs);
  return old === undefined || sameValue(old.value, pair.training) ? undefined : old.value;
}

const MINUTE = 60_000;
const AGES = [
  ['5 min', 5 * MINUTE],
  ['15 min', 15 * MINUTE],
  ['1 h', 60 * MINUTE],
  ['6 h', 360 * MINUTE],
  ['1 day', 1_440 * MINUTE],
  ['7 days', 10_080 * MINUTE],
] as const;
