import type { FingerprintName } from './candidate.ts';
import { FAMILIES } from './index.ts';
import { comparePairs, type Pair } from './pair.ts';
import { type FeatureKind, readContext } from './pair-context.ts';
import { LEAST_COVERAGE, openScorer, type Scored } from './score.ts';

/**
 * Names the transform behind a feature skew: what was done to the training value to give the serving value.
 *
 * `pairs` are examples on which the two differ, `matching` some on which they agree (they tell how the feature
 * is distributed; a few hundred are enough). Named when the best candidate saves at least 10 bits, 10 bits more
 * than "training plus noise" does, and explains at least 40% of the pairs. From 20 pairs on the answer without
 * a name is `no single cause`; below that it is `insufficient`. Candidates of other names that the same data
 * support within 4 bits, or 2% of theirs, stand in `alsoPossible`, unless they are only a looser form of the named one.
 *
 * Misleads when two bugs overlap in equal parts: it names one, and coverage says how much is left.
 */
export function nameFingerprint(args: {
  pairs: readonly Pair[];
  matching?: readonly Pair[];
  /** How many there are of both, when the lists are samples: the mixture of all values is told from that. */
  totals?: { readonly mismatching: number; readonly matching: number };
  kind: FeatureKind;
  unit?: string;
}): Fingerprint {
  const pairs = args.pairs.toSorted(comparePairs);
  const matching = inProportion({ ...args, pairs, matching: (args.matching ?? []).toSorted(comparePairs) });
  const none: Fingerprint =
    pairs.length < NEED
      ? { status: 'insufficient', need: NEED, have: pairs.length }
      : { status: 'no single cause', n: pairs.length };
  if (pairs.length === 0) return none;
  const context = readContext({ ...args, pairs, matching });
  const scorer = openScorer({ pairs, context });
  const floor = LEAST_BITS + scorer.noise();
  const standing = FAMILIES.flatMap((family) => family.candidates(pairs, context))
    .map((candidate) => scorer.score(candidate))
    .filter(({ bits, coverage }) => bits >= floor && coverage >= LEAST_COVERAGE)
    .sort((a, b) => b.bits - a.bits || (said(a) < said(b) ? -1 : 1));
  const [best] = standing;
  if (best === undefined) return none;
  const tied = tiesOf(best, standing);
  const first = preferred({ best, tied, standing, pairs });
  return {
    status: 'named',
    ...named(first),
    n: pairs.length,
    alsoPossible: [best, ...tied].filter((one) => one !== first).map(named),
  };
}

export type Fingerprint =
  | ({ readonly status: 'named'; readonly n: number; readonly alsoPossible: readonly Named[] } & Named)
  | { readonly status: 'no single cause'; readonly n: number }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

export interface Named {
  readonly name: FingerprintName;
  /** The transform with its parameters, in words. */
  readonly parameters: string;
  /** Pairs that it explains, and their share of all, 0 to 1. */
  readonly explained: number;
  readonly coverage: number;
  /** Bits saved; each bit halves the chance that noise did it. */
  readonly bits: number;
}

function named({ candidate, bits, explained, coverage }: Scored): Named {
  return { name: candidate.name, parameters: candidate.parameters, explained, coverage, bits };
}

/** As many matching pairs as belong to these mismatching ones, taken evenly. */
function inProportion(args: {
  pairs: readonly Pair[];
  matching: readonly Pair[];
  totals?: { readonly mismatching: number; readonly matching: number };
}): readonly Pair[] {
  const { pairs, matching, totals } = args;
  if (totals === undefined || totals.mismatching === 0) return matching;
  const wanted = Math.ceil((pairs.length * totals.matching) / totals.mismatching);
  if (wanted >= matching.length) return matching;
  return Array.from(
    { length: wanted },
    (_, at) => matching[Math.floor((at * matching.length) / wanted)],
  ).flatMap((pair) => pair ?? []);
}

/** Best of each other name that fits the data as well, parameters aside. */
function tiesOf(best: Scored, standing: readonly Scored[]): Scored[] {
  const tied: Scored[] = [best];
  for (const other of standing) {
    const { name } = other.candidate;
    if (fit(other) < fit(best) - Math.max(TIED, ESTIMATED * fit(best))) continue;
    const covered = tied.some(
      ({ candidate }) => candidate.name === name || LOOSER[name]?.includes(candidate.name) === true,
    );
    if (!covered) tied.push(other);
  }
  return tied.slice(1);
}

/** What the data alone say for it. */
function fit({ bits, candidate }: Scored): number {
  return bits + candidate.parameterBits;
}

/**
 * A clock that stands still and one in another zone look alike; other features that are right speak for the zone.
 * Features that all went wrong in the same way look like another example's record; what gives the values says more.
 */
function preferred(args: {
  best: Scored;
  tied: readonly Scored[];
  standing: readonly Scored[];
  pairs: readonly Pair[];
}): Scored {
  const { best, tied, standing, pairs } = args;
  if (best.candidate.name === 'wrong join')
    return standing.find(({ candidate }) => candidate.name !== 'wrong join') ?? best;
  const zone = tied.find(({ candidate }) => candidate.name === 'time zone');
  if (best.candidate.name !== 'stale' || zone === undefined) return best;
  const known = pairs.filter(({ others }) => others !== undefined && Object.keys(others).length > 0);
  const right = known.filter(({ others = {} }) =>
    Object.values(others).every(({ training, serving }) => Object.is(training, serving)),
  );
  return known.length > 0 && right.length >= 0.8 * known.length ? zone : best;
}

function said({ candidate }: Scored): string {
  return `${candidate.name} ${candidate.parameters}`;
}

/** Names that can imitate others by their free parameters: they are no alternative to what they imitate. */
const LOOSER: Partial<Record<FingerprintName, readonly FingerprintName[]>> = {
  offset: ['time zone'],
  standardised: ['unit', 'offset', 'log'],
  'default-filled': ['null to zero', 'clipped'],
  missing: ['zero to null'],
  'code permutation': [
    'case',
    'unicode',
    'whitespace',
    'truncation',
    'default-filled',
    'null to zero',
    'offset',
    'unit',
    'time zone',
    'clipped',
    'rounding',
    'swapped columns',
    'stale',
    'log',
  ],
  'wrong join': [
    'stale',
    'swapped columns',
    'unit',
    'offset',
    'time zone',
    'default-filled',
    'code permutation',
  ],
};

const NEED = 20;
const LEAST_BITS = 10;
const TIED = 4;
/** Parameters are read off the pairs: candidates that are the same but for that differ by such a share of their bits. */
const ESTIMATED = 0.02;
