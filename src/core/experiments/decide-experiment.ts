import type { GainInterval } from './confidence-sequence.ts';
import { type Guardrail, guardrailStatus } from './guardrail.ts';
import type { SampleRatio } from './sample-ratio.ts';

export interface ExperimentDecision {
  readonly action: 'promote' | 'roll back' | 'go on' | 'insufficient';
  /** In words, for a person; never empty. */
  readonly reasons: readonly string[];
}

/**
 * What to do with a challenger now. May be asked after every label: false promotions over a whole experiment stay
 * within 1 - confidence of the gain's sequence. The order is: a broken split says nothing of either version, so back to the
 * champion; a broken guardrail too; then the gain, which must be more than `margin` with its whole interval to promote and
 * less than 0 with its whole interval to roll back. At `limit` labels without an answer the champion stays.
 */
export function decideExperiment(args: {
  gain: GainInterval;
  ratio: SampleRatio;
  guardrails?: readonly Guardrail[];
  /** Smallest gain worth a release, nats. */
  margin?: number;
  /** Labels after which it ends. */
  limit?: number;
}): ExperimentDecision {
  const { gain, ratio } = args;
  if (ratio.status === 'mismatch') {
    const share = ((ratio.observed ?? 0) * 100).toFixed(1);
    return say(
      'roll back',
      `the split is broken: the challenger got ${share} % of ${ratio.n} ids (p ${ratio.pValue.toPrecision(2)})`,
    );
  }
  const broken = (args.guardrails ?? []).filter((guardrail) => guardrailStatus(guardrail) === 'broken');
  if (broken.length > 0) {
    return { action: 'roll back', reasons: broken.map(({ name }) => `${name} is worse than allowed`) };
  }
  if (gain.status === 'insufficient') {
    return say('insufficient', `${gain.have} of ${gain.need} labels needed`);
  }
  const margin = args.margin ?? 0;
  const words = `gain ${nats(gain.gain)} [${nats(gain.low)}, ${nats(gain.high)}] nats on ${gain.n} labels`;
  if (gain.low > margin) return say('promote', words);
  if (gain.high < 0) return say('roll back', words);
  if (args.limit !== undefined && gain.n >= args.limit) {
    return say('roll back', `no gain above ${margin} is proven by ${args.limit} labels: ${words}`);
  }
  return say('go on', words);
}

function say(action: ExperimentDecision['action'], reason: string): ExperimentDecision {
  return { action, reasons: [reason] };
}

function nats(value: number): string {
  return value.toFixed(4);
}
