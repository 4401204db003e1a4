import { eventId } from '../uuid.ts';
import { type Carrier, type DriftKind, type Finding, findingId, type Observation } from './finding.ts';

/** One cause, however many features and segments show it. */
export interface Incident {
  readonly id: string;
  readonly revision: number;
  readonly model: string;
  readonly kind: DriftKind;
  /** Retracted: late rows took away what it rested on. */
  readonly status: 'open' | 'resolved' | 'retracted';
  /** ALERT calls a person: a broken schema or feature, or a worse model. WARNING: inputs moved, to be read. */
  readonly severity: 'WARNING' | 'ALERT';
  readonly beganMs: number;
  readonly openedMs: number;
  readonly findings: readonly string[];
  readonly features: readonly string[];
  readonly segments: readonly string[];
  readonly cause: string;
  readonly summary: string;
  /** What moved first in event time. */
  readonly firstMover: FirstMover;
  /** The smallest segment that carries what leads the incident; undefined when it is spread over all. */
  readonly carrier?: Carrier;
  /** Concept drift: covariate drift, label shift, change of P(y|x), none or insufficient; else empty. */
  readonly conceptChange: string;
  /** Why it was corrected, in words; empty while rows came in time. */
  readonly reason: string;
}

export interface FirstMover {
  readonly kind: DriftKind;
  readonly feature: string;
  readonly segment: string;
}

export function incidentId(first: Observation): string {
  return eventId('incident', first.model, findingId(first));
}

/** What the findings of an incident say together. Findings come first mover first. */
export function describeIncident(args: {
  id: string;
  revision: number;
  openedMs: number;
  findings: readonly Finding[];
}): Incident | undefined {
  const findings = args.findings.toSorted(
    (a, b) => a.first.beganMs - b.first.beganMs || RANK[a.first.kind] - RANK[b.first.kind],
  );
  const lead = findings.toSorted((a, b) => RANK[a.first.kind] - RANK[b.first.kind])[0];
  const [first] = findings;
  if (lead === undefined || first === undefined) return undefined;
  const { carrier } = lead.worst;
  const open = findings.some((finding) => finding.status === 'open');
  const features = unique(findings.map((finding) => finding.first.feature));
  const segments = unique(findings.map((finding) => finding.first.segment));
  const cause = causeOf(lead, findings);
  return {
    id: args.id,
    revision: args.revision,
    model: lead.first.model,
    kind: lead.first.kind,
    status: open ? 'open' : 'resolved',
    severity: severityOf(findings),
    beganMs: Math.min(...findings.map((finding) => finding.first.beganMs)),
    openedMs: args.openedMs,
    findings: findings.map((finding) => finding.id),
    features,
    segments,
    cause,
    summary: summaryOf({ lead, features, segments, cause }),
    firstMover: { kind: first.first.kind, feature: first.first.feature, segment: first.first.segment },
    ...(carrier === undefined ? {} : { carrier }),
    conceptChange: lead.worst.conceptChange ?? '',
    reason: '',
  };
}

/** A cause can produce the kinds below it in the list: a broken schema shows as skew and as drift. */
export const RANK: Readonly<Record<DriftKind, number>> = {
  'schema-skew': 0,
  'feature-skew': 1,
  'distribution-skew': 2,
  'data-drift': 3,
  'concept-drift': 4,
};

function severityOf(findings: readonly Finding[]): 'WARNING' | 'ALERT' {
  const serious = findings.some(({ first }) => first.harmful && SERIOUS.has(first.kind));
  return serious ? 'ALERT' : 'WARNING';
}

/**
 * What was seen of the lead. Of a broken schema or range also the feature skew of the same field, which comes later and
 * says what was done to the values: over all examples, else in the smallest segment.
 */
function causeOf(lead: Finding, findings: readonly Finding[]): string {
  const { kind, feature } = lead.first;
  const skews = findings.filter(({ first }) => first.kind === 'feature-skew' && first.feature === feature);
  const [skew] = skews.toSorted(
    (a, b) =>
      Number(a.first.segment !== '') - Number(b.first.segment !== '') ||
      (a.worst.n ?? 0) - (b.worst.n ?? 0) ||
      (a.first.segment < b.first.segment ? -1 : 1),
  );
  const { evidence } = lead.worst;
  return kind !== 'schema-skew' || skew === undefined ? evidence : `${evidence}; ${skew.worst.evidence}`;
}

function summaryOf(args: {
  lead: Finding;
  cause: string;
  features: readonly string[];
  segments: readonly string[];
}): string {
  const { lead, features, segments } = args;
  const others = features.length - 1;
  const where = lead.first.segment === '' ? '' : ` for ${lead.first.segment}`;
  const more = others > 0 ? ` and ${others} more` : '';
  const places = segments.length > 1 ? `, in ${segments.length} segments` : '';
  const what = lead.first.feature === '' ? 'the records' : lead.first.feature;
  return `${LABEL[lead.first.kind]} in ${what}${more}${where}${places}: ${args.cause}`;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

const SERIOUS: ReadonlySet<DriftKind> = new Set(['schema-skew', 'feature-skew', 'concept-drift']);
const LABEL: Readonly<Record<DriftKind, string>> = {
  'schema-skew': 'Schema skew',
  'feature-skew': 'Feature skew',
  'distribution-skew': 'Distribution skew',
  'data-drift': 'Data drift',
  'concept-drift': 'Concept drift',
};
