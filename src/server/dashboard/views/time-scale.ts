import { DAY, day } from '../format.ts';
import { html, type Markup } from '../markup.ts';
import type { Range } from '../reader.ts';

/** Event time from left to right between two x. Times outside are moved to the edge. */
export function timeScale(range: Range, left: number, right: number): (ms: number) => number {
  const width = Math.max(1, range.untilMs - range.fromMs);
  return (ms) => {
    const share = Math.min(1, Math.max(0, (ms - range.fromMs) / width));
    return round(left + share * (right - left));
  };
}

/** Light vertical lines at round dates with the date on top, at most about a dozen. */
export function timeAxis(args: {
  range: Range;
  x: (ms: number) => number;
  top: number;
  bottom: number;
}): Markup {
  const ticks = roundDates(args.range).map((ms) => {
    const at = args.x(ms);
    return html`<line class="grid" x1="${at}" x2="${at}" y1="${args.top}" y2="${args.bottom}"/><text class="tick" x="${at + 3}" y="${args.top - 4}">${label(ms, args.range)}</text>`;
  });
  return html`${ticks}`;
}

/** Firsts of months; days where the range is short, every third month where it is long. */
function roundDates(range: Range): number[] {
  const days = (range.untilMs - range.fromMs) / DAY;
  const dates: number[] = [];
  if (days <= 45) {
    const step = Math.max(1, Math.ceil(days / 9)) * DAY;
    for (let ms = Math.ceil(range.fromMs / DAY) * DAY; ms < range.untilMs; ms += step) dates.push(ms);
    return dates;
  }
  const every = Math.max(1, Math.ceil(days / 30 / 12));
  const first = new Date(range.fromMs);
  for (let month = first.getUTCMonth(); ; month += 1) {
    const ms = Date.UTC(first.getUTCFullYear(), month, 1);
    if (ms >= range.untilMs) return dates;
    if (ms >= range.fromMs && month % every === 0) dates.push(ms);
  }
}

function label(ms: number, range: Range): string {
  const long = (range.untilMs - range.fromMs) / DAY > 45;
  return long ? day(ms).slice(0, 7) : day(ms).slice(5);
}

/** One decimal of a pixel is enough. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Left and right end of event time and the width of the drawing, shared so that pictures stand in line. */
export const LEFT = 150;
export const WIDTH = 1240;
export const RIGHT = WIDTH - 4;
