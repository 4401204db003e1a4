import { eachScored, type Measured, meanOf, type Scored } from './measured.ts';

/**
 * Brier score: mean squared distance between probability and outcome, 0 (perfect) to 1. Always
 * answering the base rate r gives r (1 - r). Bounded, so a single wild answer weighs less than in
 * log-loss; it misleads for rare outcomes, where everything looks close to 0.
 * Source: Brier, Monthly Weather Review 78 (1950).
 */
export function brier(scored: Scored): Measured {
  let sum = 0;
  const n = eachScored(scored, (probability, label) => {
    sum += (probability - label) ** 2;
  });
  return meanOf(sum, n);
}
