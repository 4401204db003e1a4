import type { CurvePoint } from '../../core/analysis/calibration-curve.ts';
import type { PartialDependence } from '../../core/analysis/partial-dependence.ts';
import type { Residual } from '../../core/analysis/residuals-by-time.ts';
import { cut, DAY, day, short, whole } from '../dashboard/format.ts';
import { html, type Markup } from '../dashboard/markup.ts';
import { LEFT, RIGHT, round, timeAxis, timeScale, WIDTH } from '../dashboard/views/time-scale.ts';

/** Prediction along one feature: the mean over all rows in bold, single rows thin. */
export function dependenceChart(of: PartialDependence): Markup {
  const numbers = of.points.map(({ value }) => (typeof value === 'number' ? value : Number.NaN));
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const x = (at: number): number => {
    const value = numbers[at] ?? 0;
    const share =
      of.kind === 'numeric' ? (value - least) / Math.max(1e-12, most - least) : (at + 0.5) / of.points.length;
    return round(MARGIN + share * (SIDE - 2 * MARGIN));
  };
  const all = [...of.points.map(({ mean }) => mean), ...of.curves.flat()];
  const [bottom, top] = rangeOf(all);
  const y = (value: number) =>
    round(BOTTOM - ((Math.min(value, top) - bottom) / (top - bottom)) * (BOTTOM - TOP));
  const line = (values: readonly number[]) => values.map((value, at) => `${x(at)},${y(value)}`).join(' ');
  const labels =
    of.kind === 'numeric'
      ? [0, of.points.length - 1].map((at) => tick(x(at), short(numbers[at] ?? 0), at > 0))
      : of.points.map(({ value }, at) => tick(x(at), cut(`${value}`, 6), false));
  const points = of.points.map(
    ({ value, mean, share }, at) =>
      html`<circle class="point" cx="${x(at)}" cy="${y(mean)}" r="2.5"><title>${`${value}`}: ${mean.toFixed(3)}, ${(100 * share).toFixed(0)}% of rows</title></circle>`,
  );
  const bold =
    of.kind === 'numeric'
      ? html`<polyline class="bold" points="${line(of.points.map(({ mean }) => mean))}"/>`
      : undefined;
  const thin = of.curves.map((curve) => html`<polyline class="thin" points="${line(curve)}"/>`);
  return html`<figure><figcaption>${of.feature}${of.of === undefined ? '' : `: probability of ${of.of}`} (n ${whole(of.n)})</figcaption><svg viewBox="0 0 ${SIDE} ${BOTTOM + 16}" role="img" aria-label="Prediction along ${of.feature}">${scale([bottom, top], y)}${thin}${bold}${points}${labels}</svg></figure>`;
}

/** From 0 to just above the largest of probabilities; of other numbers what they span. */
function rangeOf(values: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least >= 0 && most <= 1) return [0, Math.max(1e-12, Math.min(1, most * 1.05))];
  const margin = Math.max(1e-12, (most - least) * 0.05);
  return [least - margin, most + margin];
}

/** What was said against what happened, with the line on which the two agree. */
export function calibrationChart(curve: readonly CurvePoint[]): Markup {
  const at = (value: number) => round(MARGIN + value * (SIDE - 2 * MARGIN));
  const y = (value: number) => round(BOTTOM - value * (BOTTOM - TOP));
  const points = curve.flatMap(({ predicted, observed }) =>
    observed.status === 'insufficient'
      ? []
      : html`<line class="spread" x1="${at(predicted)}" x2="${at(predicted)}" y1="${y(observed.low)}" y2="${y(observed.high)}"/><circle class="point" cx="${at(predicted)}" cy="${y(observed.value)}" r="3"><title>said ${predicted.toFixed(3)}, happened ${observed.value.toFixed(3)} of ${whole(observed.n)}</title></circle>`,
  );
  return html`<svg viewBox="0 0 ${SIDE} ${BOTTOM + 16}" role="img" aria-label="Calibration curve">${scale([0, 1], y)}<line class="agree" x1="${at(0)}" y1="${y(0)}" x2="${at(1)}" y2="${y(1)}"/>${points}${tick(at(0), '0', false)}${tick(at(1), '1', true)}</svg>`;
}

/** Mean residual per day with its interval. */
export function residualChart(residuals: readonly Residual[]): Markup {
  const [first, last] = [residuals.at(0), residuals.at(-1)];
  if (first === undefined || last === undefined) return html`<p class="empty">There is no labelled row.</p>`;
  const range = { fromMs: first.startMs, untilMs: last.startMs + DAY };
  const x = timeScale(range, LEFT, RIGHT);
  const most = Math.max(
    0.05,
    ...residuals.map(({ mean, standardError }) => Math.abs(mean) + 2 * standardError),
  );
  const y = (value: number) => round((TOP + BOTTOM) / 2 - (value / most) * ((BOTTOM - TOP) / 2));
  const points = residuals.map(
    ({ startMs, mean, standardError, n }) =>
      html`<line class="spread" x1="${x(startMs)}" x2="${x(startMs)}" y1="${y(mean - 1.96 * standardError)}" y2="${y(mean + 1.96 * standardError)}"/><circle class="point" cx="${x(startMs)}" cy="${y(mean)}" r="2.5"><title>${day(startMs)}: ${mean.toFixed(3)} on ${whole(n)} rows</title></circle>`,
  );
  return html`<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${BOTTOM + 6}" role="img" aria-label="Residuals by day">${timeAxis({ range, x, top: TOP, bottom: BOTTOM })}<line class="agree" x1="${LEFT}" x2="${RIGHT}" y1="${y(0)}" y2="${y(0)}"/><text class="tick end" x="${LEFT - 8}" y="${TOP + 4}">+${most.toFixed(2)}</text><text class="tick end" x="${LEFT - 8}" y="${BOTTOM}">−${most.toFixed(2)}</text>${points}</svg></div>`;
}

function scale([bottom, top]: readonly [number, number], y: (value: number) => number): Markup {
  const marks = [bottom, (bottom + top) / 2, top].map(
    (value) =>
      html`<line class="grid" x1="${MARGIN}" x2="${SIDE - MARGIN}" y1="${y(value)}" y2="${y(value)}"/><text class="tick end" x="${MARGIN - 4}" y="${y(value) + 4}">${mark(value)}</text>`,
  );
  return html`${marks}`;
}

/** A mark of the scale, short enough for the margin. */
function mark(value: number): string {
  return Math.abs(value) <= 1 ? value.toFixed(2) : `${Number(value.toPrecision(3))}`;
}

function tick(x: number, text: string, end: boolean): Markup {
  return html`<text class="tick${end ? ' end' : ''}" x="${x}" y="${BOTTOM + 13}">${text}</text>`;
}

const SIDE = 360;
const MARGIN = 46;
const TOP = 14;
const BOTTOM = 190;
