import { eachScored, type Measured, meanOf, type Scored } from './measured.ts';

/** Rows by what was said and what was true. Positive means probability >= threshold. */
export interface Confusion {
  readonly n: number;
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

/** Counts at a threshold of the probability, 0 to 1. */
export function confusion(scored: Scored, threshold = 0.5): Confusion {
  const counts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  const n = eachScored(scored, (probability, label) => {
    if (probability >= threshold) counts[label === 1 ? 'truePositive' : 'falsePositive'] += 1;
    else counts[label === 1 ? 'falseNegative' : 'trueNegative'] += 1;
  });
  return { n, ...counts };
}

/** Share of positive answers that are right, 0 to 1; n is the number of positive answers. */
export function precision({ truePositive, falsePositive }: Confusion): Measured {
  return meanOf(truePositive, truePositive + falsePositive);
}

/** Share of ones that were found, 0 to 1; n is the number of ones. */
export function recall({ truePositive, falseNegative }: Confusion): Measured {
  return meanOf(truePositive, truePositive + falseNegative);
}

/** Share of zeros that were taken for ones, 0 to 1; n is the number of zeros. */
export function falsePositiveRate({ falsePositive, trueNegative }: Confusion): Measured {
  return meanOf(falsePositive, falsePositive + trueNegative);
}
