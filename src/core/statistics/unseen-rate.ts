import { binomialSf } from '../special/binomial.ts';
import { CODES, type Comparison, insufficient, type Result } from '../statistic.ts';
import { countOf, totalOf } from '../summaries/counts.ts';
import { rateDifference } from './rate-difference.ts';
import { valueCounts } from './value-counts.ts';

/**
 * Unseen rate: the share of current rows whose category never occurred in the reference.
 *
 * A long-tailed feature brings new values in every window without any change, so zero is not the rate to
 * expect. From raw values the expectation is the share of reference rows whose value occurs only once there:
 * exactly the rows that would have been unseen had they come later (Good and Turing). The p-value tests against
 * that rate; the effect is current minus expected.
 *
 * From counts on frozen bins single values are no longer known. The n rows that the bins were fitted on held no
 * unseen value by construction, which leaves rates up to about 3/n plausible (the rule of three): the p-value is
 * the chance of as many unseen rows at that rate, the effect the rate beyond it. Misleads on a long tail counted
 * in frozen bins, for which that is too small a rate. Take raw values, the effect with a floor, or
 * `distinctCount`. Null is not a category here.
 *
 * Source: I. J. Good (1953), doi 10.1093/biomet/40.3-4.237; J. Hanley and A. Lippman-Hand (1983) for 3/n.
 */
export function unseenRate(args: Comparison): Result {
  const { reference, current } = args;
  if (reference.form === 'counts' && current.form === 'counts') {
    const m = totalOf(current.counts) - countOf(current.counts, CODES.null);
    const n = totalOf(reference.counts) - countOf(reference.counts, CODES.null);
    if (!(n > 0 && m > 0)) return insufficient(1, Math.min(n, m), 'one side has no rows with a value');
    const hits = countOf(current.counts, CODES.unseen);
    return {
      status: 'ok',
      value: hits / m,
      pValue: binomialSf(hits, m, Math.min(1, 3 / n)),
      effect: Math.max(0, hits / m - 3 / n),
      effectUnit: 'share of rows beyond 3/n',
      n,
      m,
      law: 'binomial at the rate 3/n',
      details: { expectedRate: Math.min(1, 3 / n) },
    };
  }
  const known = valueCounts(reference);
  const seen = valueCounts(current);
  if (known === undefined || seen === undefined) return insufficient(1, 0, 'needs categories or counts');
  let once = 0;
  let n = 0;
  for (const rows of known.values()) {
    n += rows;
    if (rows === 1) once += 1;
  }
  let hits = 0;
  let m = 0;
  for (const [value, rows] of seen) {
    m += rows;
    if (!known.has(value)) hits += rows;
  }
  const result = rateDifference({ hits: once, rows: n }, { hits, rows: m });
  if (result.status === 'insufficient') return result;
  return { ...result, law: `${result.law}, against the reference's values that occur once` };
}
