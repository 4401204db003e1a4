import { logGamma } from '../special/log-gamma.ts';

/** Whether the ids really went where they should, with the evidence that they did not. */
export interface SampleRatio {
  readonly status: 'held' | 'mismatch';
  /** 1 in `1 / pValue` experiments without a fault ever gets this low, however often one looks. */
  readonly pValue: number;
  readonly n: number;
  /** Share of the ids that the challenger really got; absent without ids. */
  readonly observed?: number;
}

/**
 * Sequential check of the sample ratio: a split that is not the one asked for means that ids get lost on the way of
 * one arm, and then no comparison of the arms can be trusted. The Bayes factor of any other share (a beta prior around the
 * wanted one) against the wanted share is a martingale from 1 when the split is right, so by Ville it
 * exceeds 1 / level with chance `level` at most over all times. Give distinct ids, counted since the weights
 * last changed. Small lasting leaks need many ids: one of 1 % about 100,000.
 * Source: M. Lindon and A. Malek, Anytime-Valid Inference for Multinomial Count Data, NeurIPS 2022.
 */
export function sampleRatio(args: {
  champion: number;
  challenger: number;
  /** The challenger's wanted share, above 0 and below 1. */
  share: number;
  /** Largest chance of a false mismatch over the whole experiment. */
  level?: number;
}): SampleRatio {
  const { champion, challenger, share } = args;
  const n = champion + challenger;
  const logFactor =
    logBeta(PRIOR * share + challenger, PRIOR * (1 - share) + champion) -
    logBeta(PRIOR * share, PRIOR * (1 - share)) -
    challenger * Math.log(share) -
    champion * Math.log1p(-share);
  const pValue = Math.min(1, Math.exp(-logFactor));
  const status = pValue <= (args.level ?? LEVEL) ? 'mismatch' : 'held';
  return { status, pValue, n, ...(n === 0 ? {} : { observed: challenger / n }) };
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Ids that the prior is worth: it looks for shifts of a few points first. */
const PRIOR = 100;
const LEVEL = 0.001;
