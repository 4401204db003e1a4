import type { IncidentState, Transition } from './advance.ts';
import { type Change, sayChanges } from './change.ts';
import { cellOf, type DriftKind, type Finding, type Observation } from './finding.ts';
import { describeIncident, type Incident } from './incident.ts';

/**
 * What has to be said about incidents after verdicts were corrected by late rows: `said` is how they were reported,
 * `now` how they would be if every row had come in time. An incident that has lost everything it rested on is
 * retracted; one that rests on more, or is more serious, is upgraded; one that rests on less is downgraded; one that
 * only now shows is opened. Each comes with its reason in words. The same arguments give the same transitions, and
 * transitions that were taken into `said` are not given again.
 *
 * Only incidents of the kinds and the time that were judged again are looked at.
 */
export function correctIncidents(args: {
  said: ReadonlyMap<string, Incident>;
  saidFindings: ReadonlyMap<string, ReportedFinding>;
  now: IncidentState;
  kinds: ReadonlySet<DriftKind>;
  sinceMs: number;
  changes: readonly Change[];
  streamTimeMs: number;
}): Transition[] {
  const { said, now } = args;
  const before = Map.groupBy(
    [...args.saidFindings.values()].filter(({ status }) => status !== 'retracted'),
    ({ incidentId }) => incidentId,
  );
  const after = Map.groupBy(now.findings.values(), ({ incidentId }) => incidentId);
  const judgedAgain = ({ kind, lastSeenMs }: { kind: DriftKind; lastSeenMs: number }) =>
    args.kinds.has(kind) && lastSeenMs >= args.sinceMs;
  const transitions: Transition[] = [];
  for (const id of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const old = before.get(id) ?? [];
    const findings = after.get(id) ?? [];
    if (!old.some(judgedAgain) && !findings.map(spanOf).some(judgedAgain)) continue;
    const incident = describeIncident({
      id,
      revision: 0,
      openedMs: said.get(id)?.openedMs ?? args.streamTimeMs,
      findings,
    });
    const cells = new Set([...old.map(({ cell }) => cell), ...findings.map(({ first }) => cellOf(first))]);
    const why = sayChanges(args.changes.filter((change) => cells.has(cellOf(change))));
    const transition = correctionOf({ before: said.get(id), old, after: incident, findings, why });
    if (transition !== undefined) transitions.push(transition);
  }
  return transitions;
}

/** A finding as it was reported last. */
export interface ReportedFinding {
  readonly id: string;
  readonly revision: number;
  readonly incidentId: string;
  readonly cell: string;
  readonly kind: DriftKind;
  readonly status: 'open' | 'closed' | 'retracted';
  readonly beganMs: number;
  readonly lastSeenMs: number;
}

/**
 * The incident that a finding was reported with, also when late rows move its first window: the reported finding of the
 * same cell that it overlaps, with room for as many windows as close a finding.
 */
export function homesOf(args: {
  findings: ReadonlyMap<string, ReportedFinding>;
  idOf: (observation: Observation) => string;
  closeAfter: number;
}): (observation: Observation) => string | undefined {
  const byCell = Map.groupBy(args.findings.values(), ({ cell }) => cell);
  return (observation) => {
    const exact = args.findings.get(args.idOf(observation));
    if (exact !== undefined) return exact.incidentId;
    const room = args.closeAfter * (observation.windowEndMs - observation.windowStartMs);
    return byCell
      .get(cellOf(observation))
      ?.find(
        ({ status, beganMs, lastSeenMs }) =>
          status !== 'retracted' &&
          observation.windowStartMs >= beganMs - room &&
          observation.windowStartMs < lastSeenMs,
      )?.incidentId;
  };
}

function correctionOf(args: {
  before: Incident | undefined;
  old: readonly ReportedFinding[];
  after: Incident | undefined;
  findings: readonly Finding[];
  why: string;
}): Transition | undefined {
  const { before, after } = args;
  const why = args.why === '' ? 'its windows were judged again with the rows that are stored now' : args.why;
  const revision = before === undefined ? 0 : before.revision + 1;
  if (after === undefined) {
    if (before === undefined || before.status === 'retracted') return undefined;
    const summary = `Retracted: ${why}. It said: ${before.summary}`;
    return { name: 'retract', incident: { ...before, revision, status: 'retracted', reason: why, summary } };
  }
  const name = nameOf({ ...args, before, after });
  if (name === undefined) return undefined;
  const summary = `${HEADING[name]}: ${why}. ${after.summary}`;
  return { name, incident: { ...after, revision, reason: why, summary } };
}

function nameOf(args: {
  before: Incident | undefined;
  old: readonly ReportedFinding[];
  after: Incident;
  findings: readonly Finding[];
}): Exclude<Transition['name'], 'retract'> | undefined {
  const { before, after } = args;
  if (before === undefined || before.status === 'retracted') return 'open';
  if (before.severity !== after.severity) return after.severity === 'ALERT' ? 'upgrade' : 'downgrade';
  if (before.status !== after.status) return after.status === 'open' ? 'upgrade' : 'resolve';
  const more = new Set(args.findings.map(({ first }) => cellOf(first)));
  const fewer = new Set(args.old.map(({ cell }) => cell));
  const added = [...more].some((cell) => !fewer.has(cell));
  const gone = [...fewer].some((cell) => !more.has(cell));
  if (added) return 'upgrade';
  if (gone) return 'downgrade';
  return before.beganMs === after.beganMs ? undefined : 'update';
}

function spanOf({ first, lastSeenMs }: Finding): { kind: DriftKind; lastSeenMs: number } {
  return { kind: first.kind, lastSeenMs };
}

const HEADING: Readonly<Record<Exclude<Transition['name'], 'retract'>, string>> = {
  open: 'Found late',
  upgrade: 'Upgraded',
  downgrade: 'Downgraded',
  resolve: 'Resolved',
  update: 'Corrected',
};
