import type { GainInterval } from './confidence-sequence.ts';

/** Something that a new version must not make worse, measured the same way as the gain. */
export interface Guardrail {
  /** For a person: `segment carrier=UA`, `failed answers`. */
  readonly name: string;
  /** Gain of the challenger on it; below 0 it is worse. */
  readonly interval: GainInterval;
  /** How much worse it may be, in the unit of the interval; 0 or more. */
  readonly tolerance: number;
}

export type GuardrailStatus = 'held' | 'open' | 'broken' | 'insufficient';

/**
 * Broken when even the best end of the interval is worse than allowed; held when the worst end is not; open in between.
 * With g guardrails, give each interval the confidence 1 - alpha / g: then one of a harmless version
 * breaks with chance alpha at most. Open is no promise: a guardrail on few labels can stay open for ever.
 */
export function guardrailStatus({ interval, tolerance }: Guardrail): GuardrailStatus {
  if (interval.status === 'insufficient') return 'insufficient';
  if (interval.high < -tolerance) return 'broken';
  return interval.low >= -tolerance ? 'held' : 'open';
}
