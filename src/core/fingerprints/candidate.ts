import type { Pair, Value } from './pair.ts';
import type { PairContext } from './pair-context.ts';

export const FINGERPRINTS = [
  'unit',
  'offset',
  'time zone',
  'stale',
  'default-filled',
  'missing',
  'null to zero',
  'zero to null',
  'truncation',
  'rounding',
  'case',
  'unicode',
  'whitespace',
  'code permutation',
  'swapped columns',
  'clipped',
  'log',
  'standardised',
  'wrong join',
] as const;
export type FingerprintName = (typeof FINGERPRINTS)[number];

/** One transform with its parameters chosen: what serving would be, if this were the cause. */
export interface Candidate {
  readonly name: FingerprintName;
  /** The transform with its parameters, in words: serving = 100 x training. */
  readonly parameters: string;
  /** Bits that stating the parameters takes; see score.ts. */
  readonly parameterBits: number;
  /** The serving value of an example under this transform; undefined when it says nothing about it. */
  predict(pair: Pair): Value | undefined;
  /** True when the prediction does not depend on the training value, by intention. */
  readonly constant?: true;
  /** True when whether it says something depends on the serving value: "the same but for spaces". */
  readonly looks?: true;
  /** Bits saved on an explained example, of the `cost` it has unexplained, when the transform says less than the value. */
  readonly saved?: (pair: Pair, cost: number) => number;
}

/** Proposes candidates of one kind of transform, with parameters read off the mismatching pairs. Pure. */
export interface Family {
  readonly family: string;
  candidates(pairs: readonly Pair[], context: PairContext): readonly Candidate[];
}
