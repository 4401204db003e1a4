import { kolmogorovEqualSizesSum } from '../core/special/kolmogorov-two-sample.ts';
import type { Result } from '../core/statistic.ts';
import { andersonDarling } from '../core/statistics/anderson-darling.ts';
import { cramerVonMises } from '../core/statistics/cramer-von-mises.ts';
import { energyDistance } from '../core/statistics/energy-distance.ts';
import { kolmogorovSmirnov } from '../core/statistics/kolmogorov-smirnov.ts';
import { mannWhitney } from '../core/statistics/mann-whitney.ts';
import { wasserstein } from '../core/statistics/wasserstein.ts';
import { welch } from '../core/statistics/welch.ts';
import { coder, fitNumericBins } from '../core/summaries/bins.ts';
import { binDistances } from './golden-categorical.ts';
import { fields, type Outside, statisticOf } from './golden-outside.ts';

type Numbers = readonly (number | string | null)[];
type Sample = readonly (number | null)[];

/** What the core has for a numeric case, by the keys of the outside block, computed when asked for. */
export function numericValues(each: {
  readonly ref: Numbers;
  readonly cur: Numbers;
}): Record<string, () => Outside> {
  const a = each.ref.map(asNumber);
  const b = each.cur.map(asNumber);
  const ranks = ofRanks(a, b);
  // With infinities SciPy's sums are infinite or NaN where the core leaves the rows out and says so.
  return [...a, ...b].some((x) => x === Infinity || x === -Infinity) ? ranks : { ...ranks, ...ofSums(a, b) };
}

function ofRanks(a: Sample, b: Sample): Record<string, () => Outside> {
  return {
    ks_exact: () => {
      const result = kolmogorovSmirnov(a, b, { method: 'exact' });
      if (result.status !== 'ok') return undefined;
      const { location, sign } = result.details ?? {};
      return fields(fallsBack(result) ? { ...result, ...asymptotic(a, b) } : result, { location, sign });
    },
    ks_asymp: () => fields(kolmogorovSmirnov(a, b, { method: 'finite' })),
    ks_kolmogorov_limit_pvalue: () => {
      const result = kolmogorovSmirnov(a, b, { method: 'limit' });
      return result.status === 'ok' ? result.pValue : undefined;
    },
    mannwhitney_asymptotic_cc: () => u1(mannWhitney(a, b, { method: 'asymptotic' })),
    mannwhitney_exact: () => u1(mannWhitney(a, b, { method: 'exact' })),
    anderson_ksamp_midrank: () => {
      const result = andersonDarling(a, b);
      if (result.status !== 'ok') return undefined;
      return { statistic: result.value, 'pvalue_interpolated_capped_0.001_0.25': result.pValue };
    },
    cramervonmises_asymptotic: () => fields(cramerVonMises(a, b)),
  };
}

function ofSums(a: Sample, b: Sample): Record<string, () => Outside> {
  return {
    wasserstein1: () => statisticOf(wasserstein(a, b)),
    wasserstein1_over_ref_std_ddof0: () => {
      const result = wasserstein(a, b);
      return result.status === 'ok' ? result.effect : undefined;
    },
    energy_distance: () => statisticOf(energyDistance(a, b)),
    welch_t: () => {
      const result = welch(a, b);
      return fields(result, { df: result.status === 'ok' ? result.details?.['df'] : undefined });
    },
    ref_decile_bins: () => decileBins(a, b),
  };
}

/** SciPy gives its exact p-value up, and takes the asymptotic one, where rounding has lifted it above 1. */
function fallsBack({
  value,
  n,
  m,
}: {
  readonly value: number;
  readonly n: number;
  readonly m: number;
}): boolean {
  return n === m && value > 0 && kolmogorovEqualSizesSum(n, Math.round(value * n)) > 1;
}

function asymptotic(a: Sample, b: Sample): { readonly pValue?: number } {
  const { pValue } = { pValue: undefined, ...kolmogorovSmirnov(a, b, { method: 'finite' }) };
  return pValue === undefined ? {} : { pValue };
}

function u1(result: Result): Outside {
  return result.status === 'ok' ? { U1: result.value, pvalue: result.pValue } : undefined;
}

function decileBins(a: readonly (number | null)[], b: readonly (number | null)[]): Outside {
  const bins = fitNumericBins(a, { outer: false });
  if (bins === undefined) return undefined;
  const codeOf = coder(bins);
  const count = (values: readonly (number | null)[]): number[] => {
    const counts = new Array<number>(bins.edges.length + 1).fill(0);
    for (const value of values) {
      const code = codeOf(value);
      if (code >= 0) counts[code] = (counts[code] ?? 0) + 1;
    }
    return counts;
  };
  const reference = count(a);
  const current = count(b);
  const distances = binDistances(reference, current);
  return {
    edges: bins.edges,
    ref_p: sharesOf(reference),
    cur_p: sharesOf(current),
    ...distances,
  };
}

function sharesOf(counts: readonly number[]): number[] | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total > 0 ? counts.map((count) => count / total) : undefined;
}

function asNumber(value: number | string | null): number | null {
  return typeof value === 'string' ? Number(value) : value;
}
