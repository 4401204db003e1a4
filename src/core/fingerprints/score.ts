import type { Candidate } from './candidate.ts';
import { isFiniteNumber, type Pair, sameValue, type Value } from './pair.ts';
import { countBetween, type PairContext, spreadOf } from './pair-context.ts';

/** How well one candidate explains the mismatching pairs. */
export interface Scored {
  readonly candidate: Candidate;
  /** Bits that the transform saves in describing the serving values, its own parameters paid for. */
  readonly bits: number;
  readonly explained: number;
  /** Share of all mismatching pairs that it explains, 0 to 1. */
  readonly coverage: number;
}

/**
 * Description length: how many bits shorter the serving values become when they are told as "the training
 * value, transformed" instead of one by one.
 *
 * Told by itself, a number costs log2(6 sd / (2 tol) + 2) bits at a precision of tol; a value that many
 * training examples have costs minus log2 of their share instead, and one that none of N has at least
 * log2(N + 1). A text costs minus log2 of its share in training, given that it is not the training value.
 * Explained pairs save that less 0.15; which pairs are explained costs n times the entropy of the coverage, n
 * being the pairs that the candidate speaks of, as far as training tells which; and the parameters cost what the family says. tol is the best of
 * a ladder from half the values' decimal grid upwards: jitter is not known in advance. Or, for each pair its own,
 * what the transform makes of half a step, or one, of training's grid: a reading that was jittered before.
 *
 * A null law with random values reaches b bits with probability of about 2^-b. Misleads when the spread is
 * carried by a few huge values.
 *
 * Source: minimum description length, J. Rissanen, Automatica 14 (1978), doi 10.1016/0005-1098(78)90005-5.
 */
export function openScorer(args: { pairs: readonly Pair[]; context: PairContext }): Scorer {
  const { pairs, context } = args;
  const levels = tolerances(context);
  const costs = levels.map((tolerance) => pairs.map((pair) => costOf(pair, tolerance, context)));
  const fixed = levels.map((tolerance, at) => ({
    tolerance,
    allowed: pairs.map(() => tolerance),
    costs: costs[at] ?? [],
  }));
  const slacks = pairs.map(({ serving }) => slackOf(serving, context));
  return {
    score(candidate) {
      const predicted = pairs.map((pair) => candidate.predict(pair));
      const gaps = pairs.map(({ serving }, at) => gapBetween(serving, predicted[at]));
      const best: Scored = { candidate, bits: Number.NEGATIVE_INFINITY, explained: 0, coverage: 0 };
      const own = ofSteps({ candidate, pairs, predicted, context });
      const most = (at: number) =>
        Math.max(levels.at(-1) ?? 0, ...own.map(({ allowed }) => allowed[at] ?? 0)) + (slacks[at] ?? 0);
      const reachable = gaps.filter((gap, at) => gap <= most(at)).length;
      if (reachable < LEAST_COVERAGE * pairs.length) return best;
      const widest = candidate.constant
        ? constantAllowance(context)
        : transformAllowance({ predicted, pairs, context });
      const spokenOf = candidate.looks
        ? pairs.length
        : predicted.filter((value) => value !== undefined).length;
      return [...fixed, ...own].reduce((most, level) => {
        const { tolerance, allowed } = level;
        if (tolerance > widest) return most;
        const within = gaps.map((gap, at) => gap <= (allowed[at] ?? 0) + (slacks[at] ?? 0));
        if (!isPeak({ pairs, predicted, gaps, within, allowed })) return most;
        if (candidate.constant !== true && isConstant({ pairs, predicted, within, tolerance, context }))
          return most;
        const explained = within.filter(Boolean).length;
        const coverage = explained / pairs.length;
        const saved = pairs.reduce((sum, pair, at) => {
          const cost = level.costs[at] ?? 0;
          return within[at] === true ? sum + (candidate.saved?.(pair, cost) ?? cost) - OVERHEAD : sum;
        }, 0);
        const which = spokenOf * entropy(explained / spokenOf);
        const bits = saved - which - candidate.parameterBits;
        return bits > most.bits ? { candidate, bits, explained, coverage } : most;
      }, best);
    },
    noise: () => noiseBits({ pairs, context, first: levels[0] ?? 0 }),
  };
}

export interface Scorer {
  score(candidate: Candidate): Scored;
  /** Bits saved by "close to the training value, no transform": what a named one must beat. */
  noise(): number;
}

