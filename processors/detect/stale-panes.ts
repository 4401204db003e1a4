import { sinceOf } from '../panes/join-panes.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { RevisionRow } from '../panes/rows.ts';
import type { WindowReader } from './read-window.ts';
import type { StageName } from './stage.ts';

/**
 * Judged panes that were computed from fewer rows than are stored now: a processor stored late rows and died
 * before it judged them, or another one stored them. Nothing is remembered anywhere else, so this is asked at
 * every start.
 */
export async function stalePanes(args: {
  read: Pick<WindowReader, 'paneRows'>;
  view: ModelView;
  paneMs: number;
  labelDelayMs: number;
  revisions: ReadonlyMap<StageName, readonly RevisionRow[]>;
}): Promise<Map<StageName, number[]>> {
  const { read, view, paneMs } = args;
  const [training, serving, labels] = await Promise.all([
    read.paneRows(view.tables.training),
    read.paneRows(view.tables.serving),
    read.paneRows(view.tables.labels),
  ]);
  const at = (rows: ReadonlyMap<number, number>, startMs: number) => rows.get(startMs) ?? 0;
  const expected: Readonly<Record<StageName, (startMs: number) => number>> = {
    serving: (startMs) => at(serving, startMs),
    skew: (startMs) => at(serving, startMs) + at(training, startMs),
    labels(startMs) {
      let rows = at(labels, startMs);
      const since = sinceOf({ fromMs: startMs, untilMs: startMs + paneMs, labelDelayMs: args.labelDelayMs });
      for (let pane = since; pane <= startMs; pane += paneMs) rows += at(serving, pane);
      return rows;
    },
  };
  const stale = new Map<StageName, number[]>();
  for (const [stage, revisions] of args.revisions) {
    const behind = revisions.filter(({ pane_start, rows }) => rows !== expected[stage](pane_start));
    stale.set(
      stage,
      behind.map(({ pane_start }) => pane_start),
    );
  }
  return stale;
}
