import type { Transition } from '../../src/core/incidents/advance.ts';
import type { Finding } from '../../src/core/incidents/finding.ts';
import type { Incident } from '../../src/core/incidents/incident.ts';
import { eventId } from '../../src/core/uuid.ts';
import type { OutboxEvent } from '../../src/runtime/outbox.ts';
import { alerts, retrainRequests } from '../../topics/index.ts';

/** A retraining that an incident asked for. */
export interface RetrainRequest {
  readonly id: string;
  readonly model: string;
  readonly incidentId: string;
  readonly cause: string;
  readonly requestedMs: number;
  readonly trainFromMs: number;
  readonly trainUntilMs: number;
}

/** Row of the table `findings`. */
export function findingRow(finding: Finding): Record<string, unknown> {
  const { first, worst } = finding;
  return {
    finding_id: finding.id,
    revision: finding.revision,
    incident_id: finding.incidentId,
    model: first.model,
    kind: first.kind,
    class: first.class,
    feature: first.feature,
    segment: first.segment,
    status: finding.status,
    began: iso(first.beganMs),
    reported: iso(finding.reportedMs),
    last_seen: iso(finding.lastSeenMs),
    windows: finding.windows,
    value: worst.value ?? null,
    p_value: worst.pValue ?? null,
    effect: worst.effect ?? null,
    effect_unit: worst.effectUnit,
    evidence: worst.evidence,
  };
}

/** Row of the table `incidents`: one per transition. */
export function incidentRow(args: {
  transition: Transition;
  reportedMs: number;
  retrain: string;
}): Record<string, unknown> {
  const { incident, name } = args.transition;
  return {
    incident_id: incident.id,
    revision: incident.revision,
    transition: name,
    model: incident.model,
    kind: incident.kind,
    severity: incident.severity,
    status: incident.status,
    began: iso(incident.beganMs),
    reported: iso(args.reportedMs),
    features: incident.features,
    segments: incident.segments,
    findings: incident.findings,
    cause: incident.cause,
    summary: incident.summary,
    retrain: args.retrain,
  };
}

/** The alert that on-call tooling reads. One per transition; its id is the transition's. */
export function alertEvent(args: { transition: Transition; reportedMs: number }): OutboxEvent {
  const { incident, name } = args.transition;
  return {
    eventId: eventId('alert', incident.id, incident.revision),
    topic: alerts.name,
    key: incident.id,
    type: `driftwatch.incident.${name}`,
    eventTimeMs: args.reportedMs,
    value: {
      incident_id: incident.id,
      revision: incident.revision,
      transition: name,
      model: incident.model,
      kind: incident.kind,
      severity: incident.severity,
      status: incident.status,
      began: incident.beganMs,
      reported: args.reportedMs,
      features: [...incident.features],
      segments: [...incident.segments],
      cause: incident.cause,
      summary: incident.summary,
      findings: [...incident.findings],
    },
  };
}

/** One request per incident: its id is made from the incident's. */
export function retrainRequestOf(args: {
  incident: Incident;
  cause: string;
  requestedMs: number;
  trainFromMs: number;
  trainUntilMs: number;
}): RetrainRequest {
  const { incident, ...rest } = args;
  return {
    id: eventId('retrain-request', incident.id),
    model: incident.model,
    incidentId: incident.id,
    ...rest,
  };
}

export function retrainEvent(request: RetrainRequest): OutboxEvent {
  return {
    eventId: request.id,
    topic: retrainRequests.name,
    key: request.id,
    type: 'driftwatch.retrain-request',
    eventTimeMs: request.requestedMs,
    value: {
      request_id: request.id,
      model: request.model,
      incident_id: request.incidentId,
      cause: request.cause,
      requested: request.requestedMs,
      train_from: request.trainFromMs,
      train_until: request.trainUntilMs,
    },
  };
}

export function retrainRow(request: RetrainRequest): Record<string, unknown> {
  return {
    request_id: request.id,
    model: request.model,
    incident_id: request.incidentId,
    cause: request.cause,
    requested: iso(request.requestedMs),
    train_from: iso(request.trainFromMs),
    train_until: iso(request.trainUntilMs),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
