/**
 * Probability that the Mann-Whitney count of n and m rows without ties is at most u, when both samples have the
 * same source. The recursion over the owner of the largest row adds positive terms only, so small tails keep
 * their relative precision. Cost n m u / 2 at most: meant for small samples or extreme u.
 *
 * Source: H. Mann and D. Whitney (1947), doi 10.1214/aoms/1177730491, section 3.
 */
export function mannWhitneyTail(n: number, m: number, u: number): number {
  if (u < 0) return 0;
  const last = Math.min(Math.floor(u), n * m);
  // mass[j][k]: probability of count k with i and j rows; row i is made from row i - 1 in place.
  const mass = Array.from({ length: m + 1 }, () => {
    const row = new Float64Array(last + 1);
    row[0] = 1;
    return row;
  });
  for (let i = 1; i <= n; i += 1) {
    for (let j = 1; j <= m; j += 1) {
      const here = mass[j] ?? new Float64Array(0);
      const left = mass[j - 1] ?? new Float64Array(0);
      for (let k = Math.min(last, i * j); k >= 0; k -= 1) {
        const largestFirst = k >= j ? (here[k - j] ?? 0) : 0;
        here[k] = (i * largestFirst + j * (left[k] ?? 0)) / (i + j);
      }
    }
  }
  return Math.min(
    1,
    (mass[m] ?? new Float64Array(0)).reduce((sum, p) => sum + p, 0),
  );
}
