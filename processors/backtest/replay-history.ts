import { z } from 'zod';
import type { ModelConfig } from '../../src/config.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { instant } from '../../src/io/clickhouse/columns.ts';
import type { PageBudget } from '../detect/error-budget.ts';
import { expectedFalsePagesOf } from '../detect/ledger-row.ts';
import { clickHouseRows } from '../detect/read-window.ts';
import { STAGES, type Task } from '../detect/stage.ts';
import type { Verdict } from '../detect/verdict.ts';
import { openWindowJudge } from '../detect/window-judge.ts';
import { costOf } from '../incidents/explain-incident.ts';
import type { IncidentFacts } from '../incidents/report.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { PageCost } from './page-cost.ts';
import { openPager, type Page, type Replay } from './replay.ts';

/**
 * Judges the panes of a running system anew under another configuration, from the first one on, because every
 * window remembers those before it. Only what lies in [fromMs, untilMs) is reported. Nothing is written, and the
 * size of the panes and the segments must be those the panes were counted with.
 */
export async function replayHistory(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  config: ModelConfig;
  budget: PageBudget;
  fromMs: number;
  untilMs: number;
}): Promise<Omit<Replay, 'pages'> & HistoryPages> {
  const { clickhouse, view, config, fromMs, untilMs } = args;
  const read = clickHouseRows({ clickhouse, view, config });
  const judge = openWindowJudge({ clickhouse, view, config, budget: args.budget, read });
  const drift = await judge.driftReference();
  const tasks: Task[] = [];
  for (const stage of STAGES) {
    const binsId = stage === 'serving' ? (drift?.id ?? '') : '';
    const delayMs = stage === 'skew' ? config.disorder.training : 0;
    const panes = await read.revisions({ stream: stage, binsId });
    const starts = panes.map(({ pane_start }) => pane_start).filter((startMs) => startMs < untilMs);
    refuseOtherPanes({ starts, paneMs: config.pane });
    for (const { pane_start: startMs, revision } of panes)
      if (startMs < untilMs)
        tasks.push({ stage, startMs, revision, readyMs: startMs + config.pane + delayMs });
  }
  tasks.sort((a, b) => a.readyMs - b.readyMs || STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
  const pager = openPager({ groupWithinMs: config.group_within });
  const verdicts: Verdict[] = [];
  const within = (ms: number) => ms >= fromMs && ms < untilMs;
  for (const task of tasks) {
    const answers = (await judge.decide(task)) ?? [];
    pager.take(answers, task.readyMs);
    if (within(task.startMs)) verdicts.push(...answers);
  }
  const rows = await clickhouse.rows('summary-incidents', { model: view.model }, INCIDENT_ROW);
  const pages = pager.pages().filter(({ incident }) => within(incident.beganMs));
  const costs = pages.map(({ incident, untilMs: end }) =>
    costOf({ clickhouse, view, incident, untilMs: end }),
  );
  const known = await Promise.all(costs);
  return {
    verdicts,
    pages: pages.map((page, at) => ({ ...page, cost: costOfPage(known[at]) })),
    windows: tasks.filter(({ stage, startMs }) => stage === 'serving' && within(startMs)).length,
    expectedFalsePages: expectedFalsePagesOf(verdicts),
    paged: rows.flatMap(({ transition, incident_id: id, ...row }) =>
      transition === 'open' && within(row.began) ? [{ id, ...row }] : [],
    ),
  };
}

interface HistoryPages {
  readonly pages: readonly (Page & { readonly cost: PageCost })[];
  /** What was paged. */
  readonly paged: readonly PagedIncident[];
}

function costOfPage(cost: IncidentFacts['cost'] | undefined): PageCost {
  if (cost === undefined || cost.status === 'insufficient')
    return { status: 'insufficient', why: 'no labels or predictions of a version with a validated log-loss' };
  return { ...cost, metric: 'log-loss' };
}

/** An incident that the running system reported. */
export interface PagedIncident {
  readonly id: string;
  readonly kind: string;
  readonly began: number;
  readonly reported: number;
  readonly summary: string;
}

function refuseOtherPanes(args: { starts: readonly number[]; paneMs: number }): void {
  const { starts, paneMs } = args;
  const gaps = starts.slice(1).map((startMs, index) => startMs - (starts[index] ?? 0));
  const smallest = Math.min(...gaps);
  if (gaps.length === 0 || (smallest === paneMs && starts.every((startMs) => startMs % paneMs === 0))) return;
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `The stored panes are ${smallest / 60_000} minutes apart and the configuration has panes of ${paneMs / 60_000} minutes.`,
    next: 'Panes of another size need the rows themselves: give them with --data.',
  });
}

const INCIDENT_ROW = z.object({
  incident_id: z.string(),
  transition: z.string(),
  kind: z.string(),
  began: instant,
  reported: instant,
  summary: z.string(),
});
