import { z } from 'zod';
import type { Transition } from '../../src/core/incidents/advance.ts';
import type { ReportedFinding } from '../../src/core/incidents/correct.ts';
import { cellOf, DRIFT_KINDS, type Finding } from '../../src/core/incidents/finding.ts';
import type { Incident } from '../../src/core/incidents/incident.ts';
import { eventId } from '../../src/core/uuid.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { OutboxEvent } from '../../src/runtime/outbox.ts';
import { alerts, retrainRequests } from '../../topics/index.ts';

/** A retraining that an incident or the retrain rule asked for. */
export interface RetrainRequest {
  readonly id: string;
  readonly model: string;
  /** Null when the rule asked and no incident was open. */
  readonly incidentId: string | null;
  readonly cause: string;
  readonly requestedMs: number;
  readonly trainFromMs: number;
  readonly trainUntilMs: number;
  readonly onsetMs?: number;
}

/** Row of the table `findings`. */
export function findingRow(finding: Finding, revision: number): FindingRow {
  const { first, worst } = finding;
  return {
    finding_id: finding.id,
    revision,
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

/** Whether a row says nothing that the last one did not say. */
export function sameFinding(row: FindingRow, before: FindingRow | undefined): boolean {
  return (
    before !== undefined &&
    row.incident_id === before.incident_id &&
    row.status === before.status &&
    row.began === before.began &&
    row.last_seen === before.last_seen &&
    row.windows === before.windows &&
    row.effect === before.effect
  );
}

/** A finding as the table has it, with what incidents need of it. */
export interface RowOfFinding extends ReportedFinding {
  readonly reportedMs: number;
  readonly row: FindingRow;
}

export function reportedOf(row: FindingRow): RowOfFinding {
  return {
    id: row.finding_id,
    revision: row.revision,
    incidentId: row.incident_id,
    cell: cellOf(row),
    kind: row.kind,
    status: row.status,
    beganMs: Date.parse(row.began),
    lastSeenMs: Date.parse(row.last_seen),
    reportedMs: Date.parse(row.reported),
    row,
  };
}

/** Row of the table `incidents`: one per transition. */
export function incidentRow(args: {
  transition: Transition;
  facts: IncidentFacts;
  reportedMs: number;
  retrain: string;
}): IncidentRow {
  const { facts } = args;
  const { incident, name } = args.transition;
  const { firstMover, carrier } = incident;
  return {
    incident_id: incident.id,
    revision: incident.revision,
    transition: name,
    model: incident.model,
    kind: incident.kind,
    severity: incident.severity,
    status: incident.status,
    began: iso(incident.beganMs),
    opened: iso(incident.openedMs),
    reported: iso(args.reportedMs),
    features: [...incident.features],
    segments: [...incident.segments],
    findings: [...incident.findings],
    cause: incident.cause,
    summary: incident.summary,
    reason: incident.reason,
    concept_change: incident.conceptChange,
    first_kind: firstMover.kind,
    first_feature: firstMover.feature,
    first_segment: firstMover.segment,
    carrier: carrier?.segment ?? '',
    carrier_share: carrier?.share ?? null,
    carrier_rows: carrier?.n ?? 0,
    change: facts.change?.said ?? '',
    change_at: facts.change === undefined ? null : iso(facts.change.atMs),
    cost: facts.cost.status === 'ok' ? facts.cost.nats : null,
    cost_basis: facts.cost.status === 'ok' ? facts.cost.basis : 'insufficient',
    cost_rows: facts.cost.n,
    retrain: args.retrain,
  };
}

/** What the tables tell about an incident besides its verdicts. */
export interface IncidentFacts {
  /** The newest change of schema or model at or before its beginning. */
  readonly change?: { readonly said: string; readonly atMs: number };
  /** Log-loss above what the serving versions had on their validation, summed over rows. */
  readonly cost:
    | {
        readonly status: 'ok';
        readonly nats: number;
        readonly basis: 'realised' | 'estimated';
        readonly n: number;
      }
    | { readonly status: 'insufficient'; readonly n: number };
}

/** The incident as its row tells it. */
export function incidentOf(row: IncidentRow): Incident {
  const carrier =
    row.carrier === ''
      ? {}
      : { carrier: { segment: row.carrier, share: row.carrier_share ?? 0, n: row.carrier_rows } };
  return {
    id: row.incident_id,
    revision: row.revision,
    model: row.model,
    kind: row.kind,
    status: row.status,
    severity: row.severity,
    beganMs: Date.parse(row.began),
    openedMs: Date.parse(row.opened),
    findings: row.findings,
    features: row.features,
    segments: row.segments,
    cause: row.cause,
    summary: row.summary,
    firstMover: { kind: row.first_kind, feature: row.first_feature, segment: row.first_segment },
    ...carrier,
    conceptChange: row.concept_change,
    reason: row.reason,
  };
}

/**
 * The alert that on-call tooling reads: what the row says, one per transition. Its id is the transition's, so an alert
 * can be made again from the row at any time.
 */
export function alertEvent(row: IncidentRow): OutboxEvent {
  return {
    eventId: eventId('alert', row.incident_id, row.revision),
    topic: alerts.name,
    key: row.incident_id,
    type: `driftwatch.incident.${row.transition}`,
    eventTimeMs: Date.parse(row.reported),
    value: {
      incident_id: row.incident_id,
      revision: row.revision,
      transition: row.transition,
      model: row.model,
      kind: row.kind,
      severity: row.severity,
      status: row.status,
      began: Date.parse(row.began),
      reported: Date.parse(row.reported),
      features: row.features,
      segments: row.segments,
      cause: row.cause,
      summary: row.summary,
      findings: row.findings,
      reason: row.reason,
      concept_change: row.concept_change,
      first_kind: row.first_kind,
      first_feature: row.first_feature,
      first_segment: row.first_segment,
      carrier: row.carrier,
      carrier_share: row.carrier_share,
      carrier_rows: row.carrier_rows,
      change: row.change,
      change_at: row.change_at === null ? null : Date.parse(row.change_at),
      cost: row.cost,
      cost_basis: row.cost_basis,
      cost_rows: row.cost_rows,
    },
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
      onset: request.onsetMs ?? null,
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
    onset: request.onsetMs === undefined ? null : iso(request.onsetMs),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const kind = z.enum(DRIFT_KINDS);
const text = z.iso.datetime();

export const FINDING_ROW = z.object({
  finding_id: z.string(),
  revision: count,
  incident_id: z.string(),
  model: z.string(),
  kind,
  class: z.string(),
  feature: z.string(),
  segment: z.string(),
  status: z.enum(['open', 'closed', 'retracted']),
  began: text,
  reported: text,
  last_seen: text,
  windows: count,
  value: z.number().nullable(),
  p_value: z.number().nullable(),
  effect: z.number().nullable(),
  effect_unit: z.string(),
  evidence: z.string(),
});
export type FindingRow = z.infer<typeof FINDING_ROW>;

export const INCIDENT_ROW = z.object({
  incident_id: z.string(),
  revision: count,
  transition: z.enum(['open', 'update', 'resolve', 'upgrade', 'downgrade', 'retract']),
  model: z.string(),
  kind,
  severity: z.enum(['WARNING', 'ALERT']),
  status: z.enum(['open', 'resolved', 'retracted']),
  began: text,
  opened: text,
  reported: text,
  features: z.array(z.string()),
  segments: z.array(z.string()),
  findings: z.array(z.string()),
  cause: z.string(),
  summary: z.string(),
  reason: z.string(),
  concept_change: z.string(),
  first_kind: kind,
  first_feature: z.string(),
  first_segment: z.string(),
  carrier: z.string(),
  carrier_share: z.number().nullable(),
  carrier_rows: count,
  change: z.string(),
  change_at: text.nullable(),
  cost: z.number().nullable(),
  cost_basis: z.enum(['realised', 'estimated', 'insufficient']),
  cost_rows: count,
  retrain: z.string(),
});
export type IncidentRow = z.infer<typeof INCIDENT_ROW>;
