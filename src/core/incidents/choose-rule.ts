import {
  composite,
  costAware,
  DEFAULT_RULE,
  never,
  performance,
  type RetrainRule,
  schedule,
  withFollowUp,
} from './retrain-rules.ts';

export const RULE_NAMES = ['cost-aware', 'performance', 'composite', 'schedule', 'none'] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/**
 * The rule of this name, with times turned into windows. All but `schedule` follow a request up, also one that an incident
 * asked for; a schedule has its next one anyway.
 */
export function chooseRule(settings: RuleSettings): RetrainRule {
  const { threshold, paneMs } = settings;
  const windowsOf = (ms: number): number => Math.ceil(ms / paneMs);
  const coolDown = windowsOf(settings.coolDownMs);
  const followUp = settings.followUpMs === 0 ? 0 : Math.max(coolDown, windowsOf(settings.followUpMs));
  switch (settings.rule) {
    case 'cost-aware':
      return costAware({ ...DEFAULT_RULE, threshold, coolDown, followUp, wait: windowsOf(settings.waitMs) });
    case 'performance':
      return withFollowUp(performance({ threshold, coolDown }), followUp);
    case 'composite':
      return withFollowUp(composite({ threshold, warmUp: WARM_UP, coolDown, followUp: 0 }), followUp);
    case 'schedule':
      return schedule(Math.max(coolDown, windowsOf(settings.everyMs)));
    case 'none':
      return withFollowUp(never, followUp);
  }
}

export interface RuleSettings {
  readonly rule: RuleName;
  /** Standard deviations. */
  readonly threshold: number;
  readonly everyMs: number;
  readonly coolDownMs: number;
  /** How long a change must have lasted. */
  readonly waitMs: number;
  /** How long after a request one more follows, when it led to a release; 0 for none. */
  readonly followUpMs: number;
  readonly paneMs: number;
}

/** Labelled windows before `composite` says anything. */
const WARM_UP = 3;
