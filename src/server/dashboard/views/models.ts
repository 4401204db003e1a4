import { loss, minute, whole } from '../format.ts';
import { type Content, html, type Markup } from '../markup.ts';
import type { RequestRow, VersionReceipt, VersionRow } from '../reader.ts';
import { championOf } from './champion.ts';
import { layout } from './layout.ts';
import { table } from './table.ts';
import { offsets } from './verdict.ts';

/** Every trained version with its lineage: incident, request, snapshot, decision. */
export function modelsPage(of: {
  models: readonly string[];
  model: string;
  versions: readonly VersionRow[];
  requests: readonly RequestRow[];
}): string {
  const champion = championOf(of.versions);
  const newestFirst = of.versions.toReversed();
  return layout({
    title: 'Models',
    model: of.model,
    models: of.models,
    here: '/models',
    content: html`<h1>Versions of ${of.model}</h1>
${table({
  columns: [
    { name: 'Version' },
    { name: 'Status' },
    { name: 'Decided' },
    { name: 'Compared with' },
    { name: 'Log-loss before', number: true },
    { name: 'after', number: true },
    { name: 'Change', number: true },
    { name: 'on rows', number: true },
    { name: 'Gain measured since', number: true },
    { name: 'Receipt' },
    { name: 'Trained on rows', number: true },
    { name: 'Examples from' },
    { name: 'to' },
  ],
  rows: newestFirst.map((row) => [
    html`<a href="#${row.version}">${row.version}</a>`,
    statusOf(row, champion),
    minute(row.createdMs),
    row.parent === '' ? '–' : row.parent,
    loss(row.logLossBefore),
    loss(row.logLossAfter),
    change(row),
    whole(row.validationRows),
    gain(row.receipt),
    row.receipt?.verdict ?? '–',
    whole(row.snapshotRows),
    minute(row.windowStartMs),
    minute(row.windowEndMs),
  ]),
  empty: `No version of ${of.model} has been trained yet.`,
})}
${newestFirst.map((row) => versionSection(row, of.requests, champion))}
${unanswered(of)}`,
  });
}

function versionSection(
  row: VersionRow,
  requests: readonly RequestRow[],
  champion: VersionRow | undefined,
): Markup {
  const request = requests.find(({ id }) => id === row.requestId);
  return html`<section id="${row.version}"><h2>${row.version} ${statusOf(row, champion)}</h2>
<dl class="facts">
<dt>Why</dt><dd>${row.reasons.join('; ')}</dd>
<dt>Incident</dt><dd>${incidentOf(request)}</dd>
<dt>Request</dt><dd>${request === undefined ? html`<code>${row.requestId}</code>` : html`${minute(request.requestedMs)}: ${request.cause}`}</dd>
<dt>Snapshot</dt><dd>${whole(row.snapshotRows)} labelled rows of ${row.topic}, event time ${minute(row.windowStartMs)} to ${minute(row.windowEndMs)}, offsets ${offsets(row.ranges)}</dd>
<dt>Expected log-loss</dt><dd>${loss(row.baselineLogLoss)} (sd per row ${loss(row.baselineLogLossSd)}) on ${whole(row.validationRows)} rows</dd>
<dt>Receipt</dt><dd>${receiptOf(row)}</dd>
<dt>Files</dt><dd><code>${row.uri}</code>, model.onnx sha256 <code>${row.sha256}</code>, snapshot sha256 <code>${row.snapshotSha256}</code></dd>
</dl>
<details><summary>Settings and metrics</summary><pre>${pretty(row.config)}</pre><pre>${pretty(row.metrics)}</pre></details></section>`;
}

function unanswered(of: { versions: readonly VersionRow[]; requests: readonly RequestRow[] }): Content {
  const answered = new Set(of.versions.map(({ requestId }) => requestId));
  const open = of.requests.filter(({ id }) => !answered.has(id));
  if (open.length === 0) return undefined;
  return html`<section><h2>Requests without an answer yet</h2>${table({
    columns: [{ name: 'Requested' }, { name: 'Cause', prose: true }],
    rows: open.map((request) => [minute(request.requestedMs), request.cause]),
    empty: '',
  })}</section>`;
}

function incidentOf(request: RequestRow | undefined): Content {
  if (request === undefined) return 'none: asked for from outside';
  if (request.incidentId === null) return 'none: the retrain rule asked';
  return html`<a href="/incidents/${request.incidentId}">${request.incidentId}</a>`;
}

function statusOf(row: VersionRow, champion: VersionRow | undefined): Markup {
  if (row.version === champion?.version) {
    const part = row.aliases.length > 0 && row.share < 1 ? `, answers ${percent(row.share)}` : '';
    return html`<span class="badge ok">champion${part}</span>`;
  }
  if (row.aliases.includes('challenger')) {
    return html`<span class="badge warning">challenger, answers ${percent(row.share)}</span>`;
  }
  if (row.aliases.includes('shadow')) return html`<span class="badge warning">shadow</span>`;
  if (row.rolledBack) return html`<span class="badge rejected">rolled back</span>`;
  if (row.status === 'accepted') {
    const waits = champion !== undefined && row.createdMs > champion.createdMs;
    return html`<span class="badge over">accepted, ${waits ? 'waits' : 'replaced'}</span>`;
  }
  return html`<span class="badge rejected">${row.status}</span>`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

/** What it gained against its parent on the same rows after the release, with the 95% interval. */
function gain(receipt: VersionReceipt | null): string {
  if (receipt === null || receipt.measured === null || receipt.low === null || receipt.high === null)
    return '–';
  return `${signed(receipt.measured)} [${signed(receipt.low)}, ${signed(receipt.high)}]`;
}

function receiptOf({ receipt, parent }: VersionRow): string {
  if (receipt !== null) return `${receipt.verdict}: ${receipt.reason}`;
  return parent === '' ? 'it replaced no version' : 'not yet: the labels of its first weeks are awaited';
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}

function change(row: VersionRow): string {
  if (row.logLossBefore === null || row.logLossAfter === null) return '–';
  const difference = row.logLossAfter - row.logLossBefore;
  return `${difference > 0 ? '+' : ''}${difference.toFixed(4)}`;
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 1);
  } catch {
    return json;
  }
}
