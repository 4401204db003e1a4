import type { Candidate, Family } from './candidate.ts';
import { isFiniteNumber, type Pair, type Value } from './pair.ts';
import { countBetween, type PairContext } from './pair-context.ts';
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
    if (context.kind === 'numeric' && seen.size > MOST_NUMBERS) return [];
    const entries = [...seen].flatMap(([from, row]) => {
      const [best] = [...row].sort((a, b) => b[1] - a[1] || (`${a[0]}` < `${b[0]}` ? -1 : 1));
      const rows = [...row.values()].reduce((sum, count) => sum + count, 0);
      return best === undefined ? [] : [{ from, to: best[0], count: best[1], rows }];
    });
    entries.sort((a, b) => b.count - a.count || (`${a.from}` < `${b.from}` ? -1 : 1));
    // Which categories have an entry can be told one by one, or as: those that come up twice at least.
    const repeated = entries.filter(({ count }) => count >= 2).slice(0, MOST);
    const ways = [
      { chosen: repeated, bits: bitsOfChoice(repeated.length, seen.size) },
      { chosen: entries.filter(({ rows }) => rows >= 2).slice(0, MOST), bits: 2 },
    ].filter(({ chosen }) => chosen.length >= 2);
    const codes = orderedCodes(pairs, context);
    const shifts =
      context.kind === 'numeric' || codes.length < 3 ? [] : SHIFTS.map((by) => ofShift(by, codes));
    return [...shifts, ...ways.map((way) => ofMapping({ ...way, pairs, context }))];
  },
};

/** Two encoders that sort their categories, one of which knows some more at the front: all codes move on. */
function ofShift(by: number, codes: readonly string[]): Candidate {
  const places = new Map<Value, number>(codes.map((code, at) => [code, at]));
  return {
    name: 'code permutation',
    parameters: `serving has the category ${Math.abs(by)} ${by > 0 ? 'after' : 'before'} it in alphabetical order`,
    parameterBits: 6,
    predict: ({ training }) => {
      const place = places.get(training);
      return place === undefined ? undefined : codes[(place + by + codes.length) % codes.length];
    },
  };
}

/**
 * The categories in alphabetical order. Rare ones may have come up in serving alone; what serving has counts
 * when it is made of training's categories for the most part, and not of other texts.
 */
function orderedCodes(pairs: readonly Pair[], context: PairContext): string[] {
  const known = new Set([...context.symbols.keys()].filter((code) => typeof code === 'string'));
  const served = new Set(pairs.map(({ serving }) => serving).filter((code) => typeof code === 'string'));
  const shared = [...served].filter((code) => known.has(code)).length;
  return [...(2 * shared >= served.size ? known.union(served) : known)].sort();
}

function ofMapping(args: {
  chosen: readonly { from: Value; to: Value }[];
  /** What it costs to tell which categories have an entry. */
  bits: number;
  pairs: readonly Pair[];
  context: PairContext;
}): Candidate {
  const { chosen, pairs, context } = args;
  const mapping = new Map(chosen.map(({ from, to }) => [from, to]));
  const targets = new Set(pairs.map(({ serving }) => `${serving}`)).size;
  const numbers = [...mapping.keys()].some(isFiniteNumber);
  const invented = [...new Set(mapping.values())].filter((value) => !isKnown(value, context)).length;
  const entries = [...mapping].sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1));
  const shown = entries.slice(0, SHOWN).map(([from, to]) => `${written(from)} to ${written(to)}`);
  const more = entries.length > SHOWN ? ` and ${entries.length - SHOWN} more` : '';
  return {
    name: 'code permutation',
    parameters: `serving has other codes: ${shown.join(', ')}${more}`,
    parameterBits:
      args.bits +
      bitsOfMapping(mapping, targets) +
      // A value that training has nowhere has to be told itself.
      invented * Math.log2(context.total + 1) +
      (numbers ? 3 * entries.length : 0),
    predict: ({ training }) => (mapping.has(training) ? mapping.get(training) : undefined),
  };
}

function isKnown(value: Value, context: PairContext): boolean {
  return isFiniteNumber(value) ? countBetween(context.sorted, value, value) > 0 : context.symbols.has(value);
}

/** Which k of n categories have an entry. */
function bitsOfChoice(k: number, n: number): number {
  let bits = 0;
  for (let at = 1; at <= k; at += 1) bits += Math.log2((n - k + at) / at);
  return bits;
}

/** One of the ways to send k categories to k different ones of all targets; more when some share a target. */
function bitsOfMapping(mapping: ReadonlyMap<Value, Value>, targets: number): number {
  const distinct = new Set(mapping.values()).size === mapping.size;
  return [...mapping.keys()].reduce<number>(
    (bits, _, at) => bits + Math.log2(distinct ? Math.max(1, targets - at) : targets + 1),
    0,
  );
}

const SHIFTS = [1, -1, 2, -2] as const;
/** Entries beyond which a mapping is no longer a sentence: the best supported ones stand for it. */
const MOST = 64;
const MOST_NUMBERS = 16;
const SHOWN = 4;
