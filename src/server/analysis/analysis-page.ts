import type { Analysis } from '../../core/analysis/analysis.ts';
import type { GroupFairness } from '../../core/analysis/fairness.ts';
import type { Interval } from '../../core/analysis/percentile-interval.ts';
import type { ClassConfusion } from '../../core/analysis/streamed-scores.ts';
import type { Share } from '../../core/analysis/wilson.ts';
import type { Confusion } from '../../core/performance/confusion.ts';
import { minute, pValue, whole } from '../dashboard/format.ts';
import { type Content, html, type Markup } from '../dashboard/markup.ts';
import { table } from '../dashboard/views/table.ts';
import { calibrationChart, dependenceChart, residualChart } from './analysis-charts.ts';
import { because, saidAndCame } from './because.ts';

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
${calibrationSection(analysis)}
<section><h2>Residuals by time</h2>
<p class="note">${RESIDUALS[analysis.task]}</p>
${residualChart(analysis.residuals)}</section>
${analysis.task === 'regression' ? undefined : analysis.fairness.map(({ field, groups }) => fairnessSection(field, groups))}
${worstSection(analysis)}
${analysis.leftOut.map((sentence) => html`<p class="note">${sentence}</p>`)}
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

/** Of classes a curve for each, as many as there is room for. */
function calibrationSection({ calibration, task }: Analysis): Markup | undefined {
  if (task === 'regression') return undefined;
  const curves = [...Map.groupBy(calibration, ({ of }) => of ?? '')];
  const shown = curves.slice(0, MOST_CURVES);
  const rest =
    curves.length > shown.length
      ? ` ${shown.length} of ${curves.length} classes; --json and --write have all of them.`
      : '';
  return html`<section><h2>Calibration</h2>
<p class="note">What was said (across) and what happened (up, with its interval). On the line the two agree.${rest}</p>
<div class="plots">${shown.map(([of, curve]) =>
    of === ''
      ? calibrationChart(curve)
      : html`<figure><figcaption>${of} against the rest</figcaption>${calibrationChart(curve)}</figure>`,
  )}</div></section>`;
}

function metricsSection({ metrics, confusion, classes }: Analysis): Markup {
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
${confusion === undefined ? undefined : confusionTable(confusion)}${classes === undefined ? undefined : classTable(classes)}</section>`;
}

function confusionTable(confusion: Confusion): Markup {
  return table({
    caption: 'Answers at a probability of one half',
    columns: [{ name: '' }, { name: 'it happened', number: true }, { name: 'it did not', number: true }],
    rows: [
      ['said yes', whole(confusion.truePositive), whole(confusion.falsePositive)],
      ['said no', whole(confusion.falseNegative), whole(confusion.trueNegative)],
    ],
    empty: '',
  });
}

function classTable({ classes, counts }: ClassConfusion): Markup {
  if (classes.length > MOST_COLUMNS)
    return html`<p class="note">The ${classes.length} classes are too many for a table of confusion: --json and --write have it.</p>`;
  return table({
    caption: 'Answers, the likeliest class of each row',
    columns: [{ name: '' }, ...classes.map((name) => ({ name: `${name} came`, number: true }))],
    rows: counts.map((line, said) => [`said ${classes[said]}`, ...line.map((count) => whole(count))]),
    empty: '',
  });
}

function slicesSection({ slices, loss }: Analysis): Markup {
  return html`<section><h2>Weakest slices</h2>
<p class="note">Of ${whole(slices.tested)} slices looked at, those where the model is worse than on all other rows beyond chance. The p-value is corrected for all of them.</p>
${table({
  columns: [
    { name: 'Slice', prose: true },
    { name: 'n', number: true },
    { name: LOSSES[loss], number: true },
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

function importanceSection({ importance, loss }: Analysis): Markup {
  const most = Math.max(1e-9, ...importance.map(({ increase }) => increase));
  return html`<section><h2>Importance</h2>
<p class="note">How much ${loss === 'log-loss' ? loss : 'the mean squared error'} rises when the feature is shuffled among the rows.</p>
${table({
  columns: [
    { name: 'Feature' },
    { name: loss === 'log-loss' ? 'Rise, nats' : 'Rise', number: true },
    { name: '' },
  ],
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
    group.of === undefined ? group.group : `${group.group}, ${group.of}`,
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

function worstSection({ worst, loss }: Analysis): Markup {
  return html`<section><h2>Rows answered worst</h2>
<p class="note">What each value added to the prediction, against what is usual (Shapley values by sampling).</p>
${table({
  columns: [
    { name: 'Example' },
    { name: 'Event time' },
    { name: 'Said', number: true },
    { name: 'Happened', number: true },
    { name: LOSSES[loss], number: true },
    { name: 'Because', prose: true },
  ],
  rows: worst.map((row) => [
    html`<code>${row.id}</code>`,
    minute(row.eventTimeMs),
    ...saidAndCame(row),
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

const LOSSES: Readonly<Record<Analysis['loss'], string>> = {
  'log-loss': 'Log-loss',
  'squared error': 'Squared error',
};
const RESIDUALS: Readonly<Record<Analysis['task'], string>> = {
  classification: 'Label minus prediction, day by day: above 0 the model said too little.',
  multiclass:
    'Whether the class that was said came, minus its probability, day by day: above 0 the model was too modest, below 0 too sure.',
  regression: 'Label minus prediction, day by day: above 0 the model said too little.',
};
/** Classes that have room on the page. */
const MOST_CURVES = 12;
const MOST_COLUMNS = 20;
const PLOTS = `
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 12px 20px; }
.plots svg, svg.bar { min-width: 0; } svg.bar { width: 200px; }
.plots figure { margin: 0; } figcaption { font-weight: 600; }
polyline.thin { stroke: var(--grey); stroke-width: .7; stroke-opacity: .7; }
polyline.bold { stroke: var(--s0); stroke-width: 2; stroke-opacity: 1; }
line.spread { stroke: var(--s0); stroke-width: 1.5; } circle.point { fill: var(--s0); }
line.agree { stroke: var(--quiet); stroke-dasharray: 4 4; }
`;
