import type { RuleSettings } from './choose-rule.ts';
import type { DriftKind } from './finding.ts';
import type { Incident } from './incident.ts';
import type { ViewSettings } from './retrain-view.ts';

/**
 * Whether an incident asks for a retrain. Skew between training and serving never does: the pipeline is
 * wrong, and a model trained on it would learn the fault. One request per incident; none while an earlier
 * one is recent, and none before the new world has lasted long enough to learn from: the newest days are needed to
 * compare with the champion, so a retrain right after the onset would learn the old world again.
 * Beside it the rule of the policy asks by the loss alone, see chooseRule: an incident has to be proven within the paging
 * budget, and a retrain pays long before.
 */
export function decideRetrain(args: {
  incident: Incident;
  policy: RetrainPolicy;
  streamTimeMs: number;
  lastRequestMs?: number;
}): RetrainDecision {
  const { incident, policy, streamTimeMs } = args;
  const rule = policy.rule === 'none' ? '' : `; the rule ${policy.rule} asks by the loss alone`;
  if (incident.status !== 'open') return no('the incident is resolved');
  if (!policy.on.includes(incident.kind)) return no(`${incident.kind} is not a reason to retrain${rule}`);
  if (incident.severity !== 'ALERT') return no(`the model has not become worse${rule}`);
  const readyMs = (args.lastRequestMs ?? Number.NEGATIVE_INFINITY) + policy.coolDownMs;
  if (streamTimeMs < readyMs) return no(`cooling down until ${day(readyMs)}`);
  const lastedMs = incident.beganMs + policy.waitMs;
  if (streamTimeMs < lastedMs) return no(`too little of the new world to learn from until ${day(lastedMs)}`);
  return { retrain: true };
}

/** Which examples a request asks for, given since when the relation is another. */
export function examplesFor(args: {
  policy: RetrainPolicy;
  streamTimeMs: number;
  onsetMs: number | undefined;
}): WantedExamples {
  const { policy, streamTimeMs, onsetMs } = args;
  const trainFromMs = streamTimeMs - policy.windowMs;
  const known = policy.fromOnset && onsetMs !== undefined && onsetMs > trainFromMs ? { onsetMs } : {};
  return { trainFromMs, trainUntilMs: streamTimeMs, ...known };
}

export interface RetrainPolicy extends RuleSettings, ViewSettings {
  /** Kinds of incident that ask for a retrain. */
  readonly on: readonly DriftKind[];
  /** Whether a version trained from the onset of the change on is tried as well. */
  readonly fromOnset: boolean;
  /** How far back the training examples go. */
  readonly windowMs: number;
}

export type RetrainDecision =
  | { readonly retrain: true }
  | { readonly retrain: false; readonly reason: string };

export interface WantedExamples {
  readonly trainFromMs: number;
  readonly trainUntilMs: number;
  /** Since when the relation is another, where a training from there is wanted. */
  readonly onsetMs?: number;
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function no(reason: string): RetrainDecision {
  return { retrain: false, reason };
}
