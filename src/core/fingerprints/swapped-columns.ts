import type { Candidate, Family } from './candidate.ts';

/** Serving has the value of another feature of the same example. Needs the other features' values. */
export const swappedColumns: Family = {
  family: 'swapped columns',
  candidates(pairs) {
    const names = new Set(pairs.flatMap(({ others }) => Object.keys(others ?? {})));
    return [...names].sort().map(
      (name): Candidate => ({
        name: 'swapped columns',
        parameters: `serving has the value of ${name}`,
        parameterBits: 6,
        predict: ({ others }) => others?.[name]?.training,
      }),
    );
  },
};