/** Half the grid, then twice that and so on, up to a quarter of the wider side's spread. */
function tolerances(context: PairContext): number[] {
  const { trainingSpread, servingSpread, trainingStep, servingStep } = context;
  const spread = Math.max(trainingSpread, servingSpread);
  if (!(spread > 0)) return [0];
  const levels = new Set([0.51 * trainingStep, 1.02 * trainingStep].filter((level) => level > 0));
  const first = Math.max(0.51 * servingStep, spread * FINEST);
  levels.add(first);
  for (let tolerance = first * 2; tolerance <= spread / 4; tolerance *= 2) levels.add(tolerance);
  return [...levels].sort((a, b) => a - b);
}

/** Tolerances for one candidate: the middle one, each pair's, and what its serving value costs at that. */
interface Level {
  readonly tolerance: number;
  readonly allowed: readonly number[];
  readonly costs: readonly number[];
}

/** What half a step and a step of training's grid become under the transform; none without a grid or numbers. */
function ofSteps(args: {
  candidate: Candidate;
  pairs: readonly Pair[];
  predicted: readonly (Value | undefined)[];
  context: PairContext;
}): Level[] {
  const { candidate, pairs, predicted, context } = args;
  if (context.trainingStep === 0 || candidate.constant === true || context.kind !== 'numeric') return [];
  return [0.51, 1.02].flatMap((steps) => {
    const by = steps * context.trainingStep;
    const allowed = pairs.map((pair, at) => {
      if (!isFiniteNumber(pair.training) || !isFiniteNumber(predicted[at])) return 0;
      const low = candidate.predict({ ...pair, training: pair.training - by });
      const high = candidate.predict({ ...pair, training: pair.training + by });
      return isFiniteNumber(low) && isFiniteNumber(high) ? Math.abs(high - low) / 2 : 0;
    });
    const varying = allowed.filter((tolerance) => tolerance > 0).sort((a, b) => a - b);
    const tolerance = varying[varying.length >> 1];
    if (tolerance === undefined) return [];
    return [{ tolerance, allowed, costs: pairs.map((pair, at) => costOf(pair, allowed[at] ?? 0, context)) }];
  });
}

/** A constant must be met closely: jitter of a grid step, or a hundredth of the spread. */
function constantAllowance({ trainingStep, trainingSpread }: PairContext): number {
  return Math.max(1.02 * trainingStep, trainingSpread / 100);
}

/**
 * A transform of values that vary must predict values that vary, by more than the tolerance: one that sends
 * everything to nearly 0 is a constant in disguise.
 */
function transformAllowance(args: {
  predicted: readonly (Value | undefined)[];
  pairs: readonly Pair[];
  context: PairContext;
}): number {
  const numbers = args.predicted.filter(isFiniteNumber);
  const first = args.pairs[0]?.training ?? null;
  if (numbers.length === 0 || args.pairs.every(({ training }) => sameValue(training, first)))
    return Number.POSITIVE_INFINITY;
  const spread = spreadOf(numbers);
  const exact = 0.51 * args.context.servingStep;
  return Math.max(spread / 3, spread > exact ? exact : 0);
}

/**
 * The gaps must crowd within the tolerance: at least twice as many there as between it and three times it. And
 * the prediction must differ from the training value on most: else the training value explains as much.
 */
function isPeak(args: {
  pairs: readonly Pair[];
  predicted: readonly (Value | undefined)[];
  gaps: readonly number[];
  within: readonly boolean[];
  allowed: readonly number[];
}): boolean {
  const { pairs, predicted, gaps, within, allowed } = args;
  const inside = within.filter(Boolean).length;
  const beside = gaps.filter((gap, at) => within[at] === false && gap <= 3 * (allowed[at] ?? 0)).length;
  const idle = pairs.filter(
    ({ training }, at) => within[at] === true && gapBetween(training, predicted[at]) <= (allowed[at] ?? 0),
  ).length;
  return inside >= 2 * beside && 2 * idle <= inside;
}

/** Nearly all explained predictions are one value though the training values are not: a constant in disguise. */
function isConstant(args: {
  pairs: readonly Pair[];
  predicted: readonly (Value | undefined)[];
  within: readonly boolean[];
  tolerance: number;
  context: PairContext;
}): boolean {
  const { pairs, predicted, within, tolerance, context } = args;
  const after = predicted.filter((_, at) => within[at] === true).filter(isFiniteNumber);
  const before = pairs
    .filter((_, at) => within[at] === true)
    .map(({ training }) => training)
    .filter(isFiniteNumber);
  const exact = 0.51 * context.trainingStep;
  return crowding(after, tolerance) > CROWDED && crowding(before, exact) <= CROWDED;
}

