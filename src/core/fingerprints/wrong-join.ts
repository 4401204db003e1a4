import type { Candidate, Family } from './candidate.ts';
import { isFiniteNumber, type Pair, sameValue, type Value } from './pair.ts';
import { countBetween, type PairContext, spreadOf } from './pair-context.ts';

/**
 * Serving has the record, or the value, of another example. Two signs: the other features of the same
 * examples differ as well, and far; or the serving values are exact training values of other examples where
 * hitting one by chance is rare. Says less than any transform that gives the value itself, and loses to it.
 */
export const wrongJoin: Family = {
  family: 'wrong join',
  candidates(pairs, context) {
    const far = othersFarApart(pairs, context);
    const chance = chanceOfHit(context);
    const gain = Math.min(8, -Math.log2(chance));
    const ofOthers: Candidate = {
      name: 'wrong join',
      parameters: "serving has another example's record: its other features differ too",
      parameterBits: 6,
      predict: (pair) => (far.has(pair.id) ? pair.serving : undefined),
      saved: (_pair, cost) => Math.min(4, 0.9 * cost),
    };
    const ofValues: Candidate = {
      name: 'wrong join',
      parameters: 'serving has the training value of another example',
      parameterBits: 6,
      looks: true,
      predict: (pair) => (isValueOfAnother(pair, context) ? pair.serving : undefined),
      saved: (_pair, cost) => Math.min(gain, 0.9 * cost),
    };
    return [...(far.size > 0 ? [ofOthers] : []), ...(gain > 0.5 ? [ofValues] : [])];
  },
};

/** Ids of which at least half of the other features, and two, differ by more than a tenth of their spread. */
function othersFarApart(pairs: readonly Pair[], context: PairContext): Set<string> {
  const spreads = new Map<string, number>();
  const names = new Set(pairs.flatMap(({ others }) => Object.keys(others ?? {})));
  for (const name of names) {
    const values = [...pairs, ...context.matching].map(({ others }) => others?.[name]?.training);
    spreads.set(name, spreadOf(values.filter(isFiniteNumber)));
  }
  const differs = (a: Value, b: Value, name: string) =>
    isFiniteNumber(a) && isFiniteNumber(b)
      ? Math.abs(a - b) > 0.1 * (spreads.get(name) ?? 0)
      : !sameValue(a, b);
  return new Set(
    pairs
      .filter(({ others = {} }) => {
        const compared = Object.entries(others);
        const apart = compared.filter(([name, { training, serving }]) => differs(training, serving, name));
        return apart.length >= 2 && apart.length >= compared.length / 2;
      })
      .map(({ id }) => id),
  );
}

function isValueOfAnother({ training, serving }: Pair, context: PairContext): boolean {
  if (!isFiniteNumber(serving)) return serving !== null && context.symbols.has(serving);
  const same = isFiniteNumber(training) && training === serving ? 1 : 0;
  return countBetween(context.sorted, serving, serving) > same;
}

/** Share of training values that some other training value equals: how often a fresh value would hit one. */
function chanceOfHit(context: PairContext): number {
  const { sorted, symbols, total } = context;
  const twins = sorted.filter((x, at) => sorted[at - 1] === x || sorted[at + 1] === x).length;
  const repeated = [...symbols.values()].filter((count) => count > 1).reduce((sum, count) => sum + count, 0);
  return Math.min(1, (twins + repeated + 1) / (total + 1));
}
