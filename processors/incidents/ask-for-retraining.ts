import type { ModelConfig } from '../../src/config.ts';
import type { IncidentState } from '../../src/core/incidents/advance.ts';
import { chooseRule } from '../../src/core/incidents/choose-rule.ts';
import type { Incident } from '../../src/core/incidents/incident.ts';
import { decideRetrain, examplesFor, type RetrainPolicy } from '../../src/core/incidents/retrain-policy.ts';
import { followUpId, retrainRequestId, ruleRequestId } from '../../src/core/incidents/retrain-request-id.ts';
import { newestRequest, retrainView } from '../../src/core/incidents/retrain-view.ts';
import type { Timeline } from '../../src/core/incidents/timeline.ts';
import type { RetrainRequest } from './report.ts';

/**
 * The requests that are due, one at most, and what is said about each open incident that has none. Pure: what was
 * requested before is given, and a request has the same id whoever makes it.
 *
 * A proven incident asks by itself; one that had to wait for the cool-down is asked again while it stays open. The rule
 * is asked when a window of labels has closed (`window`), and never for late rows: these count in the next window, so that
 * nothing depends on when they came. What it asks for belongs to an open incident of the kinds that may ask, if there is one.
 */
export function askForRetraining(
  args: Situation & {
    /** Name of the window of labels that has closed. */
    window: string | undefined;
  },
): { requests: readonly RetrainRequest[]; answers: ReadonlyMap<string, string> } {
  const { policy, streamTimeMs, window } = args;
  const asked = askedFor(args.requests);
  const answers = new Map<string, string>();
  const requests: RetrainRequest[] = [];
  const open = [...args.state.incidents.values()]
    .filter(({ id, status }) => status === 'open' && !asked.has(id))
    .toSorted(inOrder);
  const last = newestRequest(args.requests);
  for (const incident of open) {
    const decision = decideRetrain({
      incident,
      policy,
      streamTimeMs,
      ...(last === undefined ? {} : { lastRequestMs: last.requestedMs }),
    });
    if (!decision.retrain || requests.length > 0) {
      answers.set(incident.id, decision.retrain ? 'another incident asks first' : decision.reason);
      continue;
    }
    const id = retrainRequestId(incident.id);
    const { beganMs: onsetMs, summary: cause } = incident;
    requests.push(requestOf({ ...args, id, incidentId: incident.id, cause, onsetMs }));
  }
  if (requests.length > 0 || window === undefined) return { requests, answers };
  const request = askRule({ ...args, window, asked });
  return { requests: request === undefined ? [] : [request], answers };
}

/** What is known when it is asked. */
interface Situation {
  readonly model: string;
  readonly timeline: Timeline;
  readonly state: IncidentState;
  readonly requests: readonly RetrainRequest[];
  readonly policy: RetrainPolicy;
  readonly streamTimeMs: number;
}

/** Incidents that a retraining was requested for. */
export function askedFor(requests: readonly RetrainRequest[]): ReadonlySet<string> {
  return new Set(requests.flatMap(({ incidentId }) => incidentId ?? []));
}

/** The policy as the configuration of a model has it. */
export function retrainPolicyOf({ retrain, pane }: Pick<ModelConfig, 'retrain' | 'pane'>): RetrainPolicy {
  return {
    on: retrain.on,
    coolDownMs: retrain.cool_down,
    waitMs: retrain.wait,
    followUpMs: retrain.follow_up,
    fromOnset: retrain.from_onset,
    windowMs: retrain.window,
    validationMs: retrain.validation,
    minimumRows: retrain.minimum_rows,
    rule: retrain.rule,
    threshold: retrain.threshold,
    cost: retrain.cost,
    everyMs: retrain.every,
    paneMs: pane,
  };
}

function askRule(
  args: Situation & { window: string; asked: ReadonlySet<string> },
): RetrainRequest | undefined {
  const { model, state, policy, window, asked } = args;
  const view = retrainView({ ...args, nowMs: args.streamTimeMs, settings: policy });
  const answer = chooseRule(policy)(view);
  if (!answer.retrain) return undefined;
  if (answer.cause === 'follow-up') return followUp(args);
  const onsetMs = answer.onset === undefined ? undefined : view.excess.at(-answer.onset)?.startMs;
  const [incident] = [...state.incidents.values()]
    .filter(({ kind, status }) => status === 'open' && policy.on.includes(kind))
    .toSorted((a, b) => Number(asked.has(a.id)) - Number(asked.has(b.id)) || inOrder(a, b));
  const isFirst = incident !== undefined && !asked.has(incident.id);
  const version = view.excess.at(-1)?.version ?? '';
  return requestOf({
    ...args,
    id: isFirst ? retrainRequestId(incident.id) : ruleRequestId({ model, version, window }),
    incidentId: incident?.id ?? null,
    cause: `Rule ${policy.rule}: ${answer.reason}.${incident === undefined ? '' : ` ${incident.summary}`}`,
    onsetMs,
  });
}

/** One more request for what the newest one was for, unless its incident was retracted. */
function followUp(args: Situation): RetrainRequest | undefined {
  const first = newestRequest(args.requests);
  if (first === undefined) return undefined;
  const { incidentId, onsetMs } = first;
  if (incidentId !== null && args.state.incidents.get(incidentId)?.status === 'retracted') return undefined;
  const cause = `Follow-up, now that the new world has more examples of its own. ${first.cause}`;
  return requestOf({ ...args, id: followUpId(first.id), incidentId, cause, onsetMs });
}

function requestOf(args: {
  id: string;
  model: string;
  incidentId: string | null;
  cause: string;
  policy: RetrainPolicy;
  streamTimeMs: number;
  onsetMs: number | undefined;
}): RetrainRequest {
  const { id, model, incidentId, cause, streamTimeMs: requestedMs } = args;
  return { id, model, incidentId, cause, requestedMs, ...examplesFor(args) };
}

/** Whatever the order they came to be known in. */
function inOrder(a: Incident, b: Incident): number {
  return a.beganMs - b.beganMs || (a.id < b.id ? -1 : 1);
}
