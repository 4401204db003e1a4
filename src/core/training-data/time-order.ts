import { type CheckResult, percent } from './check.ts';

/**
 * Is every training row older than every validation row? A model that was trained on rows from the time it is
 * examined on, or after it, knows what it could not know in service. One training row at or after the oldest
 * validation row is a finding. Times in milliseconds since 1970; a time that is not finite counts as out of order.
 * Misleads when event times are those of writing: examples then look newer than what they describe.
 */
export function timeOrder(args: {
  trainingMs: ArrayLike<number>;
  validationMs: ArrayLike<number>;
}): CheckResult {
  const check = 'time-order';
  const training = Array.from(args.trainingMs);
  const validation = Array.from(args.validationMs);
  const fewer = Math.min(training.length, validation.length);
  if (fewer === 0) return { check, status: 'insufficient', need: 1, have: 0, why: 'rows on both sides' };
  const oldest = validation.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const n = training.length;
  // A time that is no number is before nothing.
  const late = training.reduce((count, time) => count + (time < oldest ? 0 : 1), 0);
  if (late === 0) return { check, status: 'ok', n };
  return {
    check,
    status: 'finding',
    detail: `${late} of ${n} training rows (${percent(late / n)}) are not older than the oldest validation row`,
    numbers: { rows: late, share: late / n },
    n,
  };
}
