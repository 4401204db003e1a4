/**
 * Upper tail of Kolmogorov's limit law: the probability that the largest absolute value of a Brownian bridge
 * is at least x. For two samples x is D sqrt(nm / (n + m)); right only for large samples without ties.
 *
 * Source: A. Kolmogorov (1933); the second form for small x by the theta-function identity, Feller (1948).
 */
export function kolmogorovLimitSf(x: number): number {
  if (!(x > 0)) return 1;
  if (x < 0.82) {
    const base = -(Math.PI * Math.PI) / (8 * x * x);
    let sum = 0;
    for (let k = 1; k < 20; k += 2) sum += Math.exp(k * k * base);
    return Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * sum);
  }
  let sum = 0;
  for (let k = 1; k < 20; k += 1) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, 2 * sum);
}
