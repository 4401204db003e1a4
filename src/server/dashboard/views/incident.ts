import { cut, DAY, day, effect, loss, minute, segmentName, short, span, whole } from '../format.ts';
import { html, link, type Markup } from '../markup.ts';
import type { FindingRow, RequestRow, Transition, VersionRow } from '../reader.ts';
import { incidentBadge } from './badges.ts';
import { layout } from './layout.ts';
import { segmentParameter } from './segment-parameter.ts';
import { table } from './table.ts';

/** One incident: as it is, how it came to be known, what it is made of, what it asked for and what came back. */
export function incidentPage(of: {
  models: readonly string[];
  transitions: readonly Transition[];
  now: Transition;
  findings: readonly FindingRow[];
  requests: readonly RequestRow[];
  versions: readonly VersionRow[];
}): string {
  const { now } = of;
  const first = of.transitions.at(0) ?? now;
  return layout({
    title: `${now.kind} in ${now.features[0] ?? 'records'}`,
    model: now.model,
    models: of.models,
    content: html`
<h1>${incidentBadge(now)} ${now.kind}: ${now.features.map(fieldName).join(', ')}</h1>
<p>${now.summary}</p>
<dl class="facts">
<dt>Began</dt><dd>${minute(now.beganMs)}</dd>
<dt>Reported</dt><dd>${minute(first.reportedMs)}, ${span(Math.max(0, first.reportedMs - now.beganMs))} of event time later</dd>
<dt>Status</dt><dd>${now.status}${now.status === 'open' ? '' : ` at ${minute(now.reportedMs)}`}</dd>
${now.reason === '' ? undefined : html`<dt>Corrected</dt><dd>${now.reason}</dd>`}
<dt>Moved first</dt><dd>${fieldName(now.firstMover.feature)}, ${segmentName(now.firstMover.segment)} (${now.firstMover.kind})</dd>
<dt>Where</dt><dd>${carrierOf(now)}; found in ${now.segments.map(segmentName).join(', ')}</dd>
<dt>Change before it</dt><dd>${changeOf(now)}</dd>
<dt>Cost so far</dt><dd>${costOf(now)}</dd>
<dt>Cause</dt><dd>${now.cause}</dd>
<dt>Retrain</dt><dd>${now.retrain}</dd>
<dt>Id</dt><dd><code>${now.id}</code></dd>
</dl>
<section><h2>As it became known</h2>${transitionTable(of.transitions)}</section>
<section><h2>Findings</h2>${findingTable(now, of.findings)}</section>
<section><h2>What it asked for</h2>${requestTable(of)}</section>`,
  });
}

/** The smallest segment that carries what happened. */
function carrierOf({ carrier }: Transition): string {
  if (carrier.segment === '') return 'spread over all segments';
  const share = carrier.share === null ? '' : `${Math.round(100 * carrier.share)}% of the change in `;
  return `${share}${carrier.segment} (n ${whole(carrier.rows)})`;
}

function changeOf({ change, beganMs }: Transition): string {
  if (change === null) return 'no new writer schema, producer or model version before it';
  const before = change.atMs <= beganMs ? `, ${span(beganMs - change.atMs)} before` : ', in its first window';
  return `${change.said} at ${minute(change.atMs)}${before}`;
}

/** Above what the serving versions had on their validation rows. */
function costOf({ cost }: Transition): string {
  if (cost.nats === null) return 'insufficient: no such rows';
  const how =
    cost.basis === 'realised' ? 'by their labels' : 'estimated from what the predictions themselves imply';
  return `${cost.nats < 0 ? '' : '+'}${short(cost.nats)} nats of log-loss over ${whole(cost.rows)} rows (${short(cost.nats / Math.max(1, cost.rows))} each), ${how}`;
}

function transitionTable(transitions: readonly Transition[]): Markup {
  return table({
    columns: [
      { name: 'Reported' },
      { name: 'Transition' },
      { name: 'Severity' },
      { name: 'Features', prose: true },
      { name: 'What was known', prose: true },
      { name: 'Retrain', prose: true },
    ],
    rows: transitions.map((at) => [
      minute(at.reportedMs),
      at.transition,
      at.severity,
      at.features.map(fieldName).join(', '),
      at.summary,
      at.retrain,
    ]),
    empty: 'Nothing is known of it.',
  });
}

function findingTable(incident: Transition, findings: readonly FindingRow[]): Markup {
  return table({
    columns: [
      { name: 'Kind' },
      { name: 'Feature' },
      { name: 'Segment' },
      { name: 'Status' },
      { name: 'Began' },
      { name: 'Reported' },
      { name: 'Windows', number: true },
      { name: 'Largest effect', number: true },
      { name: 'Evidence', prose: true },
      { name: 'Behind it' },
    ],
    rows: findings.map((finding) => [
      finding.kind === 'schema-skew' ? `${finding.kind} ${finding.class}` : finding.kind,
      fieldName(finding.feature),
      segmentName(finding.segment),
      finding.status,
      minute(finding.beganMs),
      minute(finding.reportedMs),
      finding.windows,
      effect(finding.effect, finding.effectUnit),
      finding.evidence,
      html`<a href="${windowsOf(incident, finding)}">verdicts</a>`,
    ]),
    empty: 'Its findings are not in the table yet.',
  });
}

/** The verdicts from shortly before it began to shortly after it was last seen. */
function windowsOf(incident: Transition, finding: FindingRow): string {
  return link('/verdicts', {
    model: incident.model,
    kind: finding.kind,
    feature: finding.feature,
    segment: segmentParameter(finding.segment),
    from: day(finding.beganMs - 2 * DAY),
    to: day(finding.lastSeenMs + 2 * DAY),
  });
}

function requestTable(of: { requests: readonly RequestRow[]; versions: readonly VersionRow[] }): Markup {
  return table({
    columns: [
      { name: 'Requested' },
      { name: 'Examples wanted' },
      { name: 'Cause', prose: true },
      { name: 'Answer', prose: true },
    ],
    rows: of.requests.map((request) => [
      minute(request.requestedMs),
      `${minute(request.trainFromMs)} to ${minute(request.trainUntilMs)}`,
      cut(request.cause, 200),
      answerTo(request, of.versions),
    ]),
    empty: 'It did not ask for a new model.',
  });
}

function answerTo(request: RequestRow, versions: readonly VersionRow[]): Markup {
  const version = versions.find(({ requestId }) => requestId === request.id);
  if (version === undefined) return html`not answered yet`;
  return html`<a href="/models#${version.version}">${version.version}</a> ${version.status} ${minute(version.createdMs)}, log-loss ${loss(version.logLossBefore)} → ${loss(version.logLossAfter)} on ${whole(version.validationRows)} rows`;
}

function fieldName(feature: string): string {
  return feature === '' ? 'records' : feature;
}