/** Share of values within a tolerance of the middle one. */
function crowding(values: readonly number[], tolerance: number): number {
  if (values.length === 0) return 0;
  const middle = values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  return values.filter((value) => Math.abs(value - middle) <= tolerance).length / values.length;
}

function costOf(pair: Pair, tolerance: number, context: PairContext): number {
  const { serving, training } = pair;
  if (!isFiniteNumber(serving)) return symbolCost(serving, training, context);
  const spread = Math.max(context.trainingSpread, context.servingSpread);
  const plain = Math.log2((3 * spread) / Math.max(tolerance, Number.MIN_VALUE) + 2);
  const bounded = Number.isFinite(plain) ? plain : MOST_BITS;
  const alike = countBetween(context.sorted, serving - tolerance, serving + tolerance);
  if (alike === 0) return Math.max(bounded, Math.log2(context.total + 1));
  // Off training's grid it is none of training's values, however many are near.
  if (!isOnGrid(serving, context.trainingStep)) return bounded;
  return alike >= 3 ? Math.min(bounded, -Math.log2((alike + 0.5) / (context.total + 1))) : bounded;
}

function isOnGrid(value: number, step: number): boolean {
  return step === 0 || Math.abs(value / step - Math.round(value / step)) <= OFF_GRID;
}

/** Share in training with half a count added for each text known and one for all unknown ones. */
function symbolCost(value: Value, training: Value, context: PairContext): number {
  const share = (of: Value) =>
    ((context.symbols.get(of) ?? 0) + 0.5) / (context.total + 0.5 * (context.symbols.size + 1));
  const others = isFiniteNumber(training) ? 1 : Math.max(0.05, 1 - share(training));
  return Math.min(MOST_BITS, Math.max(0, -Math.log2(share(value) / others)));
}

function gapBetween(serving: Value, predicted: Value | undefined): number {
  if (predicted === undefined) return Number.NaN;
  if (isFiniteNumber(serving) && isFiniteNumber(predicted)) return Math.abs(serving - predicted);
  return sameValue(serving, predicted) ? 0 : Number.NaN;
}

/** float32 on one side is no gap; a timestamp in milliseconds has none. */
function slackOf(serving: Value, context: PairContext): number {
  if (!isFiniteNumber(serving) || context.kind === 'timestamp') return 0;
  return Math.min(
    Math.abs(serving) * FLOAT32,
    Math.max(context.trainingSpread, context.servingSpread) * 1e-3,
  );
}

/** The training value give or take a fixed amount, or a fixed percentage. */
function noiseBits(args: { pairs: readonly Pair[]; context: PairContext; first: number }): number {
  const { pairs, context } = args;
  const wide = Math.max(context.trainingSpread, context.servingSpread);
  const gaps = pairs.map(({ serving, training }) => gapBetween(serving, training));
  const bits = [0];
  for (let tolerance = args.first; tolerance > 0 && tolerance <= wide; tolerance *= 2)
    bits.push(saving({ pairs, gaps, allowed: () => tolerance, context }));
  for (let share = 1 / 1024; share < 1; share *= 2)
    bits.push(saving({ pairs, gaps, allowed: (x) => share * Math.abs(x), context }));
  return Math.max(...bits);
}

function saving(args: {
  pairs: readonly Pair[];
  gaps: readonly number[];
  allowed: (training: number) => number;
  context: PairContext;
}): number {
  let saved = 0;
  let explained = 0;
  for (const [at, pair] of args.pairs.entries()) {
    if (!isFiniteNumber(pair.training)) continue;
    const tolerance = args.allowed(pair.training);
    if (!((args.gaps[at] ?? Number.NaN) <= tolerance)) continue;
    saved += costOf(pair, tolerance, args.context) - OVERHEAD;
    explained += 1;
  }
  return saved - args.pairs.length * entropy(explained / args.pairs.length);
}

/** Bits to tell, for one pair, whether it is among a share of all. */
export function entropy(share: number): number {
  if (!(share > 0 && share < 1)) return 0;
  return -share * Math.log2(share) - (1 - share) * Math.log2(1 - share);
}

const OVERHEAD = 0.15;
const CROWDED = 0.8;
/** Share of the mismatching pairs that a cause must explain. */
export const LEAST_COVERAGE = 0.4;
/** Finest precision a value is told to, as a share of the spread. */
const FINEST = 1e-5;
const MOST_BITS = 16;
/** In grid steps: what float32 and arithmetic leave. */
const OFF_GRID = 1e-3;
const FLOAT32 = 2e-7;
