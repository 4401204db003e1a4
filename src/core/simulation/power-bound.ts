import type { Random } from '../random.ts';
import { NORMALS } from './rows.ts';

/**
 * How fast a change of a normal mean can be found right after a reference of finite size, by a detector that is told
 * the size of the change beforehand and has the whole budget for this one mean: Shiryaev-Roberts over every
 * possible first window, with the exact likelihood ratio of the windows since against all rows before them, and half
 * a bet on each direction. The window in which it pages, 1 and up; 0 when it did not within `until`.
 *
 * What the paging system is held against at its start, where the reference's own error hides small changes.
 */
export function boundOfPower(args: {
  random: Random;
  /** Rows of the reference and of a window. */
  reference: number;
  rows: number;
  /** Change of the mean, in sd. */
  shift: number;
  /** Evidence at which it pages. */
  evidenceAt: number;
  until: number;
}): number {
  const { random, rows, shift } = args;
  const normal = (): number => NORMALS[Math.floor(random() * NORMALS.length)] ?? 0;
  const sums = [normal() * Math.sqrt(args.reference)];
  for (let window = 1; window <= args.until; window += 1) {
    sums.push(normal() * Math.sqrt(rows) + shift * rows);
    if (evidenceOf({ ...args, sums }) >= args.evidenceAt) return window;
  }
  return 0;
}

/** Sum over first changed windows of the likelihood ratio, mean of both directions. */
function evidenceOf(args: {
  sums: readonly number[];
  reference: number;
  rows: number;
  shift: number;
}): number {
  const { sums, rows, shift } = args;
  const total = sums.reduce((sum, x) => sum + x, 0);
  const all = args.reference + (sums.length - 1) * rows;
  let [since, count, evidence] = [0, 0, 0];
  for (let first = sums.length - 1; first >= 1; first -= 1) {
    since += sums[first] ?? 0;
    count += rows;
    const variance = 1 / count + 1 / (all - count);
    const difference = since / count - (total - since) / (all - count);
    const penalty = (shift * shift) / (2 * variance);
    for (const size of [shift, -shift]) evidence += Math.exp((size * difference) / variance - penalty) / 2;
  }
  return evidence;
}
