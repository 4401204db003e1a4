import { type Evaluated, insufficient } from './evaluated.ts';
import type { Match } from './match.ts';

/**
 * Episode recall: share of true drifts with at least one alarm before the episode ended. Undefined, hence
 * insufficient, without a drift. Says nothing about how late the alarm was; read it beside the delay.
 */
export function episodeRecall(matches: readonly Match[]): Evaluated {
  const episodes = matches.flatMap((m) => m.episodes);
  if (episodes.length === 0) return insufficient(1, 0);
  const found = episodes.filter((episode) => episode.alarm !== null).length;
  return { status: 'ok', value: found / episodes.length, n: episodes.length };
}
