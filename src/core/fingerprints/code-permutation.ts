import type { Candidate, Family } from './candidate.ts';
import { isFiniteNumber, type Pair, type Value } from './pair.ts';
import { written } from './written.ts';

/**
 * Each category is sent as another one: two encoders numbered their categories differently. The mapping is
 * read off the pairs, and every entry of it must pay for itself, so it needs several ids per category; of
 * three categories a mismatch leaves only two to choose from, which takes about 40 ids.
 */
export const codePermutation: Family = {
  family: 'code permutation',
  candidates(pairs, context) {
    if (context.kind === 'timestamp') return [];
    const seen = new Map<Value, Map<Value, number>>();
    for (const { training, serving } of pairs) {
      if (training === null || serving === null) continue;
      const row = seen.get(training) ?? new Map<Value, number>();
      seen.set(training, row.set(serving, (row.get(serving) ?? 0) + 1));
    }
    if (seen.size > MOST || (context.kind === 'numeric' && seen.size > MOST_NUMBERS)) return [];
    const mapping = new Map<Value, Value>();
    for (const [from, row] of seen) {
      const [best] = [...row].sort((a, b) => b[1] - a[1] || (`${a[0]}` < `${b[0]}` ? -1 : 1));
      if (best !== undefined && best[1] >= 2) mapping.set(from, best[0]);
    }
    return mapping.size < 2 ? [] : [ofMapping(mapping, pairs)];
  },
};

function ofMapping(mapping: ReadonlyMap<Value, Value>, pairs: readonly Pair[]): Candidate {
  const targets = new Set(pairs.map(({ serving }) => `${serving}`)).size;
  const numbers = [...mapping.keys()].some(isFiniteNumber);
  const entries = [...mapping].sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1));
  const shown = entries.slice(0, SHOWN).map(([from, to]) => `${written(from)} to ${written(to)}`);
  const more = entries.length > SHOWN ? ` and ${entries.length - SHOWN} more` : '';
  return {
    name: 'code permutation',
    parameters: `serving has other codes: ${shown.join(', ')}${more}`,
    parameterBits: entries.length * (Math.log2(targets + 1) + (numbers ? 3 : 0)),
    predict: ({ training }) => (mapping.has(training) ? mapping.get(training) : undefined),
  };
}

/** Categories beyond which a mapping is no longer a sentence. */
const MOST = 64;
const MOST_NUMBERS = 16;
const SHOWN = 4;
