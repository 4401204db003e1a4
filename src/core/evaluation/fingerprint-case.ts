import { type Fingerprint, nameFingerprint } from '../fingerprints/name-fingerprint.ts';
import type { Pair } from '../fingerprints/pair.ts';
import { type Random, shuffledPositions } from '../random.ts';
import type { MadeFeature } from './fingerprint-examples.ts';
import { differs, type Injection } from './fingerprint-injections.ts';

/**
 * One try: a transform put into a share of the examples of one feature, a fifth of the mismatching ids being
 * unrelated fresh values, and the name asked for. The share is of all examples, as many as there are to change. With `ids` exactly so many mismatching ids are taken; with
 * none as many as there are, at most 300, as in production.
 */
export function tryFingerprint(args: {
  random: Random;
  feature: MadeFeature;
  examples: readonly Pair[];
  prepare: Injection['prepare'];
  share: number;
  ids?: number;
  unrelated: number;
}):
  | { status: 'tried'; fingerprint: Fingerprint; ids: number }
  | { status: 'insufficient'; need: number; have: number } {
  const { random, feature, unrelated } = args;
  const order = [...shuffledPositions(random, args.examples.length)];
  const examples = order.flatMap((at) => args.examples[at] ?? []);
  const change = args.prepare({ random, feature, all: args.examples });
  const affected = Math.round(args.share * examples.length);
  // Of the examples that the transform changes at all: rounding leaves whole numbers alone.
  const changed = examples.map(change).filter(differs).slice(0, affected);
  const hit = new Set(changed.map(({ id }) => id));
  const limit = args.ids ?? Math.min(MOST, Math.round(changed.length / (1 - unrelated)));
  const other = Math.round(unrelated * limit);
  if (changed.length < limit - other)
    return { status: 'insufficient', need: limit - other, have: changed.length };
  const right = changed.slice(0, limit - other);
  // Where everything is affected the unrelated ones come from among them, as they would.
  const known = new Set(right.map(({ id }) => id));
  const rest = examples.filter(({ id }) => !known.has(id));
  const wrong = rest
    .map((pair) => ({ ...pair, serving: feature.draw(random) }))
    .filter(differs)
    .slice(0, other);
  const taken = new Set([...right, ...wrong].map(({ id }) => id));
  const alike = examples.filter(({ id }) => !taken.has(id) && !hit.has(id));
  const totals = { mismatching: Math.max(limit, examples.length - alike.length), matching: alike.length };
  const pairs = [...right, ...wrong];
  return {
    status: 'tried',
    ids: pairs.length,
    fingerprint: nameFingerprint({
      pairs,
      matching: alike.filter((_, at) => at % Math.ceil(alike.length / MOST) === 0),
      totals,
      kind: feature.kind,
      unit: feature.unit,
    }),
  };
}

const MOST = 300;
