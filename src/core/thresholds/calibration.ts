import { insufficient, type WithInterval } from '../evaluation/evaluated.ts';
import { binomialMass } from '../special/binomial.ts';

/**
 * Threshold that a wanted false alarm rate needs, from the largest evidence of many streams in which
 * nothing changed. A stream of `length` elements stays below the threshold with probability
 * exp(-rate * length), so the threshold is that quantile of the maxima; its 95% interval is the
 * order-statistic one. `insufficient` says how many streams the rate needs: at least 10 above the
 * quantile and 10 below it.
 *
 * Misleads: it holds for independent elements and for streams about as long as the simulated ones; a
 * stream that depends on its past alarms more often.
 *
 * @param maxima Largest evidence of each stream, in the unit of the detector's threshold.
 * @param per100k Wanted false alarms per 100,000 elements.
 */
export function calibrateThreshold(args: {
  maxima: readonly number[];
  length: number;
  per100k: number;
}): WithInterval {
  const sorted = [...args.maxima].sort((a, b) => a - b);
  const n = sorted.length;
  const quiet = Math.exp((-args.per100k * args.length) / 100_000);
  const need = Math.ceil(10 / Math.min(quiet, 1 - quiet));
  if (n < need) return insufficient(need, n);
  const { low, high } = ranks(n, quiet);
  const at = (rank: number): number => sorted[Math.max(0, Math.min(n - 1, rank))] ?? 0;
  return { status: 'ok', value: at(Math.ceil(quiet * n) - 1), low: at(low), high: at(high), n };
}

/** 0-based ranks between which the quantile lies with at least 95%. */
function ranks(n: number, share: number): { low: number; high: number } {
  let below = 0;
  let low = 0;
  let high = n - 1;
  for (let k = 0; k < n; k += 1) {
    below += binomialMass(k, n, share);
    if (below <= 0.025) low = k;
    if (below >= 0.975) {
      high = k + 1;
      break;
    }
  }
  return { low, high };
}
