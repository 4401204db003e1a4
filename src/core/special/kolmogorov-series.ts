/**
 * P(D_n <= d) for the one-sample Kolmogorov-Smirnov statistic by the limit law and its first three corrections
 * in 1 / sqrt(n). Good to about 1e-7 for n > 140; for smaller n take the matrix form.
 *
 * Source: W. Pelz and I. J. Good, Approximating the Lower Tail-areas of the Kolmogorov-Smirnov One-sample
 * Statistic (1976), in the form of Simard and L'Ecuyer (2011), section 3.2.
 */
export function kolmogorovSeriesCdf(n: number, d: number): number {
  const z = Math.sqrt(n) * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const z8 = z4 * z4;
  let k0 = 0;
  let k1 = 0;
  let k2 = 0;
  let k3 = 0;
  // Two sums over the integers k, folded on k >= 0: half-integers in `half`, integers in `whole`.
  for (let k = 0; k < 400; k += 1) {
    const half = (Math.PI * (k + 0.5)) ** 2;
    const weight = Math.exp(-half / (2 * z2));
    k0 += weight;
    k1 += (half - z2) * weight;
    k2 += (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * half + (1 - 2 * z2) * half * half) * weight;
    k3 += half * half * half * (5 - 30 * z2) * weight + half * half * (212 * z4 - 60 * z2) * weight;
    k3 += (half * (135 * z4 - 96 * z6) - 30 * z6 - 90 * z8) * weight;
    if (weight === 0) break;
  }
  let w2 = 0;
  let w3 = 0;
  for (let k = 1; k < 400; k += 1) {
    const whole = (Math.PI * k) ** 2;
    const weight = Math.exp(-whole / (2 * z2));
    w2 += whole * weight;
    w3 += (3 * z2 * whole - whole * whole) * weight;
    if (weight === 0) break;
  }
  const first = k1 / (6 * z4);
  const second = k2 / (72 * z4 * z2 * z) - w2 / (36 * z2 * z);
  const third = k3 / (6480 * z8 * z2) + w3 / (216 * z6);
  return SQRT_TWO_PI * (k0 / z + first / Math.sqrt(n) + second / n + third / n ** 1.5);
}

const SQRT_TWO_PI = 2.5066282746310002;
