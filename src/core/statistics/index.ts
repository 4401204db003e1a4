import { DriftwatchError } from '../../errors.ts';
import type { Random } from '../random.ts';
import type { Column, Result, Statistic } from '../statistic.ts';
import { andersonDarling } from './anderson-darling.ts';
import { binnedKolmogorovSmirnov } from './binned-kolmogorov-smirnov.ts';
import { chiSquared } from './chi-squared.ts';
import { classifierTwoSample } from './classifier-two-sample.ts';
import { constantShare } from './constant-share.ts';
import { cramerVonMises } from './cramer-von-mises.ts';
import { cramersV } from './cramers-v.ts';
import { distinctCount } from './distinct-count.ts';
import { energyDistance } from './energy-distance.ts';
import { gTest } from './g-test.ts';
import { hellinger } from './hellinger.ts';
import { onBins, onNumbers } from './inputs.ts';
import { jensenShannon } from './jensen-shannon.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { lInfinity } from './l-infinity.ts';
import { mannWhitney } from './mann-whitney.ts';
import { maximumMeanDiscrepancy } from './maximum-mean-discrepancy.ts';
import { missingRate } from './missing-rate.ts';
import { populationStabilityIndex } from './population-stability-index.ts';
import { totalVariation } from './total-variation.ts';
import { unseenRate } from './unseen-rate.ts';
import { wasserstein } from './wasserstein.ts';
import { welch } from './welch.ts';

/**
 * Every statistic, in one place: the command line, the documentation and the conformance tests read this list.
 * The functions behind it can be called directly, with options where they have some.
 */
export const STATISTICS = [
  {
    name: 'population-stability-index',
    about: 'How far the shares of the bins moved, against what sampling alone does.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: onBins(populationStabilityIndex),
  },
  {
    name: 'jensen-shannon',
    about: 'Distance between the shares of the bins, 0 to 1.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: onBins((a, b) => jensenShannon(a, b)),
  },
  {
    name: 'chi-squared',
    about: 'Whether both sides can have the same shares of the categories.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: onBins((a, b) => chiSquared(a, b)),
  },
  {
    name: 'g-test',
    about: 'Whether both sides can have the same shares, by likelihood.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: onBins(gTest),
  },
  {
    name: 'cramers-v',
    about: 'Size of the change of the shares, 0 to 1, its bias taken off.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: onBins((a, b) => cramersV(a, b)),
  },
  {
    name: 'hellinger',
    about: 'Distance between the square roots of the shares, 0 to 1.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: onBins(hellinger),
  },
  {
    name: 'total-variation',
    about: 'The share of rows that would have to change bins.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: onBins(totalVariation),
  },
  {
    name: 'l-infinity',
    about: 'The largest change of the share of any one bin.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: onBins(lInfinity),
  },
  {
    name: 'kolmogorov-smirnov',
    about: 'The largest gap between the shares of rows below any one value.',
    accepts: ['numbers', 'counts'],
    compare: (args) =>
      args.reference.form === 'counts' && args.current.form === 'counts'
        ? binnedKolmogorovSmirnov(args.reference.counts, args.current.counts)
        : onNumbers((a, b) => kolmogorovSmirnov(a, b))(args),
  },
  {
    name: 'cramer-von-mises',
    about: 'All gaps between the shares of rows below a value, squared and added up.',
    accepts: ['numbers'],
    compare: onNumbers(cramerVonMises),
  },
  {
    name: 'anderson-darling',
    about: 'The same with the tails counted as much as the middle.',
    accepts: ['numbers'],
    compare: onNumbers(andersonDarling),
  },
  {
    name: 'wasserstein',
    about: 'How far values moved on average, in the unit of the feature.',
    accepts: ['numbers'],
    compare: onNumbers(wasserstein),
  },
  {
    name: 'energy-distance',
    about: 'How far values moved, with large gaps counted more.',
    accepts: ['numbers'],
    compare: onNumbers(energyDistance),
  },
  {
    name: 'mann-whitney',
    about: 'Whether rows of one side tend to be larger.',
    accepts: ['numbers'],
    compare: onNumbers((a, b) => mannWhitney(a, b)),
  },
  {
    name: 'welch',
    about: 'Whether the mean moved.',
    accepts: ['numbers'],
    compare: onNumbers(welch),
  },
  {
    name: 'maximum-mean-discrepancy',
    about: 'Whether the joint distribution changed, by a Gaussian kernel.',
    accepts: ['numbers', 'vectors'],
    compare: ({ reference, current, random }) => drawn(maximumMeanDiscrepancy, reference, current, random),
  },
  {
    name: 'classifier-two-sample',
    about: 'Whether a model can tell the two sides apart.',
    accepts: ['numbers', 'vectors'],
    compare: ({ reference, current, random }) => drawn(classifierTwoSample, reference, current, random),
  },
  {
    name: 'missing-rate',
    about: 'The share of rows without a value.',
    accepts: ['counts', 'numbers', 'categories', 'vectors'],
    compare: missingRate,
  },
  {
    name: 'unseen-rate',
    about: 'The share of rows whose value never occurred in the reference.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: unseenRate,
  },
  {
    name: 'distinct-count',
    about: 'How many different values there are, against a sample of the same size.',
    accepts: ['numbers', 'categories'],
    compare: distinctCount,
  },
  {
    name: 'constant-share',
    about: 'For a constant reference: the share of rows that still have its value.',
    accepts: ['counts', 'numbers', 'categories'],
    compare: constantShare,
  },
] as const satisfies readonly Statistic[];

export type StatisticName = (typeof STATISTICS)[number]['name'];

function drawn(
  statistic: (reference: Column, current: Column, options: { readonly random: Random }) => Result,
  reference: Column,
  current: Column,
  random: Random | undefined,
): Result {
  if (random === undefined) {
    throw new DriftwatchError({
      code: 'INVARIANT_BROKEN',
      message: 'A statistic that draws was called without random numbers.',
      next: 'Pass a seeded generator as `random`.',
    });
  }
  return statistic(reference, current, { random });
}
