import type { WorstRow } from '../../core/analysis/analysis.ts';
import { short } from '../dashboard/format.ts';

/** Why a row was answered as it was: what is usual, and the values that added most to it, on the page and in the terminal. */
export function because({ explained }: WorstRow): string {
  const most = explained.contributions.slice(0, REASONS).map(({ feature, value, contribution }) => {
    const shown = value === null ? 'missing' : typeof value === 'number' ? short(value) : value;
    return `${feature} ${shown} ${contribution < 0 ? '−' : '+'}${Math.abs(contribution).toFixed(3)}`;
  });
  return `usual ${explained.base.toFixed(3)}; ${most.join(', ')}`;
}

/** What was said of a row and what came: of classes their names, with the probability of the one that was said. */
export function saidAndCame({ prediction, label, said, came }: WorstRow): [string, string] {
  if (said !== undefined) return [`${said} ${prediction.toFixed(3)}`, came ?? ''];
  return [prediction.toFixed(3), short(label)];
}

const REASONS = 4;
