import { comparePairs, type Pair } from './pair.ts';
import { entropy } from './score.ts';

/**
 * Where a skew is: the one attribute value (segment, producer, schema id) that carries the mismatching ids,
 * and the event time within the window before which there were none.
 *
 * `mismatching` and `matching` may be samples; `totals` says of how many, and shares inside and outside are of
 * all. A place is named when it holds at least 95% of the mismatching ids, their share inside is at least three
 * times that outside, and knowing it saves 12 bits in telling mismatching from matching. Of several places the
 * one that saves most is taken: the smallest that carries the mass.
 */
export function findWhere(args: {
  mismatching: readonly Pair[];
  matching: readonly Pair[];
  totals?: { readonly mismatching: number; readonly matching: number };
}): Where {
  const mismatching = args.mismatching.toSorted(comparePairs);
  const matching = args.matching.toSorted(comparePairs);
  const totals = args.totals ?? { mismatching: mismatching.length, matching: matching.length };
  const place = findPlace({ mismatching, matching, totals });
  const inside = (pair: Pair) => place === undefined || pair.attributes?.[place.attribute] === place.value;
  const since = findStart(mismatching.filter(inside), matching.filter(inside));
  return {
    ...(place === undefined ? {} : { place }),
    ...(since === undefined ? {} : { sinceMs: since }),
  };
}

export interface Where {
  /** Undefined when no one place carries the mismatching ids, or all examples are there. */
  readonly place?: Place;
  /** Event time of the first mismatching id after a stretch without any, milliseconds since 1970. */
  readonly sinceMs?: number;
}

export interface Place {
  readonly attribute: string;
  readonly value: string;
  /** Share of the examples that mismatch, 0 to 1, there and elsewhere. */
  readonly shareInside: number;
  readonly shareOutside: number;
  /** Share of all mismatching ids that are there. */
  readonly carries: number;
}

function findPlace(args: {
  mismatching: readonly Pair[];
  matching: readonly Pair[];
  totals: { readonly mismatching: number; readonly matching: number };
}): Place | undefined {
  const { mismatching, matching, totals } = args;
  const keys = new Map<string, { attribute: string; value: string }>();
  for (const { attributes = {} } of mismatching)
    for (const [attribute, value] of Object.entries(attributes))
      keys.set(JSON.stringify([attribute, value]), { attribute, value });
  let best: { place: Place; bits: number } | undefined;
  for (const [, { attribute, value }] of [...keys].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const here = ({ attributes }: Pair) => attributes?.[attribute] === value;
    const bad = mismatching.filter(here).length;
    const good = matching.filter(here).length;
    const bits = bitsOfSplit({
      bad,
      good,
      otherBad: mismatching.length - bad,
      otherGood: matching.length - good,
    });
    const carries = bad / mismatching.length;
    const weighBad = totals.mismatching / mismatching.length;
    const weighGood = matching.length === 0 ? 0 : totals.matching / matching.length;
    const share = (a: number, b: number) =>
      a + b === 0 ? 0 : (a * weighBad) / (a * weighBad + b * weighGood);
    const shareInside = share(bad, good);
    const shareOutside = share(mismatching.length - bad, matching.length - good);
    const outsideSeen = mismatching.length - bad + matching.length - good > 0;
    if (!outsideSeen || carries < CARRIES || shareInside < TIMES * shareOutside || bits < LEAST_BITS)
      continue;
    if (best === undefined || bits > best.bits)
      best = { bits, place: { attribute, value, shareInside, shareOutside, carries } };
  }
  return best?.place;
}

/** The split of the time line that separates matching from mismatching best, when there is next to nothing before it. */
function findStart(mismatching: readonly Pair[], matching: readonly Pair[]): number | undefined {
  const moments = [
    ...mismatching.map(({ eventTimeMs }) => ({ eventTimeMs, bad: 1 })),
    ...matching.map(({ eventTimeMs }) => ({ eventTimeMs, bad: 0 })),
  ]
    .flatMap(({ eventTimeMs, bad }) => (eventTimeMs === undefined ? [] : [{ eventTimeMs, bad }]))
    .sort((a, b) => a.eventTimeMs - b.eventTimeMs || a.bad - b.bad);
  const allBad = moments.reduce((sum, { bad }) => sum + bad, 0);
  let bad = 0;
  let best: { bits: number; at: number } | undefined;
  for (const [at, moment] of moments.entries()) {
    // Only a mismatching id can be the first one.
    if (moment.bad === 1 && bad <= (1 - CARRIES) * allBad) {
      const good = at - bad;
      const otherBad = allBad - bad;
      const bits = bitsOfSplit({ bad, good, otherBad, otherGood: moments.length - at - otherBad });
      if (best === undefined || bits > best.bits) best = { bits, at: moment.eventTimeMs };
    }
    bad += moment.bad;
  }
  return best !== undefined && best.bits >= LEAST_BITS ? best.at : undefined;
}

/** Bits saved by telling mismatching from matching on either side of a split by its own share. */
function bitsOfSplit(args: { bad: number; good: number; otherBad: number; otherGood: number }): number {
  const cost = (bad: number, good: number) => (bad + good) * entropy(bad / Math.max(1, bad + good));
  return (
    cost(args.bad + args.otherBad, args.good + args.otherGood) -
    cost(args.bad, args.good) -
    cost(args.otherBad, args.otherGood) -
    PLACE_BITS
  );
}

const CARRIES = 0.95;
const TIMES = 3;
const LEAST_BITS = 12;
/** For which of the places, or moments, it is. */
const PLACE_BITS = 6;
