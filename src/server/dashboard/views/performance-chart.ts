import { day, loss, whole } from '../format.ts';
import { html, type Markup } from '../markup.ts';
import type { DailyEstimate, DailyLoss, Range, VersionRow } from '../reader.ts';
import { LEFT, RIGHT, round, timeAxis, timeScale, WIDTH } from './time-scale.ts';

/**
 * Log-loss per day by model version, the level that each version was expected to keep, and thinly what the loss should
 * be by the predictions alone, also for days whose labels are still to come.
 */
export function performanceChart(args: {
  days: readonly DailyLoss[];
  estimates: readonly DailyEstimate[];
  versions: readonly VersionRow[];
  range: Range;
}): Markup {
  const { days: all, estimates } = args;
  if (all.length + estimates.length === 0)
    return html`<p class="empty">No label has been joined to a prediction yet, so there is no log-loss.</p>`;
  const x = timeScale(args.range, LEFT, RIGHT);
  const expected = new Map(args.versions.map((row) => [row.version, row.baselineLogLoss]));
  const values = [...all.map(meanOf), ...estimates.map((at) => at.loss)];
  const known = [...expected.values()].filter((value) => value !== null);
  const top = Math.ceil(Math.max(0.1, ...values, ...known) * 5) / 5;
  const y = (value: number) => round(BOTTOM - (Math.min(value, top) / top) * (BOTTOM - TOP));
  const names = [...new Set([...all, ...estimates].map(({ version }) => version))];
  const served = names.map((name) => [name, all.filter(({ version }) => version === name)] as const);
  const lines = served.map(([version, days], index) =>
    versionLine({ version, days, x, y, tone: toneOf(index), expected: expected.get(version) ?? null }),
  );
  const estimated = names.map((name, index) => {
    const days = estimates.filter(({ version }) => version === name);
    return estimateLine({ version: name, days, x, y, tone: toneOf(index) });
  });
  const keys = served.map(([version, days], index) => {
    const rows = days.reduce((sum, { rows }) => sum + rows, 0);
    return html`<span class="key ${toneOf(index)}"></span>${version} (${whole(rows)} labels, expected ${loss(expected.get(version) ?? null)}) `;
  });
  return html`<div class="scroll"><svg class="performance" viewBox="0 0 ${WIDTH} ${BOTTOM + 6}" role="img" aria-label="Log-loss per day and version">${timeAxis({ range: args.range, x, top: TOP, bottom: BOTTOM })}<text class="lane" x="0" y="${TOP + 13}">log-loss, nats</text>${levels(top, y)}${estimated}${lines}</svg></div>
<p class="legend">${keys} dashed: the level expected of the version, its log-loss on its validation rows. Thin: estimated from the predictions alone, as if what they mean had not changed. Pale points: fewer than ${FEW} labels.</p>`;
}

function versionLine(args: {
  version: string;
  days: readonly DailyLoss[];
  x: (ms: number) => number;
  y: (value: number) => number;
  tone: string;
  expected: number | null;
}): Markup {
  const { version, days, x, y, tone, expected } = args;
  const [first, last] = [days.at(0), days.at(-1)];
  const points = days.map((at) => {
    const title = `${day(at.dayMs)} ${version}: log-loss ${loss(meanOf(at))} on ${whole(at.rows)} labels`;
    const few = at.rows < FEW ? ' few' : '';
    return html`<circle class="${tone}${few}" cx="${x(at.dayMs)}" cy="${y(meanOf(at))}" r="2.2"><title>${title}</title></circle>`;
  });
  const path = days.map((at) => `${x(at.dayMs)},${y(meanOf(at))}`).join(' ');
  const level =
    expected === null || first === undefined || last === undefined
      ? undefined
      : html`<line class="expected ${tone}" x1="${x(first.dayMs)}" x2="${x(last.dayMs)}" y1="${y(expected)}" y2="${y(expected)}"><title>${version}: expected ${loss(expected)}</title></line>`;
  return html`<polyline class="${tone}" points="${path}"/>${points}${level}`;
}

function estimateLine(args: {
  version: string;
  days: readonly DailyEstimate[];
  x: (ms: number) => number;
  y: (value: number) => number;
  tone: string;
}): Markup | undefined {
  const { version, days, x, y, tone } = args;
  if (days.length === 0) return undefined;
  const path = days.map((at) => `${x(at.dayMs)},${y(at.loss)}`).join(' ');
  const points = days.map((at) => {
    const title = `${day(at.dayMs)} ${version}: estimated ${loss(at.loss)} (${loss(at.low)} to ${loss(at.high)}) on ${whole(at.rows)} predictions`;
    return html`<circle class="${tone} estimate" cx="${x(at.dayMs)}" cy="${y(at.loss)}" r="1.2"><title>${title}</title></circle>`;
  });
  return html`<polyline class="${tone} estimate" points="${path}"/>${points}`;
}

function levels(top: number, y: (value: number) => number): Markup[] {
  const step = top <= 1 ? 0.2 : top <= 2.5 ? 0.5 : 1;
  const marks: Markup[] = [];
  for (let value = 0; value <= top + 1e-9; value += step) {
    marks.push(
      html`<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text class="tick end" x="${LEFT - 8}" y="${y(value) + 4}">${value.toFixed(1)}</text>`,
    );
  }
  return marks;
}

function meanOf(at: DailyLoss): number {
  return at.rows === 0 ? 0 : at.loss / at.rows;
}

function toneOf(index: number): string {
  return `series-${index % 4}`;
}

/** Below this many labels a day is drawn pale. */
const FEW = 200;
const TOP = 18;
const BOTTOM = 200;
