import { binomialMass } from './binomial.ts';
import { kolmogorovLimitSf } from './kolmogorov-limit.ts';
import { kolmogorovMatrixCdf } from './kolmogorov-matrix.ts';
import { kolmogorovSeriesCdf } from './kolmogorov-series.ts';
import { stirlingError } from './log-gamma.ts';

/**
 * Upper tail of the one-sample Kolmogorov-Smirnov statistic for n rows: the probability that the largest gap
 * between an empirical distribution of n continuous values and the true one is at least d.
 *
 * Each region of (n, d) has its own formula; the regions are those of Simard and L'Ecuyer. Exact up to rounding
 * for n <= 140 and for small and large d; between them accurate to about 1e-6, relative.
 * Beyond a million rows the sums grow long: there it is the limit law with its first correction in 1 / sqrt(n),
 * within 1e-4 of the exact tail, relative, down to 1e-12.
 *
 * Source: R. Simard and P. L'Ecuyer, Computing the Two-Sided Kolmogorov-Smirnov Distribution (2011),
 * doi 10.18637/jss.v039.i11; J. Vrbik, Small-sample corrections to Kolmogorov-Smirnov test statistic (2018).
 */
export function kolmogorovFiniteSf(n: number, d: number): number {
  const gap = n * d;
  if (gap <= 0.5) return 1;
  if (d >= 1) return 0;
  if (n > MOST_ROWS) return kolmogorovLimitSf(d * Math.sqrt(n) + 1 / (6 * Math.sqrt(n)));
  if (gap <= 1) return 1 - smallest(n, gap);
  if (gap >= n - 1) return Math.min(1, 2 * (1 - d) ** n);
  const square = gap * d;
  if (square >= 370) return 0;
  if (d >= 0.5 || square > 4 || (n > 140 && square >= 2.2)) return Math.min(1, 2 * oneSidedSf(n, d));
  if (n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4)) return clip(1 - kolmogorovMatrixCdf(n, d));
  return clip(1 - kolmogorovSeriesCdf(n, d));
}

/** P(D <= d) where n d is between 1/2 and 1: n! (2 d - 1/n)^n. */
function smallest(n: number, gap: number): number {
  return Math.sqrt(2 * Math.PI * n) * Math.exp(stirlingError(n) - n + n * Math.log(2 * gap - 1));
}

/**
 * P(D+ >= d), Smirnov's sum of positive terms, each written as d / p times a binomial probability of j out of n
 * with p = d + j / n.
 */
function oneSidedSf(n: number, d: number): number {
  let sum = Math.exp(n * Math.log1p(-d));
  const last = Math.floor(n * (1 - d));
  for (let j = 1; j <= last; j += 1) {
    const p = d + j / n;
    if (p < 1) sum += (d / p) * binomialMass(j, n, p);
  }
  return sum;
}

function clip(p: number): number {
  return Math.min(1, Math.max(0, p));
}

const MOST_ROWS = 1_000_000;
