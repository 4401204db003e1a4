import { kolmogorovFiniteSf } from '../special/kolmogorov-finite.ts';
import { kolmogorovLimitSf } from '../special/kolmogorov-limit.ts';
import { greatestCommonDivisor, kolmogorovTwoSampleSf } from '../special/kolmogorov-two-sample.ts';
import type { Result } from '../statistic.ts';
import { type RankedPool, rankedPool } from './ranked-pool.ts';
import { twoSamples } from './two-samples.ts';

/**
 * Two-sample Kolmogorov-Smirnov: the largest difference between the shares of rows below any one value.
 * 0 for equal samples, 1 when they do not overlap. Only the order of the values matters.
 *
 * p-value by `method`: `exact` counts lattice paths; `finite` uses the one-sample law at
 * nm / (n + m) rows, rounded (what SciPy calls asymptotic); `limit` is Kolmogorov's limit law. `auto` is exact
 * up to 10,000 rows a side and finite beyond. Effect: the statistic itself, a share of rows.
 *
 * Assumes independent rows of a continuous value. With ties all three p-values are too large (the test is too
 * careful); for counts and categories take `chiSquared`. Misleads about the tails: take `andersonDarling` for
 * those, and `wasserstein` for how far values moved. Infinities are ranked; null and NaN left out.
 *
 * Source: J. Hodges (1958), doi 10.1007/BF02589501; R. Simard and P. L'Ecuyer (2011), doi 10.18637/jss.v039.i11.
 */
export function kolmogorovSmirnov(
  reference: ArrayLike<number | null>,
  current: ArrayLike<number | null>,
  options: { readonly method?: KolmogorovMethod } = {},
): Result {
  const samples = twoSamples(reference, current, { need: 1, infinities: true });
  if ('status' in samples) return samples;
  const { n, m, dropped } = samples;
  const { value, location, sign } = largestGap(rankedPool(samples.reference, samples.current), n, m);
  const details = Number.isFinite(location) ? { location, sign, dropped } : { sign, dropped };
  return kolmogorovOfGap({ value, n, m, details, ...options });
}

/** The answer for a largest gap that was measured elsewhere, such as in the database; `method` as above. */
export function kolmogorovOfGap(args: {
  value: number;
  n: number;
  m: number;
  method?: KolmogorovMethod;
  details?: Readonly<Record<string, number>>;
}): Result {
  const { n, m, details } = args;
  const method = args.method ?? 'auto';
  const exact = method === 'exact' || (method === 'auto' && Math.max(n, m) <= EXACT_UP_TO);
  const chosen = exact && n * m > MOST_PATHS && n !== m ? 'finite' : exact ? 'exact' : method;
  const step = (n / greatestCommonDivisor(n, m)) * m;
  const value = chosen === 'exact' ? Math.round(args.value * step) / step : args.value;
  const pValue = tail(chosen, value, n, m, step);
  return {
    status: 'ok',
    value,
    ...(pValue === undefined ? {} : { pValue }),
    effect: value,
    effectUnit: 'share of rows',
    n,
    m,
    law: LAWS[chosen === 'auto' ? 'finite' : chosen],
    ...(details === undefined ? {} : { details }),
  };
}

export type KolmogorovMethod = 'auto' | 'exact' | 'finite' | 'limit';

function tail(method: KolmogorovMethod, d: number, n: number, m: number, step: number): number | undefined {
  if (method === 'exact') return kolmogorovTwoSampleSf(n, m, Math.round(d * step));
  if (method === 'limit') return kolmogorovLimitSf(d * Math.sqrt((n * m) / (n + m)));
  const whole = effectiveRows(n, m);
  return whole < 1 ? undefined : kolmogorovFiniteSf(whole, d);
}

/**
 * The signed gap of the two step functions, largest on either side. Where several values share it, the one
 * that a reader of the sorted reference, then of the sorted current sample, meets first.
 */
function largestGap(
  pool: RankedPool,
  n: number,
  m: number,
): { value: number; location: number; sign: number } {
  let below = 0;
  let belowCurrent = 0;
  const gaps = Array.from(pool.values, (value, i) => {
    below += pool.reference[i] ?? 0;
    belowCurrent += pool.current[i] ?? 0;
    return { value, gap: below / n - belowCurrent / m, inReference: (pool.reference[i] ?? 0) > 0 };
  });
  const ordered = [...gaps.filter((g) => g.inReference), ...gaps.filter((g) => !g.inReference)];
  let up = { value: 0, gap: Number.NEGATIVE_INFINITY };
  let down = { value: 0, gap: Number.POSITIVE_INFINITY };
  for (const candidate of ordered) {
    if (candidate.gap > up.gap) up = candidate;
    if (candidate.gap < down.gap) down = candidate;
  }
  const fall = Math.min(1, Math.max(0, -down.gap));
  return fall > up.gap
    ? { value: fall, location: down.value, sign: -1 }
    : { value: Math.max(0, up.gap), location: up.value, sign: 1 };
}

/** nm / (n + m), the rows of a one-sample test with the same precision, rounded as SciPy does: half to even. */
export function effectiveRows(n: number, m: number): number {
  const rows = (n * m) / (n + m);
  const floor = Math.floor(rows);
  if (rows - floor === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return Math.round(rows);
}

const EXACT_UP_TO = 10_000;
const MOST_PATHS = 1e8;
const LAWS = {
  exact: 'exact two-sample, by lattice paths',
  finite: 'one-sample law at nm / (n + m) rows',
  limit: 'Kolmogorov limit law',
};
