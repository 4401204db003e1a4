import { cellOf, continueFinding, type Finding, type Observation, openFinding } from './finding.ts';
import { describeIncident, type Incident, incidentId, RANK } from './incident.ts';

/**
 * Takes the observations of one moment of stream time into the incidents: findings open, go on and close;
 * incidents open, are updated and resolve. Pure, and the same observations in the same order give the same
 * incidents, so the state can be rebuilt from drift history at any time.
 *
 * A new finding joins an open incident of its model when
 * - the incident already holds the same feature in a kind that can cause it (schema skew shows as feature
 *   skew, both show as distribution skew and drift), or
 * - it is of the same family of kinds and began within `groupWithinMs` of the incident.
 * Otherwise it opens an incident of its own. `homeOf` comes before these rules: a finding that was reported stays in
 * the incident it was reported with.
 */
export function advanceIncidents(args: {
  state: IncidentState;
  observations: readonly Observation[];
  streamTimeMs: number;
  groupWithinMs: number;
  closeAfter: number;
  homeOf?: (observation: Observation) => string | undefined;
}): { state: IncidentState; transitions: Transition[]; findings: Finding[] } {
  const cells = new Map(args.state.cells);
  const findings = new Map(args.state.findings);
  const incidents = new Map(args.state.incidents);
  const touched = new Set<string>();
  const changed = new Map<string, Finding>();

  for (const observation of args.observations.toSorted(inOrder)) {
    const cell = cellOf(observation);
    const known = findings.get(cells.get(cell) ?? '');
    if (known !== undefined && known.status === 'open') {
      const next = continueFinding({ finding: known, observation, closeAfter: args.closeAfter });
      findings.set(next.id, next);
      if (next.revision === known.revision) continue;
      changed.set(next.id, next);
      if (next.status === 'closed' || isMateriallyWorse(known, next)) touched.add(next.incidentId);
      continue;
    }
    if (observation.verdict !== 'drift') continue;
    const home =
      args.homeOf?.(observation) ??
      findHome({ observation, incidents, findings, groupWithinMs: args.groupWithinMs });
    const finding = openFinding({
      observation,
      incidentId: home ?? incidentId(observation),
      reportedMs: args.streamTimeMs,
    });
    cells.set(cell, finding.id);
    findings.set(finding.id, finding);
    changed.set(finding.id, finding);
    touched.add(finding.incidentId);
  }

  const transitions: Transition[] = [];
  for (const id of touched) {
    const before = incidents.get(id);
    const after = describeIncident({
      id,
      revision: before === undefined ? 0 : before.revision + 1,
      openedMs: before?.openedMs ?? args.streamTimeMs,
      findings: [...findings.values()].filter((finding) => finding.incidentId === id),
    });
    if (after === undefined || (before !== undefined && !isTransition(before, after))) continue;
    // What was never reported needs no end either.
    if (before === undefined && after.status === 'resolved') continue;
    incidents.set(id, after);
    transitions.push({ name: nameOf(before, after), incident: after });
  }
  return { state: { cells, findings, incidents }, transitions, findings: [...changed.values()] };
}

export const NO_INCIDENTS: IncidentState = { cells: new Map(), findings: new Map(), incidents: new Map() };

export interface IncidentState {
  /** Newest finding per cell. */
  readonly cells: ReadonlyMap<string, string>;
  readonly findings: ReadonlyMap<string, Finding>;
  readonly incidents: ReadonlyMap<string, Incident>;
}

export interface Transition {
  /** The last three are corrections: late rows changed the verdicts it rests on. */
  readonly name: 'open' | 'update' | 'resolve' | 'upgrade' | 'downgrade' | 'retract';
  readonly incident: Incident;
}

function findHome(args: {
  observation: Observation;
  incidents: ReadonlyMap<string, Incident>;
  findings: ReadonlyMap<string, Finding>;
  groupWithinMs: number;
}): string | undefined {
  const { observation } = args;
  const open = [...args.incidents.values()].filter(
    ({ model, status }) => model === observation.model && status === 'open',
  );
  // Findings of this same moment have no incident yet on record: they count through their incident id.
  const mates = [...args.findings.values()].filter(
    ({ status, first }) => status === 'open' && first.model === observation.model,
  );
  const cause = mates.find(
    ({ first }) =>
      first.feature === observation.feature &&
      RANK[first.kind] <= RANK[observation.kind] &&
      observation.kind !== 'concept-drift',
  );
  if (cause !== undefined) return cause.incidentId;
  const family = mates.find(
    (mate) =>
      familyOf(mate.first) === familyOf(observation) &&
      Math.abs(startOf({ mate, open }) - observation.beganMs) <= args.groupWithinMs,
  );
  return family?.incidentId;
}

function startOf({ mate, open }: { mate: Finding; open: readonly Incident[] }): number {
  return open.find(({ id }) => id === mate.incidentId)?.beganMs ?? mate.first.beganMs;
}

/** Schema skew is one cause per writer schema and field; drift of the inputs is one cause per moment. */
function familyOf({ kind, class: name, feature }: Observation): string {
  if (kind === 'distribution-skew' || kind === 'data-drift') return 'inputs';
  if (kind === 'schema-skew') return `schema ${name} ${feature}`;
  if (kind === 'feature-skew') return `feature ${feature}`;
  return kind;
}

function isMateriallyWorse(before: Finding, after: Finding): boolean {
  return (after.worst.effect ?? 0) >= 2 * (before.worst.effect ?? Number.POSITIVE_INFINITY);
}

function isTransition(before: Incident, after: Incident): boolean {
  return (
    before.status !== after.status ||
    before.severity !== after.severity ||
    before.features.length !== after.features.length ||
    before.segments.length !== after.segments.length ||
    before.summary !== after.summary
  );
}

function nameOf(before: Incident | undefined, after: Incident): Transition['name'] {
  if (before === undefined || before.status === 'retracted') return 'open';
  if (after.status === 'resolved') return 'resolve';
  return 'update';
}

/** First windows first; within a window the kinds that can be causes first; then by name, so that order of arrival does not matter. */
function inOrder(a: Observation, b: Observation): number {
  return (
    a.windowStartMs - b.windowStartMs ||
    RANK[a.kind] - RANK[b.kind] ||
    a.segment.localeCompare(b.segment) ||
    a.feature.localeCompare(b.feature) ||
    a.class.localeCompare(b.class)
  );
}
