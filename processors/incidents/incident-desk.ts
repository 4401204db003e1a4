import { advanceIncidents, type IncidentState, NO_INCIDENTS } from '../../src/core/incidents/advance.ts';
import type { Observation } from '../../src/core/incidents/finding.ts';
import { decideRetrain, type RetrainPolicy } from '../../src/core/incidents/retrain-policy.ts';
import type { OutboxEvent } from '../../src/runtime/outbox.ts';
import {
  alertEvent,
  findingRow,
  incidentRow,
  type RetrainRequest,
  retrainEvent,
  retrainRequestOf,
  retrainRow,
} from './report.ts';

/**
 * Takes observations to incidents, incidents to alerts, and the right incidents to retrain requests. Pure:
 * the state goes in and out, and what has to be written comes back as rows and events with ids of their own,
 * so writing them twice changes nothing.
 */
export function takeToDesk(args: {
  desk: Desk;
  observations: readonly Observation[];
  streamTimeMs: number;
  groupWithinMs: number;
  closeAfter: number;
  policy: RetrainPolicy;
}): { desk: Desk; report: Report } {
  const { streamTimeMs, policy } = args;
  const { state, transitions, findings } = advanceIncidents({ ...args, state: args.desk.incidents });
  const requests: RetrainRequest[] = [];
  let { lastRequestMs } = args.desk;
  const asked = new Set(args.desk.asked);
  const answers = new Map<string, string>();
  // An incident that had to wait for the cool-down is asked again while it stays open.
  for (const incident of state.incidents.values()) {
    if (incident.status !== 'open' || asked.has(incident.id)) continue;
    const decision = decideRetrain({
      incident,
      policy,
      streamTimeMs,
      ...(lastRequestMs === undefined ? {} : { lastRequestMs }),
    });
    answers.set(incident.id, decision.retrain ? 'requested' : decision.reason);
    if (!decision.retrain) continue;
    const { cause, trainFromMs, trainUntilMs } = decision;
    requests.push(
      retrainRequestOf({ incident, requestedMs: streamTimeMs, cause, trainFromMs, trainUntilMs }),
    );
    asked.add(incident.id);
    lastRequestMs = streamTimeMs;
  }
  const report: Report = {
    findings: findings.map(findingRow),
    incidents: transitions.map((transition) =>
      incidentRow({
        transition,
        reportedMs: streamTimeMs,
        retrain: asked.has(transition.incident.id)
          ? 'requested'
          : (answers.get(transition.incident.id) ?? 'the incident is resolved'),
      }),
    ),
    requests: requests.map(retrainRow),
    events: [
      ...transitions.map((transition) => alertEvent({ transition, reportedMs: streamTimeMs })),
      ...requests.map(retrainEvent),
    ],
  };
  const desk = { incidents: state, asked, ...(lastRequestMs === undefined ? {} : { lastRequestMs }) };
  return { desk, report };
}

export interface Desk {
  readonly incidents: IncidentState;
  /** Incidents that a retraining was requested for. */
  readonly asked: ReadonlySet<string>;
  readonly lastRequestMs?: number;
}

export const EMPTY_DESK: Desk = { incidents: NO_INCIDENTS, asked: new Set() };

/** What has to be written, in this order. */
export interface Report {
  readonly findings: readonly Record<string, unknown>[];
  readonly incidents: readonly Record<string, unknown>[];
  readonly requests: readonly Record<string, unknown>[];
  readonly events: readonly OutboxEvent[];
}
