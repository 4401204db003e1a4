import { DAY } from '../format.ts';
import { html, link } from '../markup.ts';
import type {
  AccountingLine,
  DailyEstimate,
  DailyLoss,
  HeatCell,
  IncidentNow,
  Range,
  RequestRow,
  Stage,
  VersionRow,
} from '../reader.ts';
import { atAGlance, type Lag } from './at-a-glance.ts';
import { driftHeatmap, type HeatmapChoice } from './drift-heatmap.ts';
import { bySeverity, incidentTable } from './incident-table.ts';
import { layout } from './layout.ts';
import { performanceChart } from './performance-chart.ts';
import { timeline } from './timeline.ts';

export interface Overview {
  readonly models: readonly string[];
  readonly choice: HeatmapChoice;
  readonly range: Range;
  readonly stages: readonly Stage[];
  readonly accounting: readonly AccountingLine[];
  readonly lag: Lag | undefined;
  /** The newest first. */
  readonly incidents: readonly IncidentNow[];
  readonly requests: readonly RequestRow[];
  readonly versions: readonly VersionRow[];
  readonly cells: readonly HeatCell[];
  readonly segments: readonly string[];
  readonly days: readonly DailyLoss[];
  readonly estimates: readonly DailyEstimate[];
}

/** The first page: what is wrong now, then how it came about. */
export function overviewPage(of: Overview): string {
  const open = bySeverity(of.incidents.filter(({ status }) => status === 'open'));
  const over = of.incidents.filter(({ status }) => status !== 'open').slice(0, NEWEST);
  return layout({
    title: 'State',
    model: of.choice.model,
    models: of.models,
    here: '/',
    ...(of.stages.some(({ moving }) => moving) ? { refreshSeconds: REFRESH_SECONDS } : {}),
    content: html`
${atAGlance(of)}
<section><h2>Open incidents</h2>${incidentTable({ incidents: open, empty: 'No incident is open.' })}</section>
<section><h2>Timeline</h2>${timeline(of)}</section>
<section id="heatmap"><h2>Drift by feature and day</h2>${driftHeatmap(of)}</section>
<section><h2>Performance</h2>${performanceChart(of)}</section>
<section><h2>Newest incidents that are over</h2>${incidentTable({ incidents: over, empty: 'No incident has ended yet.' })}<p class="note"><a href="${link('/incidents', { model: of.choice.model })}">All incidents</a></p></section>`,
  });
}

/**
 * Event time that the first page shows: from the first thing known to the stream time, a year at most.
 * Before anything happened it is the last day of nothing in particular.
 */
export function rangeOf(stages: readonly Stage[], firsts: readonly number[]): Range {
  const untilMs = stages.length === 0 ? DAY : Math.max(...stages.map(({ streamTimeMs }) => streamTimeMs));
  const first = Math.min(untilMs - DAY, ...firsts);
  return { fromMs: Math.max(first, untilMs - LONGEST), untilMs };
}

const REFRESH_SECONDS = 5;
const NEWEST = 12;
const LONGEST = 366 * DAY;
