import { advanceIncidents, type IncidentState, NO_INCIDENTS } from './advance.ts';
import { cellOf, type Observation } from './finding.ts';
import type { VersionExcess } from './retrain-rules.ts';

/**
 * Every judged window in the form in which incidents can be worked out again: its drifts in full, and which cells
 * were calm. Plain data; a window that is judged again takes the place of what was said before.
 */
export interface Timeline {
  readonly windows: ReadonlyMap<string, JudgedWindow>;
  /** One calm observation per cell, shared by all windows. */
  readonly calm: ReadonlyMap<string, Observation>;
}

export interface JudgedWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly readyMs: number;
  /** Order among windows that were ready together. */
  readonly rank: number;
  readonly drifts: readonly Observation[];
  readonly calm: readonly string[];
  /** Of a window of labels: what the serving version lost beyond what its answers imply. */
  readonly excess?: VersionExcess;
}

export const EMPTY_TIMELINE: Timeline = { windows: new Map(), calm: new Map() };

/** The timeline with the answers on one window, by a name of the window that stays the same. */
export function remember(args: {
  timeline: Timeline;
  name: string;
  readyMs: number;
  rank: number;
  observations: readonly Observation[];
  excess?: VersionExcess;
}): Timeline {
  const { timeline, observations } = args;
  const [first] = observations;
  if (first === undefined) return timeline;
  const templates = new Map(timeline.calm);
  const calm: string[] = [];
  for (const observation of observations) {
    if (observation.verdict !== 'ok') continue;
    const cell = cellOf(observation);
    if (!templates.has(cell)) templates.set(cell, observation);
    calm.push(cell);
  }
  const window: JudgedWindow = {
    startMs: first.windowStartMs,
    endMs: first.windowEndMs,
    readyMs: args.readyMs,
    rank: args.rank,
    drifts: observations.filter(({ verdict }) => verdict === 'drift'),
    calm,
    ...(args.excess === undefined ? {} : { excess: args.excess }),
  };
  return { windows: new Map(timeline.windows).set(args.name, window), calm: templates };
}

/** Findings and incidents as if every row had come in time. */
export function foldTimeline(args: {
  timeline: Timeline;
  groupWithinMs: number;
  closeAfter: number;
  homeOf?: (observation: Observation) => string | undefined;
}): IncidentState {
  const { timeline, ...settings } = args;
  const windows = [...timeline.windows.values()].sort((a, b) => a.readyMs - b.readyMs || a.rank - b.rank);
  const drifted = new Set(windows.flatMap(({ drifts }) => drifts.map(cellOf)));
  let state: IncidentState = NO_INCIDENTS;
  for (const window of windows) {
    const calm = window.calm.flatMap((cell) => {
      const template = drifted.has(cell) ? timeline.calm.get(cell) : undefined;
      if (template === undefined) return [];
      const { startMs: windowStartMs, endMs: windowEndMs } = window;
      return [{ ...template, windowStartMs, windowEndMs, beganMs: windowStartMs }];
    });
    const observations = [...window.drifts, ...calm];
    state = advanceIncidents({ ...settings, state, observations, streamTimeMs: window.readyMs }).state;
  }
  return state;
}
