import { sinceOf } from '../panes/join-panes.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { RevisionRow } from '../panes/rows.ts';
import type { WindowReader } from './read-window.ts';
import { isTooLate, type StageName } from './stage.ts';

/**
 * Judged panes that have to be judged again: those computed from fewer rows than are stored now, since a processor
 * stored late rows and died before it judged them, or another one stored them, and those of which nothing had come; and
 * those counted anew whose verdicts and incidents were not all corrected. Nothing is remembered anywhere else, so this is
 * asked at every start. Panes further back than the allowed lateness stay as they are.
 */
export async function stalePanes(args: {
  read: Pick<WindowReader, 'paneRows' | 'judgedRevisions'>;
  view: ModelView;
  paneMs: number;
  labelDelayMs: number;
  latenessMs: number;
  /** Settled panes of a stage that had anything to judge, and where its next one begins. */
  settled: ReadonlyMap<StageName, { readonly revisions: readonly RevisionRow[]; readonly nextMs: number }>;
}): Promise<Map<StageName, number[]>> {
  const { read, view, paneMs } = args;
  const [judged, training, serving, labels] = await Promise.all([
    read.judgedRevisions(),
    read.paneRows(view.tables.training),
    read.paneRows(view.tables.serving),
    read.paneRows(view.tables.labels),
  ]);
  /** Rows without which a pane has nothing to judge, whatever it is joined to. */
  const own = { serving, skew: serving, labels };
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
  for (const [stage, { revisions, nextMs }] of args.settled) {
    const known = new Map(revisions.map((row) => [row.pane_start, row]));
    const panes: number[] = [];
    const [first] = revisions;
    for (let startMs = first?.pane_start ?? nextMs; startMs < nextMs; startMs += paneMs) {
      const row = known.get(startMs);
      const isStale =
        ((row?.rows ?? 0) !== expected[stage](startMs) && own[stage].has(startMs)) ||
        (row !== undefined && row.revision > (judged.get(`${stage}/${startMs}`) ?? 0));
      if (isStale && !isTooLate({ startMs, paneMs, nextMs, latenessMs: args.latenessMs }))
        panes.push(startMs);
    }
    stale.set(stage, panes);
  }
  return stale;
}
