import type { Analysis, WorstRow } from '../../core/analysis/analysis.ts';
import type { GroupFairness } from '../../core/analysis/fairness.ts';
import type { Interval } from '../../core/analysis/percentile-interval.ts';
import type { Share } from '../../core/analysis/wilson.ts';
import { minute, pValue, whole } from '../dashboard/format.ts';
import { type Content, html, type Markup } from '../dashboard/markup.ts';
import { table } from '../dashboard/views/table.ts';
import { calibrationChart, dependenceChart, residualChart } from './analysis-charts.ts';
import { because } from './because.ts';

/** An analysis as one HTML file that needs nothing else: no script, no picture, no network. */
export function analysisPage(args: {
  title: string;
  source: string;
  style: string;
  analysis: Analysis;
}): string {
  const { analysis, title } = args;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · driftwatch</title>
<style>${{ markup: args.style }}${{ markup: PLOTS }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>On ${whole(analysis.rows)} ${args.source} of ${whole(analysis.days)} days, event time ${minute(analysis.fromMs)} to ${minute(analysis.untilMs)}. Intervals are of 95%.${sampled(analysis)}</p>
${metricsSection(analysis)}
${slicesSection(analysis)}
${importanceSection(analysis)}
<section><h2>How the prediction follows the most important features</h2>
<p class="note">Bold: mean prediction with every row set to the value. Thin: single rows; where they cross, the effect depends on another feature. Values that never occur together are mixed.</p>
<div class="plots">${analysis.dependence.map(dependenceChart)}</div></section>
<section><h2>Calibration</h2>
<p class="note">What was said (across) and what happened (up, with its interval). On the line the two agree.</p>
<div class="plots">${calibrationChart(analysis.calibration)}</div></section>
<section><h2>Residuals by time</h2>
<p class="note">Label minus prediction, day by day: above 0 the model said too little.</p>
${residualChart(analysis.residuals)}</section>
${analysis.fairness.map(({ field, groups }) => fairnessSection(field, groups))}
${worstSection(analysis.worst)}
</main>
</body>
</html>
`;
  return page.markup;
}

/** Which numbers are not of all rows. */
function sampled({ rows, examined }: Analysis): string {
  if (examined === rows) return '';
  return ` Slices, importance, dependence, fairness and worst rows are of ${whole(examined)} of them, chosen by their ids.`;
}

function metricsSection({ metrics, confusion }: Analysis): Markup {
  return html`<section><h2>Metrics</h2>${table({
    columns: [
      { name: 'Metric' },
      { name: 'Value', number: true },
      { name: 'Interval' },
      { name: 'n', number: true },
    ],
    rows: Object.entries(metrics).map(([name, metric]) => [name, ...intervalCells(metric)]),
    empty: 'There is nothing to measure.',
  })}
${table({
  caption: 'Answers at a probability of one half',
  columns: [{ name: '' }, { name: 'it happened', number: true }, { name: 'it did not', number: true }],
  rows: [
    ['said yes', whole(confusion.truePositive), whole(confusion.falsePositive)],
    ['said no', whole(confusion.falseNegative), whole(confusion.trueNegative)],
  ],
  empty: '',
})}</section>`;
}

function slicesSection({ slices }: Analysis): Markup {
  return html`<section><h2>Weakest slices</h2>
<p class="note">Of ${whole(slices.tested)} slices looked at, those where the model is worse than on all other rows beyond chance. The p-value is corrected for all of them.</p>
${table({
  columns: [
    { name: 'Slice', prose: true },
    { name: 'n', number: true },
    { name: 'Log-loss', number: true },
    { name: 'Excess', number: true },
    { name: 'At least', number: true },
    { name: 'p', number: true },
  ],
  rows: slices.slices.map((slice) => [
    slice.conditions.join(' and '),
    whole(slice.n),
    slice.loss.toFixed(4),
    `+${slice.excess.toFixed(3)}`,
    slice.atLeast.toFixed(3),
    pValue(slice.pValue),
  ]),
  empty: 'None is worse beyond chance.',
})}</section>`;
}

function importanceSection({ importance }: Analysis): Markup {
  const most = Math.max(1e-9, ...importance.map(({ increase }) => increase));
  return html`<section><h2>Importance</h2>
<p class="note">How much log-loss rises when the feature is shuffled among the rows.</p>
${table({
  columns: [{ name: 'Feature' }, { name: 'Rise, nats', number: true }, { name: '' }],
  rows: importance.map(({ feature, increase, standardError }) => [
    feature,
    `${increase.toFixed(4)} ± ${(1.96 * standardError).toFixed(4)}`,
    html`<svg class="bar" viewBox="0 0 200 10"><rect class="current" width="${Math.max(0, Math.round((200 * increase) / most))}" height="10"/></svg>`,
  ]),
  empty: 'The model has no features.',
})}</section>`;
}

function fairnessSection(field: string, groups: readonly GroupFairness[]): Markup {
  return html`<section><h2>Groups of ${field}</h2>
<p class="note">Each group against all other rows. The intervals hold for all groups and criteria together; a star marks those that leave 0 out.</p>
${table({
  columns: [
    { name: 'Group' },
    { name: 'n', number: true },
    { name: 'Demographic parity' },
    { name: 'Equal opportunity' },
    { name: 'False alarms' },
    { name: 'Equalised odds', number: true },
    { name: 'Calibration' },
  ],
  rows: groups.map((group) => [
    group.group,
    whole(group.n),
    gap(group.selectedGap),
    gap(group.foundGap),
    gap(group.falseAlarmsGap),
    group.oddsGap === undefined ? '–' : group.oddsGap.toFixed(3),
    gap(group.calibrationGap),
  ]),
  empty: 'No group has enough rows.',
})}</section>`;
}

function worstSection(worst: readonly WorstRow[]): Markup {
  return html`<section><h2>Rows answered worst</h2>
<p class="note">What each value added to the prediction, against what is usual (Shapley values by sampling).</p>
${table({
  columns: [
    { name: 'Example' },
    { name: 'Event time' },
    { name: 'Said', number: true },
    { name: 'Happened', number: true },
    { name: 'Log-loss', number: true },
    { name: 'Because', prose: true },
  ],
  rows: worst.map((row) => [
    html`<code>${row.id}</code>`,
    minute(row.eventTimeMs),
    row.prediction.toFixed(3),
    row.label,
    row.loss.toFixed(3),
    because(row),
  ]),
  empty: 'There is no row.',
})}</section>`;
}

function intervalCells(metric: Interval): Content[] {
  if (metric.status === 'insufficient') return ['–', `insufficient: ${metric.have} of ${metric.need}`, '–'];
  return [metric.value.toFixed(4), `${metric.low.toFixed(4)} to ${metric.high.toFixed(4)}`, whole(metric.n)];
}

function gap(share: Share): string {
  if (share.status === 'insufficient') return '–';
  const star = share.low > 0 || share.high < 0 ? ' *' : '';
  return `${share.value >= 0 ? '+' : ''}${share.value.toFixed(3)} [${share.low.toFixed(3)}, ${share.high.toFixed(3)}]${star}`;
}

const PLOTS = `
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 12px 20px; }
.plots svg, svg.bar { min-width: 0; } svg.bar { width: 200px; }
.plots figure { margin: 0; } figcaption { font-weight: 600; }
polyline.thin { stroke: var(--grey); stroke-width: .7; stroke-opacity: .7; }
polyline.bold { stroke: var(--s0); stroke-width: 2; stroke-opacity: 1; }
line.spread { stroke: var(--s0); stroke-width: 1.5; } circle.point { fill: var(--s0); }
line.agree { stroke: var(--quiet); stroke-dasharray: 4 4; }
`;
