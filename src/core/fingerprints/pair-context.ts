import { gridStep } from './grid-step.ts';
import { isFiniteNumber, type Pair, type Value } from './pair.ts';

export type FeatureKind = 'numeric' | 'timestamp' | 'categorical' | 'text';

/** What is known about the feature besides its mismatching pairs. */
export interface PairContext {
  readonly kind: FeatureKind;
  readonly unit: string;
  /** Examples on which both sides agree: how the feature is distributed, and what a transform left alone. */
  readonly matching: readonly Pair[];
  /** Finite training values of all examples, ascending. */
  readonly sorted: readonly number[];
  /** Training values of all examples that are no finite numbers, with how often; and how many values in all. */
  readonly symbols: ReadonlyMap<Value, number>;
  readonly total: number;
  /** Spread of the two sides of the mismatching pairs, robust, in the feature's unit; 0 without numbers. */
  readonly trainingSpread: number;
  readonly servingSpread: number;
  /** Decimal grid of the two sides, 0 for none. */
  readonly trainingStep: number;
  readonly servingStep: number;
}

/** Reads the context off the pairs: mismatching ones and a sample of those that agree. */
export function readContext(args: {
  pairs: readonly Pair[];
  matching: readonly Pair[];
  kind: FeatureKind;
  unit?: string;
}): PairContext {
  const { pairs, matching, kind } = args;
  const training = [...pairs, ...matching].map((pair) => pair.training);
  const symbols = new Map<Value, number>();
  for (const value of training) if (!isFiniteNumber(value)) symbols.set(value, (symbols.get(value) ?? 0) + 1);
  const finite = training.filter(isFiniteNumber);
  const serving = pairs.map((pair) => pair.serving).filter(isFiniteNumber);
  return {
    kind,
    unit: args.unit ?? '',
    matching,
    sorted: finite.toSorted((a, b) => a - b),
    symbols,
    total: training.length,
    trainingSpread: spreadOf(finite),
    servingSpread: spreadOf(serving),
    trainingStep: gridStep(finite),
    servingStep: gridStep(serving),
  };
}

/** Standard deviation as a normal law would have it between the 5% and 95% points; of all values when that is 0. */
export function spreadOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const robust = (at(0.95) - at(0.05)) / 3.29;
  if (robust > 0) return bounded(robust);
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  return bounded(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0)));
}

/** Spreads that halving and doubling cannot leave: beyond, numbers run out. */
function bounded(spread: number): number {
  return spread > SMALLEST ? Math.min(spread, LARGEST) : 0;
}

const SMALLEST = 1e-280;
const LARGEST = 1e280;

/** How many of ascending numbers lie in [low, high]. */
export function countBetween(sorted: readonly number[], low: number, high: number): number {
  return firstAbove(sorted, high, true) - firstAbove(sorted, low, false);
}

/** Position of the first number above the bound, or not below it unless `strictly`. */
function firstAbove(sorted: readonly number[], bound: number, strictly: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] ?? 0;
    if (strictly ? value > bound : value >= bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
