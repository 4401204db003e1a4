import { incompleteGamma } from '../special/incomplete-gamma.ts';
import { bisect } from './bisect.ts';
import { insufficient, type WithInterval } from './evaluated.ts';

/**
 * False alarm rate: alarms per 100,000 elements among elements where nothing had changed, with the exact
 * 95% Poisson interval (Garwood 1936, Biometrika 28). Undefined, hence insufficient, without such
 * elements. Misleads when alarms come in clusters (dependent errors): the interval is then too narrow.
 *
 * @param alarms Alarms while nothing had changed.
 * @param elements Elements read while nothing had changed.
 */
export function falseAlarmRate(alarms: number, elements: number): WithInterval {
  if (elements <= 0) return insufficient(1, 0);
  const { low, high } = poissonInterval(alarms);
  const scale = PER / elements;
  return { status: 'ok', value: alarms * scale, low: low * scale, high: high * scale, n: elements };
}

/** Elements that a false alarm rate is stated for. */
export const PER = 100_000;

/** Exact two-sided 95% interval of a Poisson mean of which `count` was seen. */
export function poissonInterval(count: number): { low: number; high: number } {
  const top = count + 10 * Math.sqrt(count + 1) + 10;
  const low = count === 0 ? 0 : bisect((mean) => incompleteGamma(count, mean).lower - 0.025, 0, top);
  const high = bisect((mean) => incompleteGamma(count + 1, mean).lower - 0.975, 0, top);
  return { low, high };
}
