import { DRIFT_KINDS } from '../../../core/incidents/finding.ts';
import { cut, minute } from '../format.ts';
import { html, type Markup } from '../markup.ts';
import type { IncidentNow, Range, RequestRow, VersionRow } from '../reader.ts';
import { LEFT, RIGHT, round, timeAxis, timeScale, WIDTH } from './time-scale.ts';

/** Event time from left to right: one lane per kind of incident, then retrains, then releases. */
export function timeline(args: {
  incidents: readonly IncidentNow[];
  requests: readonly RequestRow[];
  versions: readonly VersionRow[];
  range: Range;
}): Markup {
  const x = timeScale(args.range, LEFT, RIGHT);
  let y = TOP;
  const lanes: Markup[] = [];
  const lane = (name: string, rows: number, content: readonly Markup[]): void => {
    const height = Math.max(1, rows) * ROW + GAP;
    lanes.push(
      html`<g><text class="lane" x="0" y="${y + 13}">${name}</text><line class="grid" x1="0" x2="${RIGHT}" y1="${y + height}" y2="${y + height}"/>${content}</g>`,
    );
    y += height;
  };
  for (const kind of DRIFT_KINDS) {
    const placed = stack(args.incidents.filter((incident) => incident.kind === kind));
    const rows = 1 + Math.max(0, ...placed.map(({ row }) => row));
    const top = y;
    lane(
      kind,
      rows,
      placed.map(({ incident, row }) => bar(incident, x, top + row * ROW + 3, args.range.untilMs)),
    );
  }
  const retrainsAt = y;
  lane(
    'retrains',
    1,
    args.requests.map((request) => retrainMark(request, x, retrainsAt + 3)),
  );
  const releasesAt = y;
  lane(
    'releases',
    1,
    args.versions.map((version) => releaseMark(version, x, releasesAt + 3)),
  );
  return html`<div class="scroll"><svg class="timeline" viewBox="0 0 ${WIDTH} ${y + 4}" role="img" aria-label="Incidents, retrains and releases over event time">${timeAxis({ range: args.range, x, top: TOP, bottom: y })}${lanes}</svg></div>
<p class="legend"><span class="key alert-bar"></span>ALERT, open <span class="key alert-bar over"></span>over <span class="key warning-bar"></span>WARNING, open <span class="key warning-bar over"></span>over. A bar runs from when it began to when it was resolved and carries its first mover.</p>`;
}

interface Placed {
  readonly incident: IncidentNow;
  readonly row: number;
}

/** Each incident goes into the first row that is free by then. */
function stack(incidents: readonly IncidentNow[]): Placed[] {
  const ends: number[] = [];
  return incidents
    .toSorted((a, b) => a.beganMs - b.beganMs)
    .map((incident) => {
      const free = ends.findIndex((end) => end <= incident.beganMs);
      const row = free === -1 ? ends.length : free;
      ends[row] = endOf(incident);
      return { incident, row };
    });
}

function endOf(incident: IncidentNow): number {
  return incident.status === 'open' ? Number.POSITIVE_INFINITY : incident.changedMs;
}

function bar(incident: IncidentNow, x: (ms: number) => number, y: number, untilMs: number): Markup {
  const from = x(incident.beganMs);
  const width = round(Math.max(4, x(Math.min(endOf(incident), untilMs)) - from - 1.5));
  const mover = moverOf(incident);
  const tone = incident.severity === 'ALERT' ? 'alert-bar' : 'warning-bar';
  const over = incident.status === 'open' ? '' : ' over';
  const ended = incident.status === 'open' ? 'open' : `${incident.status} ${minute(incident.changedMs)}`;
  const title = `${incident.severity} ${incident.kind}: ${mover}; began ${minute(incident.beganMs)}, reported ${minute(incident.openedMs)}, ${ended}; ${incident.findings} findings`;
  const room = Math.floor((width - 6) / CHARACTER);
  const label =
    room < 3
      ? undefined
      : html`<text class="inside" x="${from + 4}" y="${y + 11}">${cut(mover, room)}</text>`;
  return html`<a href="/incidents/${incident.id}"><title>${title}</title><rect class="${tone}${over}" x="${from}" y="${y}" width="${width}" height="${ROW - 3}" rx="1.5"/>${label}</a>`;
}

function moverOf(incident: IncidentNow): string {
  const [feature = ''] = incident.features;
  const name = feature === '' ? 'records' : feature;
  const [segment = '', another] = incident.segments;
  // Only the features are in the order in which they moved.
  return segment === '' || another !== undefined ? name : `${name}, ${segment}`;
}

function retrainMark(request: RequestRow, x: (ms: number) => number, y: number): Markup {
  const at = x(request.requestedMs);
  const mark = html`<title>${minute(request.requestedMs)}: ${request.cause}</title><path class="retrain" d="M${at} ${y}l6 7l-6 7l-6 -7z"/>`;
  return request.incidentId === null
    ? html`<g>${mark}</g>`
    : html`<a href="/incidents/${request.incidentId}">${mark}</a>`;
}

function releaseMark(version: VersionRow, x: (ms: number) => number, y: number): Markup {
  const at = x(version.createdMs);
  const tone = version.status === 'accepted' ? 'release' : 'rejected';
  const title = `${minute(version.createdMs)}: ${version.version} ${version.status}; ${version.reasons.join('; ')}`;
  return html`<a href="/models#${version.version}"><title>${title}</title><circle class="${tone}" cx="${at}" cy="${y + 7}" r="5"/><text class="beside" x="${at + 8}" y="${y + 11}">${version.version}</text></a>`;
}

const TOP = 18;
const ROW = 17;
const GAP = 5;
/** Width of a character of the small font, about. */
const CHARACTER = 6.1;
