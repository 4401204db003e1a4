import { type Evaluated, insufficient } from './evaluated.ts';
import type { Match } from './match.ts';

/**
 * Precision: share of alarms that found a drift; repeats inside an episode count on neither side.
 * Undefined, hence insufficient, when nothing alarmed. Misleads when drifts are rare: one false alarm a
 * year reads as a precision of .5 in a year with one drift. Take the false alarm rate then.
 */
export function precision(matches: readonly Match[]): Evaluated {
  const found = matches.reduce((sum, m) => sum + m.episodes.filter((e) => e.alarm !== null).length, 0);
  const wrong = matches.reduce((sum, m) => sum + m.falseAlarms.length, 0);
  if (found + wrong === 0) return insufficient(1, 0);
  return { status: 'ok', value: found / (found + wrong), n: found + wrong };
}
