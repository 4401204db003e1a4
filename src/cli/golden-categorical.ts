import { chiSquared } from '../core/statistics/chi-squared.ts';
import { cramersV } from '../core/statistics/cramers-v.ts';
import { fisherExact, fisherTwoSided } from '../core/statistics/fisher-exact.ts';
import { gTest } from '../core/statistics/g-test.ts';
import { hellinger } from '../core/statistics/hellinger.ts';
import { jensenShannon } from '../core/statistics/jensen-shannon.ts';
import { lInfinity } from '../core/statistics/l-infinity.ts';
import { populationStabilityIndexFloored } from '../core/statistics/population-stability-index.ts';
import { totalVariation } from '../core/statistics/total-variation.ts';
import { fields, type Outside, statisticOf } from './golden-outside.ts';

type Categories = readonly (string | number | boolean | null)[];

/** What the core has for a categorical case, by the keys of the outside block, computed when asked for. */
export function categoricalValues(each: {
  readonly ref: Categories;
  readonly cur: Categories;
}): Record<string, () => Outside> {
  const a = each.ref.flatMap(asText);
  const b = each.cur.flatMap(asText);
  const categories = [...new Set([...a, ...b])].sort(byCodePoint);
  const reference = countsOf(a, categories);
  const current = countsOf(b, categories);
  const distances = binDistances(reference, current);
  return {
    categories: () => categories,
    counts_ref: () => reference,
    counts_cur: () => current,
    chi2_contingency_nocorrection: () => withDof(chiSquared(reference, current)),
    chi2_contingency_yates: () => withDof(chiSquared(reference, current, { yates: true })),
    cramers_v: () => statisticOf(cramersV(reference, current, { corrected: false })),
    cramers_v_bias_corrected: () => statisticOf(cramersV(reference, current)),
    g_test: () => withDof(gTest(reference, current)),
    fisher_exact: () => fisher(reference, current),
    ...Object.fromEntries(Object.entries(distances).map(([key, value]) => [key, () => value])),
  };
}

/** The distances between shares that outside blocks give for categories and for decile bins alike. */
export function binDistances(
  reference: readonly number[],
  current: readonly number[],
): Record<string, Outside> {
  return {
    psi_floor1e_4: statisticOf(populationStabilityIndexFloored(reference, current, 1e-4)),
    js_distance_base2: statisticOf(jensenShannon(reference, current)),
    js_distance_base_e: statisticOf(jensenShannon(reference, current, { base: Math.E })),
    hellinger: statisticOf(hellinger(reference, current)),
    total_variation: statisticOf(totalVariation(reference, current)),
    linf: statisticOf(lInfinity(reference, current)),
  };
}

function withDof(result: ReturnType<typeof chiSquared>): Outside {
  const df = result.status === 'ok' ? result.details?.['df'] : undefined;
  return fields(result, { dof: df });
}

function fisher(reference: readonly number[], current: readonly number[]): Outside {
  const [a = 0, b = 0, ...restA] = reference;
  const [c = 0, d = 0] = current;
  if (restA.length > 0) return undefined;
  const result = fisherExact([a, b], [c, d]);
  const pvalue = a + b > 0 && c + d > 0 ? fisherTwoSided(a, a + b, c, c + d) : undefined;
  return { oddsratio: statisticOf(result), pvalue };
}

function countsOf(values: readonly string[], categories: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return categories.map((category) => counts.get(category) ?? 0);
}

function asText(value: string | number | boolean | null): string[] {
  if (value === null || value === 'NaN') return [];
  return [String(value)];
}

/** The order of code points; the language's own is that of code units, different beyond U+FFFF. */
function byCodePoint(a: string, b: string): number {
  const left = Array.from(a, (c) => c.codePointAt(0) ?? 0);
  const right = Array.from(b, (c) => c.codePointAt(0) ?? 0);
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const gap = (left[i] ?? 0) - (right[i] ?? 0);
    if (gap !== 0) return gap;
  }
  return left.length - right.length;
}
