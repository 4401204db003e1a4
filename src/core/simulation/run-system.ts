import { type CellState, FIRST_WINDOW, judgeWindow } from '../evidence/judge-window.ts';
import {
  extendReference,
  prepareReference,
  type Reference,
  type ReferenceWindow,
  startReference,
} from '../evidence/reference.ts';
import type { Judgement, Limits } from '../evidence/window-judgement.ts';
import type { PaneCounts } from '../windows/pane-counts.ts';
import { countRows, type FeatureShape } from './features.ts';

/**
 * Runs the whole paging system over simulated windows in which nothing changes: every page is false. The window
 * functions are those that judge live. A page is a window and feature in which the one-shot channel or the evidence
 * over windows asks for one; no effect floor holds it back, and it is counted again as long as it goes on.
 */
export function runSystem(args: {
  shapes: readonly FeatureShape[];
  /** Rows of the reference, per feature: what ranks and the start-up know. */
  reference: readonly Float64Array[];
  /** Draws the next window of a feature. */
  paneOf: (feature: number, window: number) => PaneCounts;
  windows: number;
  limits: Limits;
  /** Also judge against the frozen reference, as distribution skew. */
  frozen: boolean;
  /** Windows that one is held against, by weekday; all of them, by hour, where it is not given. */
  trailing?: number;
}): SystemRun {
  const { shapes, limits } = args;
  const cells = shapes.map((shape, at) =>
    openCell({
      shape,
      rows: args.reference[at] ?? new Float64Array(0),
      ...(args.trailing === undefined ? {} : { trailing: args.trailing }),
    }),
  );
  const tally = {
    pages: 0,
    byWindow: 0,
    byWindows: 0,
    frozenPages: 0,
    expected: 0,
    judged: 0,
    flagged: 0,
    days: 0,
  };
  let pagedDay = -1;
  for (let window = 0; window < args.windows; window += 1) {
    const startMs = window * limits.paneMs;
    let [judged, flagged] = [false, false];
    for (const [at, cell] of cells.entries()) {
      const pane = args.paneOf(at, window);
      const outcome = judgeCell({ cell, pane, startMs, limits, frozen: args.frozen });
      for (const judgement of outcome) {
        if (judgement.verdict === 'insufficient') continue;
        judged = true;
        tally.expected += judgement.tests.window * limits.alpha + judgement.tests.windows / limits.evidenceAt;
        if (judgement.pValue < BAR) flagged = true;
        if (judgement.channel !== 'window' && judgement.channel !== 'windows') continue;
        tally.pages += 1;
        if (judgement.channel === 'window') tally.byWindow += 1;
        else tally.byWindows += 1;
        if (judgement === outcome[1]) tally.frozenPages += 1;
        const day = Math.floor(startMs / DAY);
        if (day !== pagedDay) tally.days += 1;
        pagedDay = day;
      }
    }
    tally.judged += judged ? 1 : 0;
    tally.flagged += flagged ? 1 : 0;
  }
  return tally;
}

export interface SystemRun {
  readonly pages: number;
  readonly byWindow: number;
  readonly byWindows: number;
  /** Pages about the frozen reference, among `pages`. */
  readonly frozenPages: number;
  /** Days with a page: pages that come in clusters are one. */
  readonly days: number;
  /** False pages that the ledger expects for the tests made. */
  readonly expected: number;
  /** Windows with at least one test. */
  readonly judged: number;
  /** Windows in which a feature had a one-shot p-value below .001/20, the bar of the peers' table. */
  readonly flagged: number;
}

/** A feature as the system knows it. */
export interface Cell {
  readonly shape: FeatureShape;
  readonly frozen: Reference;
  reference: Reference;
  /** The newest windows, where one is held against so many. */
  readonly trailing?: { readonly length: number; windows: readonly ReferenceWindow[] };
  state: CellState;
  frozenState: CellState;
}

export function openCell(args: { shape: FeatureShape; rows: Float64Array; trailing?: number }): Cell {
  const { shape, trailing } = args;
  const rows = countRows({ shape, rows: args.rows });
  const season = trailing === undefined ? 'day' : 'week';
  const common = { id: 'simulated', kind: shape.kind, season, rows } as const;
  const reference = startReference({ ...common, frozen: false });
  const frozen = startReference({ ...common, frozen: true });
  const states = { state: FIRST_WINDOW, frozenState: FIRST_WINDOW };
  return {
    ...{ shape, frozen, reference, ...states },
    ...(trailing === undefined ? {} : { trailing: { length: trailing, windows: [] } }),
  };
}

/** Judges the window, then learns it. */
export function judgeCell(args: {
  cell: Cell;
  pane: PaneCounts;
  startMs: number;
  limits: Limits;
  frozen?: boolean;
}): readonly Judgement[] {
  const { cell, pane, startMs, limits } = args;
  const { state, judgement } = judgeWindow({
    state: cell.state,
    startMs,
    pane,
    reference: cell.reference,
    limits,
  });
  // Every page is seen and closed at once, so that the next one counts as well.
  cell.state = { ...state, alarmed: false };
  cell.reference = learn(cell, { startMs, pane });
  if (args.frozen !== true) return [judgement];
  const skew = judgeWindow({ state: cell.frozenState, startMs, pane, reference: cell.frozen, limits });
  cell.frozenState = { ...skew.state, alarmed: false };
  return [judgement, skew.judgement];
}

function learn(cell: Cell, window: ReferenceWindow): Reference {
  const { reference, trailing, frozen } = cell;
  if (trailing === undefined) return extendReference(reference, window);
  trailing.windows = [...trailing.windows, window].slice(-trailing.length);
  return prepareReference({ ...reference, windows: trailing.windows, ranks: frozen.merged });
}

const DAY = 86_400_000;
const BAR = 0.001 / 20;
