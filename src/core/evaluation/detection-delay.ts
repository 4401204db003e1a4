import { binomialMass } from '../special/binomial.ts';
import { insufficient, type WithInterval } from './evaluated.ts';
import type { Match } from './match.ts';

/** Elements from each drift to the alarm that found it (0 is the drifted element itself); missed ones left out. */
export function detectionDelays(matches: readonly Match[]): number[] {
  return matches.flatMap((m) =>
    m.episodes.flatMap((episode) => (episode.alarm === null ? [] : [episode.alarm - episode.drift])),
  );
}

/**
 * Median detection delay in elements with its 95% order-statistic interval (the sample's range when there
 * are fewer than 6). Without `missed` it is that of the drifts found and misleads beside many missed ones;
 * with it, missed drifts count as later than any delay, the upper end is null (open) where the interval
 * reaches them, and the median is insufficient when half were missed. Undefined, hence insufficient, when
 * nothing was found.
 */
export function medianDelay(delays: readonly number[], missed = 0): WithInterval {
  const sorted = [...delays].sort((a, b) => a - b);
  const n = sorted.length + missed;
  const lower = sorted[Math.floor((n - 1) / 2)];
  const upper = sorted[Math.ceil((n - 1) / 2)];
  const need = Math.max(1, Math.floor(n / 2) + 1);
  if (lower === undefined || upper === undefined) return insufficient(need, sorted.length);
  const rank = intervalRank(n);
  const low = sorted[rank] ?? lower;
  return { status: 'ok', value: (lower + upper) / 2, low, high: sorted[n - 1 - rank] ?? null, n };
}

/** 0-based rank of the lower end: the largest at which the median lies outside with at most 5%, if any. */
function intervalRank(n: number): number {
  let below = 0;
  let rank = 0;
  for (let k = 0; k < n / 2; k += 1) {
    below += binomialMass(k, n, 0.5);
    if (below > 0.025) break;
    rank = k;
  }
  return Math.min(rank, Math.floor((n - 1) / 2));
}
