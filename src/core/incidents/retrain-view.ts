import { followUpId } from './retrain-request-id.ts';
import type { RetrainView, VersionExcess } from './retrain-rules.ts';
import type { Timeline } from './timeline.ts';

/**
 * What a rule sees of a live model when a window of labels has closed: the windows since the newest request that the
 * version which answers now has labels in, everything counted in windows of `paneMs`. The same windows and requests give
 * the same view, whatever the order they came in.
 *
 * Rows of a version vary by what all windows of the view say of them, since a window of few rows does not know. Whether the newest
 * request led to a release shows in the version that answers. A version that a person asked for begins anew as well,
 * but no cool-down.
 */
export function retrainView(args: {
  timeline: Timeline;
  requests: readonly PastRequest[];
  /** Stream time, milliseconds since 1970. */
  nowMs: number;
  settings: ViewSettings;
}): LiveView {
  const { timeline, requests, nowMs, settings } = args;
  const { paneMs, minimumRows } = settings;
  const windows = [...timeline.windows.values()].toSorted((a, b) => a.startMs - b.startMs);
  const labelled = windows.flatMap(({ excess }) => excess ?? []);
  const last = newestRequest(requests);
  const requestedMs = last?.requestedMs ?? Number.NEGATIVE_INFINITY;
  const version = labelled.at(-1)?.version;
  const before = labelled.findLast(({ startMs }) => startMs < requestedMs)?.version;
  const ofVersion = labelled.filter((window) => window.version === version);
  const releasedMs = ofVersion[0]?.startMs ?? nowMs;
  const kept = Math.ceil(settings.validationMs / paneMs);
  return {
    sinceRetrain: Math.floor((nowMs - (last?.requestedMs ?? labelled[0]?.startMs ?? nowMs)) / paneMs),
    last: last === undefined ? 'first' : isFollowUp(last, requests) ? 'follow-up' : 'change',
    released: last !== undefined && version !== before,
    excess: pooled(ofVersion.filter(({ startMs }) => startMs >= requestedMs)),
    drift: windows.flatMap(({ startMs, drifts, calm }) => {
      if (startMs < releasedMs) return [];
      if (drifts.some(({ kind }) => kind === 'distribution-skew')) return [true];
      return calm.some((cell) => timeline.calm.get(cell)?.kind === 'distribution-skew') ? [false] : [];
    }),
    enough:
      kept +
      windowsWith(
        minimumRows,
        labelled.slice(0, Math.max(0, labelled.length - kept)).map(({ rows }) => rows),
      ),
    cost: settings.cost,
  };
}

export interface LiveView extends RetrainView {
  readonly excess: readonly VersionExcess[];
}

export interface ViewSettings {
  readonly paneMs: number;
  /** Newest labelled part, on which champion and challenger meet. */
  readonly validationMs: number;
  /** Rows that can be trained on. */
  readonly minimumRows: number;
  /** What a retrain costs, nats. */
  readonly cost: number;
}

/** A request as far as the next one depends on it. */
export interface PastRequest {
  readonly id: string;
  readonly requestedMs: number;
}

/** The newest request; among several of one moment always the same one. */
export function newestRequest<R extends PastRequest>(requests: readonly R[]): R | undefined {
  return requests.toSorted((a, b) => b.requestedMs - a.requestedMs || (a.id < b.id ? 1 : -1))[0];
}

/** How many of the newest windows have so many rows, given the rows of each; more than there are when all together have fewer. */
export function windowsWith(rows: number, windows: readonly number[]): number {
  let have = 0;
  for (let count = 1; count <= windows.length; count += 1) {
    have += windows.at(-count) ?? 0;
    if (have >= rows) return count;
  }
  return windows.length + 1;
}

function isFollowUp(request: PastRequest, requests: readonly PastRequest[]): boolean {
  return requests.some(({ id }) => followUpId(id) === request.id);
}

function pooled(windows: readonly VersionExcess[]): VersionExcess[] {
  const rows = windows.reduce((sum, window) => sum + window.rows, 0);
  const variance = windows.reduce((sum, { sd }) => sum + sd * sd, 0) / Math.max(1, rows);
  return windows.map((window) => ({ ...window, sd: Math.sqrt(variance * window.rows) }));
}
