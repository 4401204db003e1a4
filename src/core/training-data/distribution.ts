import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import { type Bins, coder, fitCategoricalBins, fitNumericBins } from '../summaries/bins.ts';
import { alignCounts, countCodes } from '../summaries/counts.ts';
import type { CheckResult } from './check.ts';

/**
 * Is a feature of the new data distributed as before? Population stability index over ten quantile bins of the
 * data before, or its twenty most frequent categories, missing and unseen values included. A finding needs
 * both a p-value below `alpha` (divide by the features tested) and an index of `floor` beyond sampling error
 * (default 0.1). Misleads when data are meant to follow a changed world, as after a drift: then this says how
 * much they changed.
 */
export function distribution(args: {
  feature: string;
  before: ArrayLike<number | string | null>;
  now: ArrayLike<number | string | null>;
  kind: 'numeric' | 'categorical';
  alpha?: number;
  floor?: number;
}): CheckResult {
  const { feature } = args;
  const base = { check: 'distribution', feature } as const;
  const before = Array.from(args.before);
  const now = Array.from(args.now);
  const bins = args.kind === 'numeric' ? numericBins(before) : categoricalBins(before);
  if (bins === undefined) {
    return { ...base, status: 'insufficient', need: 1, have: 0, why: 'finite values in the data before' };
  }
  const codeOf = coder(bins);
  const counts = alignCounts(countCodes(before.map(codeOf)), countCodes(now.map(codeOf)));
  const psi = populationStabilityIndex(counts.reference, counts.current);
  if (psi.status === 'insufficient') return { ...base, ...psi };
  const pValue = psi.pValue ?? 1;
  const effect = psi.effect ?? 0;
  if (pValue >= (args.alpha ?? 0.001) || effect < (args.floor ?? 0.1))
    return { ...base, status: 'ok', n: psi.m };
  return {
    ...base,
    status: 'finding',
    detail: `${feature}: distributed otherwise than before (PSI ${psi.value.toFixed(3)}, p ${pValue.toPrecision(2)}, ${psi.n} and ${psi.m} rows)`,
    numbers: { psi: psi.value, effect, pValue, before: psi.n, now: psi.m },
    n: psi.m,
  };
}

function numericBins(values: readonly (number | string | null)[]): Bins | undefined {
  return fitNumericBins(
    values.map((value) => (typeof value === 'number' ? value : null)),
    { bins: 10 },
  );
}

function categoricalBins(values: readonly (number | string | null)[]): Bins {
  const frequencies = new Map<string, number>();
  for (const value of values) {
    if (value !== null) frequencies.set(String(value), (frequencies.get(String(value)) ?? 0) + 1);
  }
  return fitCategoricalBins(frequencies, { top: 20 });
}
