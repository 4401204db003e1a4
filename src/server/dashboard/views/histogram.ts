import { cut, short, whole } from '../format.ts';
import { html, type Markup } from '../markup.ts';
import type { Histogram } from '../reader.ts';
import { round } from './time-scale.ts';

/** Reference window and current window side by side in the bins of the verdict, as shares of their rows. */
export function histogramView(histogram: Histogram): Markup {
  const [reference, current] = [rowsOf(histogram.reference), rowsOf(histogram.current)];
  if (reference === 0 && current === 0)
    return html`<p class="empty">The panes behind this verdict are not there (any more).</p>`;
  const codes = codesOf(histogram);
  const bars = codes.map((code) => ({
    code,
    name: binName(code, histogram),
    reference: histogram.reference.get(code) ?? 0,
    current: histogram.current.get(code) ?? 0,
  }));
  const share = (rows: number, all: number) => (all === 0 ? 0 : rows / all);
  const top = Math.max(
    0.01,
    ...bars.flatMap((bar) => [share(bar.reference, reference), share(bar.current, current)]),
  );
  const step = Math.min(64, (WIDTH - LEFT) / Math.max(1, bars.length));
  const y = (value: number) => round(BOTTOM - (value / top) * (BOTTOM - TOP));
  const columns = bars.map((bar, index) => {
    const x = round(LEFT + index * step + 2);
    const wide = round(step / 2 - 3);
    const [before, now] = [share(bar.reference, reference), share(bar.current, current)];
    const title = `${bar.name}: reference ${percent(before)} (${whole(bar.reference)} of ${whole(reference)}), current ${percent(now)} (${whole(bar.current)} of ${whole(current)})`;
    return html`<g><title>${title}</title><rect class="hit" x="${round(LEFT + index * step)}" y="${TOP}" width="${round(step)}" height="${BOTTOM - TOP}"/><rect class="reference" x="${x}" y="${y(before)}" width="${wide}" height="${round(BOTTOM - y(before))}"/><rect class="current" x="${round(x + wide + 1)}" y="${y(now)}" width="${wide}" height="${round(BOTTOM - y(now))}"/><text class="bin" transform="translate(${round(x + step / 2)} ${BOTTOM + 8}) rotate(40)">${cut(bar.name, 16)}</text></g>`;
  });
  return html`<div class="scroll"><svg class="histogram" viewBox="0 0 ${WIDTH} ${BOTTOM + 84}" role="img" aria-label="Rows per bin, reference and current window"><text class="tick" x="0" y="${TOP + 4}">${percent(top)}</text><line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${TOP}" y2="${TOP}"/><line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${BOTTOM}" y2="${BOTTOM}"/>${columns}</svg></div>
<p class="legend"><span class="key reference"></span>reference window, ${whole(reference)} rows <span class="key current"></span>current window, ${whole(current)} rows. Bins are frozen with the reference: <code>${histogram.binsId}</code></p>`;
}

/** Bins in order, then what is in no bin and did occur. */
function codesOf(histogram: Histogram): number[] {
  const bins = histogram.kind === 'numeric' ? histogram.edges.length + 1 : histogram.categories.length + 1;
  const seen = new Set([...histogram.reference.keys(), ...histogram.current.keys()]);
  const inner = Array.from({ length: bins }, (_, code) => code).filter(
    // The first numeric bin lies below all of the reference and the last categorical one holds the rest.
    (code) => seen.has(code) || (code > 0 && code < bins - 1),
  );
  return [...inner, ...[...seen].filter((code) => code < 0 || code >= bins).toSorted((a, b) => b - a)];
}

/** What a bin holds, in words. */
export function binName(code: number, bins: Pick<Histogram, 'kind' | 'edges' | 'categories'>): string {
  const outside = OUTSIDE.get(code);
  if (outside !== undefined) return outside;
  if (bins.kind !== 'numeric') return bins.categories[code] ?? 'other';
  const [from, until] = [bins.edges[code - 1], bins.edges[code]];
  if (from === undefined) return `< ${edge(until)}`;
  if (until === undefined) return `≥ ${edge(from)}`;
  return `${edge(from)} – ${edge(until)}`;
}

function edge(value: number | undefined): string {
  return value === undefined ? '?' : short(value);
}

function rowsOf(side: ReadonlyMap<number, number>): number {
  let rows = 0;
  for (const count of side.values()) rows += count;
  return rows;
}

function percent(share: number): string {
  return `${short(100 * share)}%`;
}

const OUTSIDE: ReadonlyMap<number, string> = new Map([
  [-1, 'null'],
  [-2, 'NaN'],
  [-3, '-Inf'],
  [-4, '+Inf'],
  [-5, 'unseen'],
]);
const WIDTH = 1240;
const LEFT = 46;
const TOP = 12;
const BOTTOM = 220;
