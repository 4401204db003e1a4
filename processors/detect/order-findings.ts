import { benjaminiHochberg } from '../../src/core/thresholds/benjamini-hochberg.ts';
import type { Verdict } from './verdict.ts';

/**
 * Gives every drift among the verdicts of one window its `q_value`: how large the share of false ones would be among
 * it and all stronger ones (Benjamini-Hochberg over everything tested in the window). It puts findings in order; what
 * pages was decided before, by the budget.
 */
export function orderFindings(verdicts: readonly Verdict[]): Verdict[] {
  const strengths = verdicts.map(strengthOf);
  const tested = strengths.filter((p) => p !== undefined);
  const adjusted = benjaminiHochberg(tested);
  let at = 0;
  return verdicts.map((verdict, index) => {
    const q = strengths[index] === undefined ? undefined : adjusted[at++];
    if (q === undefined || verdict.verdict !== 'drift') return verdict;
    return { ...verdict, detail: { ...verdict.detail, q_value: q } };
  });
}

/** The p-value of the window, or of the evidence over windows: one that is E under no change at most has P(E >= e) <= 1/e. */
function strengthOf(verdict: Verdict): number | undefined {
  if (verdict.verdict !== 'ok' && verdict.verdict !== 'drift') return undefined;
  const evidence = verdict.detail['over_windows'];
  const together = typeof evidence === 'number' && evidence > 1 ? 1 / evidence : 1;
  return verdict.pValue === undefined ? undefined : Math.min(verdict.pValue, together);
}
