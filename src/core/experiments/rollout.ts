import type { GainInterval } from './confidence-sequence.ts';
import { decideExperiment } from './decide-experiment.ts';
import type { Guardrail } from './guardrail.ts';
import type { SampleRatio } from './sample-ratio.ts';
import type { TrafficChange } from './traffic.ts';

/** How a version that was accepted comes to answer. */
export interface RolloutPlan {
  /** It first scores beside the champion, unseen. */
  readonly shadow: boolean;
  /** Shares of the ids, ascending, above 0 and below 1. */
  readonly steps: readonly number[];
  /** Event time at each stage, milliseconds. */
  readonly minimumMs: number;
  /** Labels at each stage. */
  readonly minimumLabels: number;
  /** Labels after which the champion stays when no gain is proven. */
  readonly endAfter: number;
}

/** An experiment under way, as the records of model-releases say. */
export interface RolloutRun {
  readonly experiment: string;
  readonly champion: string;
  readonly challenger: string;
  /** Oldest first. */
  readonly stages: readonly RolloutStage[];
}

export interface RolloutStage {
  /** The challenger's share of the ids; 0 while it only shadows. */
  readonly share: number;
  /** Event time from which it was asked for. */
  readonly fromMs: number;
}

/** What is known of a run now. */
export interface RolloutLook {
  readonly gain: GainInterval;
  readonly ratio: SampleRatio;
  readonly guardrails: readonly Guardrail[];
  /** Labels of the newest stage. */
  readonly stageLabels: number;
  /** Event time since the newest stage has really begun; undefined before. */
  readonly stageMs: number | undefined;
}

export type RolloutMove =
  | { readonly action: 'wait'; readonly reasons: readonly string[] }
  | {
      readonly action: 'shadow' | 'step' | 'promote' | 'roll back';
      readonly change: TrafficChange;
      readonly reasons: readonly string[];
    };

/** The first move for a challenger, from event time `fromMs` on. */
export function beginRollout(args: {
  plan: RolloutPlan;
  experiment: string;
  champion: string;
  challenger: string;
  fromMs: number;
}): RolloutMove {
  const { plan, challenger, champion } = args;
  if (plan.shadow) {
    return {
      action: 'shadow',
      change: stageChange({ ...args, share: 0 }),
      reasons: [`${challenger} scores beside ${champion}, unseen`],
    };
  }
  const share = plan.steps[0];
  if (share === undefined) return wait('the model has no rollout');
  return step({ ...args, share, why: 'a version was accepted' });
}

/**
 * What to do with a run now; may be asked after every label. Back to the champion as soon as anything speaks for it: a
 * broken split, a guardrail, a proven loss, or `endAfter` labels without a proven gain. Otherwise a stage ends when its
 * minima of event time and labels are reached, and after the last one a proven gain promotes. What is proven early
 * waits for the stages all the same: they are there for what no statistic sees.
 */
export function moveRollout(args: {
  plan: RolloutPlan;
  run: RolloutRun;
  look: RolloutLook;
  /** Event time from which a next stage would hold. */
  fromMs: number;
}): RolloutMove {
  const { plan, run, look } = args;
  const { gain, ratio, guardrails } = look;
  const decision = decideExperiment({ gain, ratio, guardrails, limit: plan.endAfter });
  if (decision.action === 'roll back') return end('roll back', run.champion, decision.reasons);
  const stage = run.stages.at(-1);
  if (stage === undefined || look.stageMs === undefined) {
    return wait(`nothing has been scored by ${run.challenger} in this stage yet`);
  }
  if (look.stageMs < plan.minimumMs) {
    return wait(`${hours(look.stageMs)} of ${hours(plan.minimumMs)} of event time at this stage`);
  }
  if (look.stageLabels < plan.minimumLabels) {
    return wait(`${look.stageLabels} of ${plan.minimumLabels} labels at this stage`);
  }
  const next = plan.steps.find((share) => share > stage.share);
  if (next !== undefined) {
    const why = `${hours(look.stageMs)} of event time and ${look.stageLabels} labels at ${percent(stage.share)} showed no harm`;
    return step({ ...run, plan, share: next, fromMs: args.fromMs, why });
  }
  if (decision.action === 'promote') return end('promote', run.challenger, decision.reasons);
  return { action: 'wait', reasons: decision.reasons };

  function end(action: 'promote' | 'roll back', champion: string, reasons: readonly string[]): RolloutMove {
    const { experiment } = run;
    return { action, change: { action, champion, experiment, versions: [], shadows: [] }, reasons };
  }
}

/** The run that a record of who answers leads to; undefined when it ends one, or is no comparison of two versions. */
export function advanceRun(run: RolloutRun | undefined, change: TrafficChange): RolloutRun | undefined {
  const { experiment, champion, versions, shadows, fromMs } = change;
  if (experiment === undefined || fromMs === undefined) return undefined;
  const others = [...new Set([...versions.map(({ version }) => version), ...shadows])].filter(
    (version) => version !== champion,
  );
  const [challenger] = others;
  if (challenger === undefined || others.length > 1) return undefined;
  const total = versions.reduce((sum, { weight }) => sum + weight, 0);
  const own = versions.find(({ version }) => version === challenger)?.weight ?? 0;
  const stage = { share: total > 0 ? own / total : 0, fromMs };
  const earlier = run?.experiment === experiment ? run.stages : [];
  return { experiment, champion, challenger, stages: [...earlier, stage] };
}

function step(args: {
  plan: RolloutPlan;
  experiment: string;
  champion: string;
  challenger: string;
  share: number;
  fromMs: number;
  why: string;
}): RolloutMove {
  const reasons = [`${args.challenger} answers ${percent(args.share)}: ${args.why}`];
  return { action: 'step', change: stageChange(args), reasons };
}

/** With a shadow in the plan each version scores what the other answers, so that every label compares both. */
function stageChange(args: {
  plan: RolloutPlan;
  experiment: string;
  champion: string;
  challenger: string;
  share: number;
  fromMs: number;
}): TrafficChange {
  const { plan, experiment, champion, challenger, share, fromMs } = args;
  const both = share > 0 ? [champion, challenger] : [challenger];
  return {
    action: share > 0 ? 'step' : 'shadow',
    champion,
    experiment,
    versions:
      share > 0
        ? [
            { version: champion, weight: 1 - share },
            { version: challenger, weight: share },
          ]
        : [],
    shadows: plan.shadow ? both : [],
    fromMs,
  };
}

function wait(reason: string): RolloutMove {
  return { action: 'wait', reasons: [reason] };
}

function hours(ms: number): string {
  return `${Math.floor(ms / 3_600_000)} h`;
}

function percent(share: number): string {
  return share === 0 ? 'shadow' : `${Number((share * 100).toFixed(2))} % of the ids`;
}
