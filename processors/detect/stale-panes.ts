import { sinceOf } from '../panes/join-panes.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { RevisionRow } from '../panes/rows.ts';
import type { WindowReader } from './read-window.ts';
import { isTooLate, type StageName } from './stage.ts';

/**
 * Judged panes that have to be judged again: those computed from fewer rows than are stored now, since a processor
 * stored late rows and died before it judged them, or another one stored them; and those counted anew whose verdicts
 * and incidents were not all corrected. Nothing is remembered anywhere else, so this is asked at every start. Panes
 * further back than the allowed lateness stay as they are.
 */
export async function stalePanes(args: {
  read: Pick<WindowReader, 'paneRows' | 'judgedRevisions'>;
  view: ModelView;
  paneMs: number;
  labelDelayMs: number;
  latenessMs: number;
  revisions: ReadonlyMap<StageName, readonly RevisionRow[]>;
}): Promise<Map<StageName, number[]>> {
  const { read, view, paneMs } = args;
  const [judged, training, serving, labels] = await Promise.all([
    read.judgedRevisions(),
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
    const nextMs = Math.max(...revisions.map(({ pane_start }) => pane_start + paneMs));
    const behind = revisions.filter(
      ({ pane_start, rows, revision }) =>
        (rows !== expected[stage](pane_start) ||
          revision > (judged.get(`${stage}/${pane_start}`) ?? revision)) &&
        !isTooLate({ startMs: pane_start, paneMs, nextMs, latenessMs: args.latenessMs }),
    );
    stale.set(
      stage,
      behind.map(({ pane_start }) => pane_start),
    );
  }
  return stale;
}
