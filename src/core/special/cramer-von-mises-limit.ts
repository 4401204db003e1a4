/**
 * Upper tail of the limit law of the Cramer-von Mises statistic: the probability that the integral of a squared
 * Brownian bridge is at least x. Computed as a tail, so small probabilities are right to about 1e-12 relative.
 *
 * Smirnov's alternating integrals between consecutive zeros of the sine, each with the substitution that makes
 * both end points smooth, so that equally spaced points converge exponentially fast.
 *
 * Source: N. Smirnov (1936), in the form of T. Anderson and D. Darling (1952), doi 10.1214/aoms/1177729437.
 */
export function cramerVonMisesLimitSf(x: number): number {
  if (!(x > 0.004)) return 1;
  let sum = 0;
  for (let k = 1; k < 200; k += 1) {
    const part = between(k, x);
    sum += k % 2 === 1 ? part : -part;
    if (part < 1e-18 * Math.abs(sum)) break;
  }
  return Math.min(1, Math.max(0, sum));
}

/** (2 / pi) times the integral over ((2k-1) pi, 2k pi) of exp(-x t^2 / 2) / sqrt(-t sin t). */
function between(k: number, x: number): number {
  let sum = 0;
  for (let i = 0; i < POINTS; i += 1) {
    const theta = ((i + 0.5) * Math.PI) / POINTS;
    const fromMiddle = (Math.PI / 2) * Math.cos(theta);
    const t = (2 * k - 0.5) * Math.PI + fromMiddle;
    sum += (Math.exp((-x * t * t) / 2) * Math.sin(theta)) / Math.sqrt(t * Math.cos(fromMiddle));
  }
  return (2 / Math.PI) * sum * (Math.PI / POINTS) * (Math.PI / 2);
}

const POINTS = 200;
