import type { DriftKind } from './finding.ts';
import type { Incident } from './incident.ts';

/**
 * Whether an incident asks for a retrain. Skew between training and serving never does: the pipeline is
 * wrong, and a model trained on it would learn the fault. One request per incident; none while an earlier
 * one is recent, and none before there is enough new data to learn from.
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
  if (streamTimeMs < readyMs) return no(`cooling down until ${new Date(readyMs).toISOString().slice(0, 10)}`);
  return {
    retrain: true,
    trainFromMs: streamTimeMs - policy.windowMs,
    trainUntilMs: streamTimeMs,
    cause: incident.summary,
  };
}

export interface RetrainPolicy {
  readonly on: readonly DriftKind[];
  readonly coolDownMs: number;
  /** How far back the training examples go. */
  readonly windowMs: number;
}

export type RetrainDecision =
  | { readonly retrain: false; readonly reason: string }
  | {
      readonly retrain: true;
      readonly trainFromMs: number;
      readonly trainUntilMs: number;
      readonly cause: string;
    };

function no(reason: string): RetrainDecision {
  return { retrain: false, reason };
}
