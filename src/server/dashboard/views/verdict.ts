import { day, effect, minute, pValue, segmentName, short, span, whole } from '../format.ts';
import { type Content, html, link, type Markup } from '../markup.ts';
import type { Histogram, OffsetRange, Revision, VerdictRow } from '../reader.ts';
import { verdictBadge } from './badges.ts';
import { histogramView } from './histogram.ts';
import { layout } from './layout.ts';
import { segmentParameter } from './segment-parameter.ts';
import { table } from './table.ts';

/** One answer with everything behind it. */
export function verdictPage(of: {
  models: readonly string[];
  verdict: VerdictRow;
  revisions: readonly Revision[];
  /** Rows of the window that no verdict rests on. */
  lateRows: number;
  histogram: Histogram | undefined;
}): string {
  const { verdict } = of;
  const detail = detailOf(verdict.detail);
  const { evidence, ...rest } = detail;
  const others = link('/verdicts', {
    model: verdict.model,
    kind: verdict.kind,
    feature: verdict.feature,
    segment: segmentParameter(verdict.segment),
  });
  return layout({
    title: `${verdict.verdict}: ${verdict.kind} of ${verdict.feature}`,
    model: verdict.model,
    models: of.models,
    content: html`<h1>${verdictBadge(verdict.verdict)} ${verdict.kind}: ${verdict.feature === '' ? 'records' : verdict.feature}, ${segmentName(verdict.segment)}</h1>
<p>${evidence ?? ''}</p>
<dl class="facts">
<dt>Window</dt><dd>${minute(verdict.windowStartMs)} to ${minute(verdict.windowEndMs)} (${span(verdict.windowEndMs - verdict.windowStartMs)}), <a href="${others}">other windows of it</a></dd>
<dt>Statistic</dt><dd>${verdict.statistic} ${verdict.value === null ? missing(detail) : short(verdict.value)}</dd>
<dt>p-value</dt><dd>${verdict.pValue === null ? 'none: this statistic does not have one' : `${pValue(verdict.pValue)}, counts below ${short(verdict.threshold)}`}</dd>
<dt>Effect</dt><dd>${verdict.effect === null ? 'was not computed' : `${effect(verdict.effect, verdict.effectUnit)}, counts above ${effect(verdict.effectFloor, verdict.effectUnit)}`}</dd>
${foundBy(verdict, detail)}<dt>Rows</dt><dd>n ${whole(verdict.n)} in the current window, m ${whole(verdict.m)} in the reference window${verdict.need > 0 ? `, needed ${whole(verdict.need)}` : ''}${of.lateRows > 0 ? `; ${whole(of.lateRows)} more are stored that no verdict rests on, later than allowed or waiting to be judged` : ''}</dd>
<dt>Compared with</dt><dd>${verdict.referenceId === '' ? 'no reference' : html`<code>${verdict.referenceId}</code>`}</dd>
<dt>Model version</dt><dd>${verdict.version === '' ? '–' : html`<a href="/models#${verdict.version}">${verdict.version}</a>`}</dd>
<dt>Offsets</dt><dd>${verdict.topic} ${offsets(verdict.ranges)}</dd>
<dt>Reported at</dt><dd>${minute(verdict.streamTimeMs)} of stream time</dd>
<dt>Settings and code</dt><dd>configuration <code>${verdict.configHash}</code>, driftwatch ${verdict.codeVersion}</dd>
<dt>Id</dt><dd><code>${verdict.id}</code>, revision ${verdict.revision}</dd>
</dl>
<section><h2>Reference window against current window</h2>${sides(of)}</section>
<section><h2>Evidence</h2>${evidenceTable(rest)}</section>
${of.revisions.length > 1 ? html`<section><h2>Revisions</h2>${revisionTable(of.revisions)}</section>` : undefined}`,
  });
}

/** Why a verdict has no statistic: its rows are too few for it, though other tests may have judged them. */
function missing(detail: Readonly<Record<string, unknown>>): string {
  const [need, have] = [detail['psi_needs'], detail['psi_has']];
  if (typeof need !== 'number' || typeof have !== 'number') return 'was not computed';
  return `insufficient: ${whole(have)} of ${whole(need)} rows`;
}

/** The offset ranges that the rows came from. */
export function offsets(ranges: readonly OffsetRange[]): Content {
  if (ranges.length === 0) return 'none recorded';
  return html`<code>${ranges.map(({ partition, first, end }) => `${partition}: [${first}, ${end})`).join('  ')}</code>`;
}

/** A drift may stand although this window's own p-value is unremarkable: then something else found it. */
function foundBy(verdict: VerdictRow, detail: Readonly<Record<string, unknown>>): Content {
  const [channel, over, limit] = [
    detail['channel'],
    detail['over_windows'],
    detail['over_windows_threshold'],
  ];
  if (verdict.verdict !== 'drift' || typeof channel !== 'string') return undefined;
  const evidence =
    typeof over === 'number' && typeof limit === 'number'
      ? ` (${short(over)}, counts above ${short(limit)})`
      : '';
  const how = new Map([
    ['window', 'this window alone, by its p-value'],
    ['windows', `evidence gathered over windows${evidence}`],
    ['lasting', 'an earlier window; it has not been calm for long enough since'],
  ]).get(channel);
  return html`<dt>Found by</dt><dd>${how ?? channel}</dd>`;
}

function sides(of: { verdict: VerdictRow; histogram: Histogram | undefined }): Markup {
  if (of.histogram !== undefined) return histogramView(of.histogram);
  const { kind } = of.verdict;
  const from = day(of.verdict.windowStartMs);
  const why =
    kind === 'concept-drift'
      ? html`This is about the loss, not about values: see <a href="${link('/', { model: of.verdict.model })}">the performance chart</a> around ${from}.`
      : kind === 'feature-skew'
        ? html`This compares single examples by id: the counts are in the evidence below.`
        : kind === 'schema-skew'
          ? html`This is about the contract: nothing is compared with a reference window.`
          : html`There is no reference to compare with.`;
  return html`<p class="empty">${why}</p>`;
}

function evidenceTable(detail: Readonly<Record<string, unknown>>): Markup {
  return table({
    columns: [{ name: 'What' }, { name: 'Value', prose: true }],
    rows: Object.entries(detail).map(([name, value]) => [words(name), text(value)]),
    empty: 'Nothing else was recorded.',
  });
}

function revisionTable(revisions: readonly Revision[]): Markup {
  return table({
    columns: [
      { name: 'Revision' },
      { name: 'Reported at' },
      { name: 'Verdict' },
      { name: 'Value', number: true },
      { name: 'n', number: true },
    ],
    rows: revisions.map((at) => [
      html`<a href="/verdicts/${at.id}">${at.revision}</a>`,
      minute(at.streamTimeMs),
      verdictBadge(at.verdict),
      at.value === null ? '–' : short(at.value),
      whole(at.n),
    ]),
    empty: '',
  });
}

function detailOf(json: string): Readonly<Record<string, unknown>> & { evidence?: string } {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null) return {};
    const detail = Object.fromEntries(Object.entries(value));
    const evidence: unknown = detail['evidence'];
    return { ...detail, ...(typeof evidence === 'string' ? { evidence } : {}) };
  } catch {
    return { detail: json };
  }
}

/** over_windows and trainingOnly as words. */
function words(name: string): string {
  return name.replaceAll('_', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return short(value);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value)
      .map(([name, part]) => `${words(name)} ${text(part)}`)
      .join(', ');
  }
  return value === null ? 'none' : JSON.stringify(value);
}
