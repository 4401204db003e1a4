import { eachScored, type Measured, meanOf, type Scored } from './measured.ts';
import { rowLogLoss } from './row-log-loss.ts';

/**
 * Log-loss (mean negative log-likelihood, in nats): how surprised the model was by what happened. 0 is
 * perfect; always answering the base rate r gives the entropy of r (0.693 at one half). A proper
 * score: only the true probabilities minimise it. It misleads when class shares differ between two
 * windows, because the floor moves with them: compare with the base rate's own log-loss.
 */
export function logLoss(scored: Scored): Measured {
  let sum = 0;
  const n = eachScored(scored, (probability, label) => {
    sum += rowLogLoss(probability, label);
  });
  return meanOf(sum, n);
}
