import { rateDifference } from '../statistics/rate-difference.ts';
import { type CheckResult, percent, type TrainingDataCheck } from './check.ts';

/** Whether two sets of labels have the same share of ones: the form behind class balance and label parity. */
export function compareLabelShares(args: {
  check: TrainingDataCheck;
  names: readonly [string, string];
  /** What label 1 is called. */
  label?: string;
  before: ArrayLike<number>;
  now: ArrayLike<number>;
  alpha: number;
  floor: number;
}): CheckResult {
  const { check, names, label = '1' } = args;
  const before = ones(args.before);
  const now = ones(args.now);
  const rows = Math.min(before.rows, now.rows);
  if (rows < NEEDED) return { check, status: 'insufficient', need: NEEDED, have: rows, why: 'labelled rows' };
  const rate = rateDifference(before, now);
  if (rate.status === 'insufficient') return { check, ...rate };
  const effect = rate.effect ?? 0;
  const pValue = rate.pValue ?? 1;
  if (pValue >= args.alpha || Math.abs(effect) < args.floor) return { check, status: 'ok', n: now.rows };
  const [share, other] = [before.hits / before.rows, now.hits / now.rows];
  return {
    check,
    status: 'finding',
    detail: `${percent(other)} of ${now.rows} ${names[1]} labels are ${label}, ${percent(share)} of ${before.rows} ${names[0]} labels`,
    numbers: { before: share, now: other, effect, pValue },
    n: now.rows,
  };
}

/** Labels that are 1, and labels that are 0 or 1. */
export function ones(labels: ArrayLike<number>): { readonly hits: number; readonly rows: number } {
  let [hits, rows] = [0, 0];
  for (let at = 0; at < labels.length; at += 1) {
    const label = labels[at];
    if (label !== 0 && label !== 1) continue;
    rows += 1;
    hits += label;
  }
  return { hits, rows };
}

const NEEDED = 50;
