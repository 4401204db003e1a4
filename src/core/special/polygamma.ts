/**
 * First and second derivative of ln gamma, x > 0: relative error near 1e-12. The recurrence takes x above 8, an
 * asymptotic series does the rest. Source: Abramowitz and Stegun 6.3.5, 6.3.18, 6.4.6 and 6.4.12.
 */
export function digamma(x: number): number {
  let [y, sum] = [x, 0];
  for (; y < LARGE; y += 1) sum -= 1 / y;
  const r = 1 / (y * y);
  const series = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132)))));
  return sum + Math.log(y) - 0.5 / y - series;
}

export function trigamma(x: number): number {
  let [y, sum] = [x, 0];
  for (; y < LARGE; y += 1) sum += 1 / (y * y);
  const r = 1 / (y * y);
  const series = r * (1 / 6 - r * (1 / 30 - r * (1 / 42 - r * (1 / 30 - r * (5 / 66)))));
  return sum + 1 / y + r / 2 + series / y;
}

/** The x > 0 at which trigamma is `value` > 0, by Newton steps on its reciprocal, which is nearly straight. */
export function inverseTrigamma(value: number): number {
  if (value > 1e7) return 1 / Math.sqrt(value);
  if (value < 1e-6) return 1 / value;
  let x = 0.5 + 1 / value;
  for (let round = 0; round < 50; round += 1) {
    const now = trigamma(x);
    const step = (now * (1 - now / value)) / tetragamma(x);
    x += step;
    if (Math.abs(step) < 1e-10 * x) break;
  }
  return x;
}

function tetragamma(x: number): number {
  let [y, sum] = [x, 0];
  for (; y < LARGE; y += 1) sum -= 2 / y ** 3;
  const r = 1 / (y * y);
  return sum - r - r / y - r * r * (0.5 - r * (1 / 6 - r * (1 / 6 - r * 0.3)));
}

const LARGE = 12;
