import { type Comparison, type Insufficient, insufficient, type Result } from '../statistic.ts';
import { coder, fitNumericBins } from '../summaries/bins.ts';
import { alignCounts, countCodes } from '../summaries/counts.ts';

/**
 * Makes a statistic of counts answer for any form of column: counts on frozen bins as they are; raw categories
 * by value; raw numbers on ten bins of equal shares of the reference with outer bins. Null, NaN and infinities
 * have bins of their own: a change in how many there are is a change of the distribution.
 */
export function onBins(
  statistic: (reference: readonly number[], current: readonly number[]) => Result,
): (args: Comparison) => Result {
  return (args) => {
    const pair = binned(args);
    return 'status' in pair ? pair : statistic(pair.reference, pair.current);
  };
}

/** Makes a statistic of numbers answer for columns; any other form is told what is needed. */
export function onNumbers(
  statistic: (reference: ArrayLike<number | null>, current: ArrayLike<number | null>) => Result,
): (args: Comparison) => Result {
  return ({ reference, current }) =>
    reference.form === 'numbers' && current.form === 'numbers'
      ? statistic(reference.values, current.values)
      : insufficient(1, 0, 'needs raw numbers on both sides');
}

function binned(args: Comparison): { reference: number[]; current: number[] } | Insufficient {
  const { reference, current } = args;
  if (reference.form === 'counts' && current.form === 'counts') {
    return alignCounts(reference.counts, current.counts);
  }
  if (reference.form === 'numbers' && current.form === 'numbers') {
    const bins = fitNumericBins(reference.values);
    if (bins === undefined) return insufficient(1, 0, 'the reference has no finite value to fit bins on');
    const codeOf = coder(bins);
    const count = (values: ArrayLike<number | null>) => countCodes(Array.from(values, codeOf));
    return alignCounts(count(reference.values), count(current.values));
  }
  if (reference.form === 'categories' && current.form === 'categories') {
    return byValue(reference.values, current.values);
  }
  return insufficient(1, 0, 'needs counts, numbers or categories, the same on both sides');
}

function byValue(a: ArrayLike<string | null>, b: ArrayLike<string | null>) {
  const bins = new Map<string | null, number>();
  const reference: number[] = [];
  const current: number[] = [];
  const add = (values: ArrayLike<string | null>, into: number[]): void => {
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i] ?? null;
      const bin = bins.get(value) ?? bins.size;
      bins.set(value, bin);
      into[bin] = (into[bin] ?? 0) + 1;
    }
  };
  add(a, reference);
  add(b, current);
  const filled = (counts: number[]): number[] => Array.from({ length: bins.size }, (_, i) => counts[i] ?? 0);
  return { reference: filled(reference), current: filled(current) };
}
