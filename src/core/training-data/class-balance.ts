import { type CheckResult, percent } from './check.ts';
import { compareLabelShares, ones } from './label-share.ts';

/**
 * Are both classes there in the new data, and in about the share they had before? A finding when the rarer one
 * holds under `leastShare` of the rows (default 1%), or when the share of ones moved by `floor` (default 5
 * points) with p below `alpha`. `before` may be absent. Misleads for data that were balanced on purpose:
 * compare like with like.
 */
export function classBalance(args: {
  before?: ArrayLike<number>;
  now: ArrayLike<number>;
  leastShare?: number;
  alpha?: number;
  floor?: number;
  /** What labels 0 and 1 are called. */
  names?: readonly [string, string];
}): CheckResult {
  const check = 'class-balance';
  const { names = ['0', '1'] } = args;
  const { hits, rows } = ones(args.now);
  if (rows < NEEDED) return { check, status: 'insufficient', need: NEEDED, have: rows, why: 'labelled rows' };
  const share = Math.min(hits, rows - hits) / rows;
  if (share < (args.leastShare ?? 0.01)) {
    const rarer = hits * 2 <= rows ? 1 : 0;
    return {
      check,
      status: 'finding',
      detail: `${percent(share)} of ${rows} labels are ${names[rarer]}: too few to learn from`,
      numbers: { share, rarer, rows },
      n: rows,
    };
  }
  if (args.before === undefined) return { check, status: 'ok', n: rows };
  const { before, now } = args;
  return compareLabelShares({
    check,
    names: ['earlier', 'new'],
    label: names[1],
    before,
    now,
    alpha: args.alpha ?? 0.001,
    floor: args.floor ?? 0.05,
  });
}

const NEEDED = 50;
