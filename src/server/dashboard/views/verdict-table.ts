import { DRIFT_KINDS } from '../../../core/incidents/finding.ts';
import { day, effect, minute, pValue, segmentName, short, span, whole } from '../format.ts';
import { type Content, html, link, type Markup } from '../markup.ts';
import { VERDICT_STATES, type VerdictFilter, type VerdictLine } from '../reader.ts';
import { verdictBadge } from './badges.ts';
import { layout } from './layout.ts';
import { segmentParameter } from './segment-parameter.ts';
import { table } from './table.ts';

/** A page of answers with the questions that can be put to it. */
export function verdictsPage(of: {
  models: readonly string[];
  filter: VerdictFilter;
  page: number;
  /** One more than fits tells that there is a next page. */
  lines: readonly VerdictLine[];
  features: readonly string[];
  segments: readonly string[];
}): string {
  const { filter } = of;
  const shown = of.lines.slice(0, filter.limit);
  return layout({
    title: 'Verdicts',
    model: filter.model,
    models: of.models,
    here: '/verdicts',
    content: html`<h1>Verdicts</h1>
${form(of)}
${verdictTable(shown)}
${pages(of)}
<p class="note">The newest revision of every answer, as <code>drift_history</code> shows it. n rows in the current window, m in the reference window.</p>`,
  });
}

function verdictTable(lines: readonly VerdictLine[]): Markup {
  return table({
    columns: [
      { name: 'Window' },
      { name: 'Verdict' },
      { name: 'Kind' },
      { name: 'Feature' },
      { name: 'Segment' },
      { name: 'Statistic' },
      { name: 'Value', number: true },
      { name: 'p-value', number: true },
      { name: 'Effect', number: true },
      { name: 'n', number: true },
      { name: 'm', number: true },
      { name: 'Evidence', prose: true },
    ],
    rows: lines.map((line) => [
      html`<a href="/verdicts/${line.id}">${minute(line.windowStartMs)}</a> ${span(line.windowEndMs - line.windowStartMs)}${line.revision === 0 ? '' : `, revision ${line.revision}`}`,
      verdictBadge(line.verdict),
      line.kind,
      line.feature === '' ? 'records' : line.feature,
      segmentName(line.segment),
      line.statistic,
      line.value === null ? '–' : short(line.value),
      pValue(line.pValue),
      effect(line.effect, line.effectUnit),
      whole(line.n),
      line.m === 0 ? '–' : whole(line.m),
      line.verdict === 'insufficient' && line.need > 0
        ? `${line.evidence} (needed: ${whole(line.need)})`
        : line.evidence,
    ]),
    empty: 'No verdict fits these conditions.',
  });
}

function form(of: {
  models: readonly string[];
  filter: VerdictFilter;
  features: readonly string[];
  segments: readonly string[];
}): Markup {
  const { filter } = of;
  const model =
    of.models.length > 1 ? html`<input type="hidden" name="model" value="${filter.model}">` : undefined;
  return html`<form method="get" action="/verdicts">${model}
${choice('kind', DRIFT_KINDS, filter.kind)}
${choice('feature', of.features, filter.feature)}
${segmentChoice(of.segments, filter.segment)}
${choice('verdict', VERDICT_STATES, filter.verdict)}
<label>from ${dateInput('from', filter.fromMs <= 0 ? '' : day(filter.fromMs))}</label>
<label>to ${dateInput('to', filter.untilMs >= FAR ? '' : day(filter.untilMs))}</label>
<button>Show</button></form>`;
}

function choice(name: string, values: readonly string[], chosen: string | undefined): Markup {
  // A value that no answer has yet can still be asked for.
  const known = chosen === undefined || values.includes(chosen) ? values : [...values, chosen];
  return html`<label>${name} <select name="${name}"><option value="">any</option>${known.map((value) => option(value, value, value === chosen))}</select></label>`;
}

/** Text, not a date field: browsers write those in the reader's local order. */
function dateInput(name: string, value: string): Markup {
  return html`<input name="${name}" value="${value}" size="10" placeholder="yyyy-mm-dd" pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}">`;
}

function segmentChoice(segments: readonly string[], chosen: string | undefined): Markup {
  const known = new Set(['', ...segments, ...(chosen === undefined ? [] : [chosen])]);
  const options = [...known].map((segment) =>
    option(segmentParameter(segment), segmentName(segment), segment === chosen),
  );
  return html`<label>segment <select name="segment"><option value="">any</option>${options}</select></label>`;
}

function option(value: string, text: string, chosen: boolean): Markup {
  return html`<option value="${value}"${chosen ? html` selected` : undefined}>${text}</option>`;
}

function pages(of: { filter: VerdictFilter; page: number; lines: readonly VerdictLine[] }): Content {
  const { filter, page } = of;
  const to = (other: number, text: string) =>
    html`<a href="${link('/verdicts', {
      model: filter.model,
      kind: filter.kind,
      feature: filter.feature,
      segment: filter.segment === undefined ? undefined : segmentParameter(filter.segment),
      verdict: filter.verdict,
      from: filter.fromMs <= 0 ? undefined : day(filter.fromMs),
      to: filter.untilMs >= FAR ? undefined : day(filter.untilMs),
      page: String(other),
    })}">${text}</a>`;
  return html`<nav class="pages">${page > 1 ? to(page - 1, 'newer') : undefined} page ${page} ${of.lines.length > filter.limit ? to(page + 1, 'older') : undefined}</nav>`;
}

/** Year 2100: the end of the event times that are kept apart. */
export const FAR = Date.UTC(2100, 0, 1);
