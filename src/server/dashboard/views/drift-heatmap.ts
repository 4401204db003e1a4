import { DRIFT_KINDS } from '../../../core/incidents/finding.ts';
import { cut, DAY, day, segmentName, short, whole } from '../format.ts';
import { html, link, type Markup } from '../markup.ts';
import type { HeatCell, Range } from '../reader.ts';
import { segmentParameter } from './segment-parameter.ts';
import { LEFT, RIGHT, round, timeAxis, timeScale, WIDTH } from './time-scale.ts';

export interface HeatmapChoice {
  readonly model: string;
  readonly kind: string;
  readonly segment: string;
}

/**
 * Features from top to bottom, days from left to right, one kind and segment at a time. Days that look alike
 * are drawn as one piece, so a year of many features stays a page that loads at once.
 */
export function driftHeatmap(args: {
  cells: readonly HeatCell[];
  choice: HeatmapChoice;
  segments: readonly string[];
  range: Range;
}): Markup {
  return html`<nav class="tabs">${kindTabs(args.choice)}</nav>
<nav class="tabs small">${segmentTabs(args.choice, args.segments)}</nav>
${args.cells.length === 0 ? html`<p class="empty">No window has been judged for ${args.choice.kind}, ${segmentName(args.choice.segment)}.</p>` : picture(args)}
<p class="legend"><span class="key ok"></span>ok <span class="key drift-1"></span>drift, effect below twice its floor <span class="key drift-2"></span>below 4 times <span class="key drift-3"></span>above <span class="key insufficient"></span>insufficient <span class="key no-reference"></span>no-reference <span class="key nothing"></span>no window. A day shows its worst window.</p>`;
}

function picture(args: { cells: readonly HeatCell[]; choice: HeatmapChoice; range: Range }): Markup {
  const x = timeScale(args.range, LEFT, RIGHT);
  const features = Map.groupBy(args.cells, ({ feature }) => feature);
  const rows = [...features].map(([feature, cells], index) => {
    const y = TOP + index * ROW;
    const all = link('/verdicts', {
      ...args.choice,
      feature,
      segment: segmentParameter(args.choice.segment),
    });
    return html`<a href="${all}"><text class="lane" x="0" y="${y + 11}">${cut(nameOf(feature), 22)}</text></a>${runsOf(cells).map((run) => piece(run, { ...args.choice, feature }, x, y))}`;
  });
  const bottom = TOP + features.size * ROW;
  return html`<div class="scroll"><svg class="heatmap" viewBox="0 0 ${WIDTH} ${bottom + 4}" role="img" aria-label="Verdicts per feature and day, ${args.choice.kind}">${timeAxis({ range: args.range, x, top: TOP, bottom })}${rows}</svg></div>`;
}

interface Run {
  readonly tone: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly days: number;
  readonly fewest: number;
  readonly most: number;
  readonly times: number;
}

function runsOf(cells: readonly HeatCell[]): Run[] {
  const runs: Run[] = [];
  for (const cell of cells) {
    const tone = toneOf(cell);
    const last = runs.at(-1);
    if (last === undefined || last.tone !== tone || last.untilMs !== cell.dayMs) {
      runs.push({
        tone,
        fromMs: cell.dayMs,
        untilMs: cell.dayMs + DAY,
        days: 1,
        fewest: cell.rows,
        most: cell.rows,
        times: cell.timesFloor,
      });
      continue;
    }
    runs[runs.length - 1] = {
      tone,
      fromMs: last.fromMs,
      untilMs: cell.dayMs + DAY,
      days: last.days + 1,
      fewest: Math.min(last.fewest, cell.rows),
      most: Math.max(last.most, cell.rows),
      times: Math.max(last.times, cell.timesFloor),
    };
  }
  return runs;
}

function toneOf(cell: HeatCell): string {
  if (cell.worst !== 'drift') return cell.worst;
  if (cell.timesFloor < 2) return 'drift-1';
  return cell.timesFloor < 4 ? 'drift-2' : 'drift-3';
}

function piece(
  run: Run,
  cell: HeatmapChoice & { feature: string },
  x: (ms: number) => number,
  y: number,
): Markup {
  const from = x(run.fromMs);
  const width = round(Math.max(1.5, x(run.untilMs) - from - 0.4));
  const state = run.tone.startsWith('drift') ? 'drift' : run.tone;
  const effect = state === 'drift' ? `, largest effect ${short(run.times)} times its floor` : '';
  const rows = run.fewest === run.most ? whole(run.most) : `${whole(run.fewest)} to ${whole(run.most)}`;
  const title = `${nameOf(cell.feature)}: ${state} on ${run.days} day${run.days === 1 ? '' : 's'} from ${day(run.fromMs)}${effect}, n ${rows} rows`;
  const range = { from: day(run.fromMs), to: day(run.untilMs) };
  const href = link('/verdicts', { ...cell, ...range, segment: segmentParameter(cell.segment) });
  return html`<a href="${href}"><title>${title}</title><rect class="${run.tone}" x="${from}" y="${y}" width="${width}" height="${ROW - 2}"/></a>`;
}

/** What is wrong with whole records has no feature. */
function nameOf(feature: string): string {
  return feature === '' ? 'records' : feature;
}

function kindTabs(choice: HeatmapChoice): Markup[] {
  return DRIFT_KINDS.map((kind) => {
    const current = kind === choice.kind ? html` aria-current="true"` : undefined;
    const href = link('/', { model: choice.model, kind });
    return html`<a href="${href}#heatmap"${current}>${kind}</a>`;
  });
}

function segmentTabs(choice: HeatmapChoice, segments: readonly string[]): Markup[] {
  return segments.map((segment) => {
    const current = segment === choice.segment ? html` aria-current="true"` : undefined;
    const href = link('/', { model: choice.model, kind: choice.kind, segment });
    return html`<a href="${href}#heatmap"${current}>${segmentName(segment)}</a>`;
  });
}

const TOP = 18;
const ROW = 16;
