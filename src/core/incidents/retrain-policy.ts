import type { DriftKind } from './finding.ts';
import type { Incident } from './incident.ts';

/**
 * Whether an incident asks for a retrain. Skew between training and serving never does: the pipeline is
 * wrong, and a model trained on it would learn the fault. One request per incident; none while an earlier
 * one is recent, and none before the new world has lasted long enough to learn from: the newest days are needed to
 * compare with the champion, so a retrain right after the onset would learn the old world again.
 * With `decideFollowUp` this is `costAware` of retrain-rules.ts as far as one incident shows it: at the default floor of 0.05 nats and 200
 * rows a window, 11 windows have lost 110 nats, more than the 40 that it waits for.
 */
export function decideRetrain(args: {
  incident: Incident;
  policy: RetrainPolicy;
  streamTimeMs: number;
  lastRequestMs?: number;
}): RetrainDecision {
  const { incident, policy, streamTimeMs } = args;
  if (incident.status !== 'open') return no('the incident is resolved');
  if (!policy.on.includes(incident.kind)) return no(`${incident.kind} is not a reason to retrain`);
  if (incident.severity !== 'ALERT') return no('the model has not become worse');
  const readyMs = (args.lastRequestMs ?? Number.NEGATIVE_INFINITY) + policy.coolDownMs;
  if (streamTimeMs < readyMs) return no(`cooling down until ${day(readyMs)}`);
  const lastedMs = incident.beganMs + policy.waitMs;
  if (streamTimeMs < lastedMs) return no(`too little of the new world to learn from until ${day(lastedMs)}`);
  return wanted({ incident, policy, streamTimeMs, cause: incident.summary });
}

/**
 * Whether the newest request is followed by one more for the same incident: `followUpMs` later, when the new world has
 * examples of its own. The first retrain had few of them, or learnt both worlds; and a change that has been seen often
 * goes on. Asked for whether the incident is open or resolved, not when it was retracted. The trainer rejects it, and
 * trains nothing, when the first retrain was rejected.
 */
export function decideFollowUp(args: {
  incident: Incident;
  policy: RetrainPolicy;
  streamTimeMs: number;
  requestedMs: number;
}): RetrainDecision {
  const { incident, policy, streamTimeMs } = args;
  if (policy.followUpMs === 0) return no('requests are not followed up');
  if (incident.status === 'retracted') return no('the incident is retracted');
  const readyMs = args.requestedMs + Math.max(policy.followUpMs, policy.coolDownMs);
  if (streamTimeMs < readyMs)
    return no(`too little of the new world to learn from again until ${day(readyMs)}`);
  const cause = `Follow-up, now that the new world has more examples of its own. ${incident.summary}`;
  return wanted({ incident, policy, streamTimeMs, cause });
}

function wanted(args: {
  incident: Incident;
  policy: RetrainPolicy;
  streamTimeMs: number;
  cause: string;
}): RetrainDecision {
  const { incident, policy, streamTimeMs, cause } = args;
  const trainFromMs = streamTimeMs - policy.windowMs;
  const onsetMs = policy.fromOnset && incident.beganMs > trainFromMs ? { onsetMs: incident.beganMs } : {};
  return { retrain: true, trainFromMs, trainUntilMs: streamTimeMs, ...onsetMs, cause };
}

export interface RetrainPolicy {
  readonly on: readonly DriftKind[];
  readonly coolDownMs: number;
  /** How long a change must have lasted. */
  readonly waitMs: number;
  /** How long after a request one more follows; 0 for none. */
  readonly followUpMs: number;
  /** Whether a version trained from the onset of the change on is tried as well. */
  readonly fromOnset: boolean;
  /** How far back the training examples go. */
  readonly windowMs: number;
}

export type RetrainDecision =
  | { readonly retrain: false; readonly reason: string }
  | {
      readonly retrain: true;
      readonly trainFromMs: number;
      readonly trainUntilMs: number;
      /** Since when the relation is another, where a training from there is wanted. */
      readonly onsetMs?: number;
      readonly cause: string;
    };

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function no(reason: string): RetrainDecision {
  return { retrain: false, reason };
}
