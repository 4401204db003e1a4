import {
  advanceIncidents,
  type IncidentState,
  NO_INCIDENTS,
  type Transition,
} from '../../src/core/incidents/advance.ts';
import { withCarriers } from '../../src/core/incidents/carrier.ts';
import type { Change } from '../../src/core/incidents/change.ts';
import { correctIncidents, homesOf } from '../../src/core/incidents/correct.ts';
import { type Finding, findingId, type Observation } from '../../src/core/incidents/finding.ts';
import type { Incident } from '../../src/core/incidents/incident.ts';
import {
  decideFollowUp,
  decideRetrain,
  type RetrainPolicy,
} from '../../src/core/incidents/retrain-policy.ts';
import { retrainRequestId } from '../../src/core/incidents/retrain-request-id.ts';
import { EMPTY_TIMELINE, foldTimeline, remember, type Timeline } from '../../src/core/incidents/timeline.ts';
import {
  type FindingRow,
  findingRow,
  type RetrainRequest,
  type RowOfFinding,
  reportedOf,
  retrainRequestOf,
  sameFinding,
} from './report.ts';

/**
 * Takes observations to incidents, and the right incidents to retrain requests. Pure: the state goes in and out, and
 * what has to be written comes back, with ids of its own, so writing it twice changes nothing.
 *
 * Two things are kept apart: what follows from the verdicts (the timeline and the findings folded from it) and what was
 * reported (read back from the rows). Late rows change the first; the difference from the second is what is said.
 */
export interface Desk {
  readonly timeline: Timeline;
  /** Findings as they follow from the timeline; incidents as they were reported. */
  readonly state: IncidentState;
  readonly reported: ReadonlyMap<string, RowOfFinding>;
  /** Incidents that a retraining was requested for. */
  readonly asked: ReadonlySet<string>;
  readonly lastRequest?: AskedFor;
}

/** A request as far as the next one depends on it. */
export type AskedFor = Pick<RetrainRequest, 'id' | 'incidentId' | 'requestedMs'>;

/** What a desk that starts finds in the tables. */
export interface Reported {
  readonly incidents: readonly Incident[];
  readonly findings: readonly RowOfFinding[];
  readonly requests: readonly AskedFor[];
}

export interface DeskSettings {
  readonly groupWithinMs: number;
  readonly closeAfter: number;
  readonly policy: RetrainPolicy;
}

/** The answers on one window. */
export interface Answers {
  /** A name of the window that stays the same when it is judged again. */
  readonly name: string;
  readonly readyMs: number;
  /** Order among windows that were ready together. */
  readonly rank: number;
  readonly observations: readonly Observation[];
}

/** What is new, in the order in which it is to be written. */
export interface News {
  readonly findings: readonly FindingRow[];
  readonly transitions: readonly Told[];
  readonly requests: readonly RetrainRequest[];
}

export type Told = Transition & {
  /** `requested`, or why not. */
  readonly retrain: string;
};

/** The desk where the last one stopped: `windows` are the answers on every window judged so far. */
export function openDesk(args: {
  settings: DeskSettings;
  reported: Reported;
  windows: readonly Answers[];
}): Desk {
  const { settings, windows } = args;
  const reported = new Map(args.reported.findings.map((finding) => [finding.id, finding]));
  let timeline = EMPTY_TIMELINE;
  for (const window of windows) timeline = rememberIn(timeline, window);
  const state = foldTimeline({ ...settings, timeline, homeOf: homes(settings, reported) });
  const lastRequest = newest(args.reported.requests);
  return {
    timeline,
    state: { ...state, incidents: new Map(args.reported.incidents.map((one) => [one.id, one])) },
    reported,
    asked: new Set(args.reported.requests.map(({ incidentId }) => incidentId)),
    ...(lastRequest === undefined ? {} : { lastRequest }),
  };
}

/** Takes the answers on the next window. */
export function takeToDesk(args: {
  desk: Desk;
  settings: DeskSettings;
  answers: Answers;
  /** Stream time, milliseconds since 1970. */
  streamTimeMs: number;
}): { desk: Desk; news: News } {
  const { desk, settings, answers, streamTimeMs } = args;
  const { state, transitions, findings } = advanceIncidents({
    ...settings,
    state: desk.state,
    observations: withCarriers(answers.observations),
    streamTimeMs,
    homeOf: homes(settings, desk.reported),
  });
  const next = { ...desk, timeline: rememberIn(desk.timeline, answers), state };
  return report({ desk: next, settings, transitions, findings, gone: [], streamTimeMs });
}

/** Takes answers on windows that were judged again because rows came late. */
export function correctDesk(args: {
  desk: Desk;
  settings: DeskSettings;
  windows: readonly Answers[];
  changes: readonly Change[];
  streamTimeMs: number;
}): { desk: Desk; news: News } {
  const { desk, settings, windows, streamTimeMs } = args;
  let { timeline } = desk;
  for (const window of windows) timeline = rememberIn(timeline, window);
  const now = foldTimeline({ ...settings, timeline, homeOf: homes(settings, desk.reported) });
  const all = windows.flatMap(({ observations }) => observations);
  const transitions = correctIncidents({
    said: desk.state.incidents,
    saidFindings: desk.reported,
    now,
    kinds: new Set(all.map(({ kind }) => kind)),
    sinceMs: Math.min(...all.map(({ windowStartMs }) => windowStartMs)),
    changes: args.changes,
    streamTimeMs,
  });
  const incidents = new Map(desk.state.incidents);
  for (const { incident } of transitions) incidents.set(incident.id, incident);
  const corrected = new Set(transitions.map(({ incident }) => incident.id));
  const next = { ...desk, timeline, state: { ...now, incidents } };
  return report({
    desk: next,
    settings,
    transitions,
    // A finding that only now shows is reported now, whenever its window was.
    findings: [...now.findings.values()]
      .filter(({ incidentId }) => corrected.has(incidentId))
      .map((finding) => ({
        ...finding,
        reportedMs: desk.reported.get(finding.id)?.reportedMs ?? streamTimeMs,
      })),
    gone: [...desk.reported.values()].filter(
      ({ id, incidentId, status }) =>
        corrected.has(incidentId) && status !== 'retracted' && !now.findings.has(id),
    ),
    streamTimeMs,
  });
}

