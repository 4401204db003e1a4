import { incompleteBeta } from '../special/incomplete-beta.ts';
import { bisect } from './bisect.ts';
import { insufficient, type WithInterval } from './evaluated.ts';
import type { Match } from './match.ts';

/**
 * Missed detection rate: share of true drifts without an alarm in their episode, 1 minus the episode
 * recall, with the exact 95% binomial interval (Clopper, Pearson 1934, Biometrika 26). Undefined, hence
 * insufficient, without a drift.
 */
export function missedDetectionRate(matches: readonly Match[]): WithInterval {
  const episodes = matches.flatMap((m) => m.episodes);
  if (episodes.length === 0) return insufficient(1, 0);
  const missed = episodes.filter((episode) => episode.alarm === null).length;
  return { status: 'ok', value: missed / episodes.length, ...binomialInterval(missed, episodes.length) };
}

/** Exact two-sided 95% interval of a share of k in n. */
export function binomialInterval(k: number, n: number): { low: number; high: number; n: number } {
  const low = k === 0 ? 0 : bisect((p) => incompleteBeta(k, n - k + 1, p) - 0.025, 0, 1);
  const high = k === n ? 1 : bisect((p) => incompleteBeta(k + 1, n - k, p) - 0.975, 0, 1);
  return { low, high, n };
}
