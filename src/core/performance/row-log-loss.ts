/**
 * Log-loss of one prediction in nats: -ln of the probability that was given to what happened. 0 is
 * perfect, ln 2 = 0.693 is a coin. The probability is kept 1e-7 away from 0 and 1 (the resolution of the
 * float32 numbers that models answer with), so that one certain mistake costs 16 nats, not infinity.
 * Returns NaN only for a prediction or label that is not a number. Source: Good 1952, J. R. Stat. Soc. B
 * 14, 107. Misleads about ranking: a model can order rows well and be badly calibrated; see roc-auc.ts.
 */
export function rowLogLoss(prediction: number, label: number): number {
  const probability = Math.min(Math.max(prediction, CLIP), 1 - CLIP);
  return label === 1 ? -Math.log(probability) : -Math.log1p(-probability);
}

const CLIP = 1e-7;
