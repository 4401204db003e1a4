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
import type { RetrainPolicy } from '../../src/core/incidents/retrain-policy.ts';
import type { VersionExcess } from '../../src/core/incidents/retrain-rules.ts';
import { EMPTY_TIMELINE, foldTimeline, remember, type Timeline } from '../../src/core/incidents/timeline.ts';
import { askedFor, askForRetraining } from './ask-for-retraining.ts';
import {
  type FindingRow,
  findingRow,
  type RetrainRequest,
  type RowOfFinding,
  reportedOf,
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
  /** Retrainings that were requested. */
  readonly requests: readonly RetrainRequest[];
}

/** What a desk that starts finds in the tables. */
export interface Reported {
  readonly incidents: readonly Incident[];
  readonly findings: readonly RowOfFinding[];
  readonly requests: readonly RetrainRequest[];
}

export interface DeskSettings {
  readonly model: string;
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
  /** Of a window of labels: what the serving version lost beyond what its answers imply. */
  readonly excess?: VersionExcess;
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
  return {
    timeline,
    state: { ...state, incidents: new Map(args.reported.incidents.map((one) => [one.id, one])) },
    reported,
    requests: args.reported.requests,
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
  const window = answers.excess === undefined ? undefined : answers.name;
  return report({ desk: next, settings, transitions, findings, gone: [], streamTimeMs, window });
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
    window: undefined,
  });
}

function report(args: {
  desk: Desk;
  settings: DeskSettings;
  transitions: readonly Transition[];
  findings: readonly Finding[];
  gone: readonly RowOfFinding[];
  streamTimeMs: number;
  /** Name of the window of labels that has closed. */
  window: string | undefined;
}): { desk: Desk; news: News } {
  const { desk, transitions } = args;
  const { requests, answers } = askForRetraining({ ...args, ...args.settings, ...desk });
  const all = [...desk.requests, ...requests];
  const asked = askedFor(all);
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
    desk: { ...desk, reported, requests: all },
    news: { findings: rows, transitions: told, requests },
  };
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
  requests: [],
};

const OVER = 'the incident is resolved';
const SENT = 'The retraining that it asked for has been requested already and is not taken back.';