function report(args: {
  desk: Desk;
  settings: DeskSettings;
  transitions: readonly Transition[];
  findings: readonly Finding[];
  gone: readonly RowOfFinding[];
  streamTimeMs: number;
}): { desk: Desk; news: News } {
  const { desk, transitions } = args;
  const { requests, answers, asked, lastRequest } = askForRetraining(args);
  const rows = [
    ...args.findings.map((finding) =>
      findingRow(finding, (desk.reported.get(finding.id)?.revision ?? -1) + 1),
    ),
    ...args.gone.map(
      ({ row, revision }): FindingRow => ({ ...row, status: 'retracted', revision: revision + 1 }),
    ),
  ].filter((row) => !sameFinding(row, desk.reported.get(row.finding_id)?.row));
  const reported = new Map(desk.reported);
  for (const row of rows) reported.set(row.finding_id, reportedOf(row));
  const told = transitions.map(({ name, incident }): Told => {
    if (name !== 'retract')
      return {
        name,
        incident,
        retrain: asked.has(incident.id) ? 'requested' : (answers.get(incident.id) ?? OVER),
      };
    if (!asked.has(incident.id)) return { name, incident, retrain: 'the incident is retracted' };
    const summary = `${incident.summary} ${SENT}`;
    return {
      name,
      incident: { ...incident, summary },
      retrain: 'requested before the retraction, not taken back',
    };
  });
  return {
    desk: { ...desk, reported, asked, ...(lastRequest === undefined ? {} : { lastRequest }) },
    news: { findings: rows, transitions: told, requests },
  };
}

/** An incident that had to wait for the cool-down is asked again while it stays open. */
function askForRetraining(args: { desk: Desk; settings: DeskSettings; streamTimeMs: number }) {
  const { desk, streamTimeMs } = args;
  const { policy } = args.settings;
  const requests: RetrainRequest[] = [];
  const asked = new Set(desk.asked);
  const answers = new Map<string, string>();
  let { lastRequest } = desk;
  for (const incident of desk.state.incidents.values()) {
    if (incident.status !== 'open' || asked.has(incident.id)) continue;
    const decision = decideRetrain({
      incident,
      policy,
      streamTimeMs,
      ...(lastRequest === undefined ? {} : { lastRequestMs: lastRequest.requestedMs }),
    });
    answers.set(incident.id, decision.retrain ? 'requested' : decision.reason);
    if (!decision.retrain) continue;
    const { retrain: _, ...wanted } = decision;
    const request = retrainRequestOf({ incident, followUp: false, requestedMs: streamTimeMs, ...wanted });
    requests.push(request);
    asked.add(incident.id);
    lastRequest = newest([...(lastRequest === undefined ? [] : [lastRequest]), request]);
  }
  const followUp = followUpOf({ desk, lastRequest, policy, streamTimeMs });
  if (followUp !== undefined) {
    requests.push(followUp);
    lastRequest = followUp;
  }
  return { requests, answers, asked, lastRequest };
}

function followUpOf(args: {
  desk: Desk;
  lastRequest: AskedFor | undefined;
  policy: RetrainPolicy;
  streamTimeMs: number;
}): RetrainRequest | undefined {
  const { desk, lastRequest, policy, streamTimeMs } = args;
  if (lastRequest === undefined) return undefined;
  const { id, incidentId, requestedMs } = lastRequest;
  const incident = desk.state.incidents.get(incidentId);
  if (incident === undefined || id !== retrainRequestId(incidentId, false)) return undefined;
  const decision = decideFollowUp({ incident, policy, streamTimeMs, requestedMs });
  if (!decision.retrain) return undefined;
  const { retrain: _, ...wanted } = decision;
  return retrainRequestOf({ incident, followUp: true, requestedMs: streamTimeMs, ...wanted });
}

/** The newest request; among several of one moment always the same one. */
function newest(requests: readonly AskedFor[]): AskedFor | undefined {
  return requests.reduce<AskedFor | undefined>((last, request) => {
    if (last === undefined || request.requestedMs > last.requestedMs) return request;
    return request.requestedMs === last.requestedMs && request.id > last.id ? request : last;
  }, undefined);
}

function rememberIn(timeline: Timeline, answers: Answers): Timeline {
  return remember({ ...answers, timeline, observations: withCarriers(answers.observations) });
}

function homes(settings: DeskSettings, findings: ReadonlyMap<string, RowOfFinding>) {
  return homesOf({ findings, idOf: findingId, closeAfter: settings.closeAfter });
}

export const EMPTY_DESK: Desk = {
  timeline: EMPTY_TIMELINE,
  state: NO_INCIDENTS,
  reported: new Map(),
  asked: new Set(),
};

const OVER = 'the incident is resolved';
const SENT = 'The retraining that it asked for has been requested already and is not taken back.';
