import { z } from 'zod';
import type { ModelConfig } from '../../src/config.ts';
import { paneOf } from '../../src/core/windows/pane.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { Outbox } from '../../src/runtime/outbox.ts';
import { retrainPolicyOf } from '../incidents/ask-for-retraining.ts';
import {
  type Answers,
  correctDesk,
  type Desk,
  type DeskSettings,
  EMPTY_DESK,
  type News,
  openDesk,
  takeToDesk,
} from '../incidents/incident-desk.ts';
import { readReported } from '../incidents/reported.ts';
import { writeReport } from '../incidents/write-report.ts';
import { openAxes } from '../panes/joint-pane.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { RevisionRow } from '../panes/rows.ts';
import { confirmDecisions, fenced, takeDecisions } from './decision-lease.ts';
import type { PageBudget } from './error-budget.ts';
import { answersOf, judgeLate } from './judge-late.ts';
import { ledgerRow } from './ledger-row.ts';
import { clickHouseRows } from './read-window.ts';
import { reduceWindow } from './reduce-window.ts';
import {
  lateFor,
  nextTasks,
  STAGES,
  type Stage,
  type StageName,
  type StreamTimes,
  type Task,
} from './stage.ts';
import { stalePanes } from './stale-panes.ts';
import { iso, type Origin, type Verdict, verdictRow } from './verdict.ts';
import { openWindowJudge } from './window-judge.ts';

/**
 * Judges the panes of one model as they close: reduces rows to panes, decides, takes the answers to the
 * incidents, writes verdicts, incidents and events, and last its own progress. Everything before the
 * progress row may be done again after a crash and gives the same rows and the same ids.
 */
export interface Evaluator {
  /**
   * Judges every pane that the stream times have closed. Throws LEASE_LOST when another process decides for the model
   * by now: open a new one then, or leave it to the other.
   */
  advance(times: StreamTimes): Promise<void>;
  /** Rows of a stream were stored: panes already judged are judged again. */
  stored(args: { stream: 'training' | 'serving' | 'labels'; eventTimesMs: readonly number[] }): void;
}

export interface EvaluatorArgs {
  readonly clickhouse: ClickHouse;
  readonly view: ModelView;
  readonly config: ModelConfig;
  readonly budget: PageBudget;
  readonly origin: Origin;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** A name that nobody has had before, for the lease of the decisions. */
  readonly owner: string;
  readonly log: Log;
  /** Called at each labelled step of a pane; chaos crashes here. */
  readonly onStep?: (step: DecisionStep) => void | Promise<void>;
}

/** In the order in which they happen to a pane; between the last two come the steps of the outbox. */
export const DECISION_STEPS = [
  'pane-written',
  'verdicts-written',
  'incidents-written',
  'progress-written',
] as const;
export type DecisionStep = (typeof DECISION_STEPS)[number];

/**
 * Opens the evaluator where the last one stopped: the decisions up to its progress are made again from the panes,
 * unwritten. From here on no other evaluator of the model writes anything.
 */
export async function openEvaluator(args: EvaluatorArgs): Promise<Evaluator> {
  const { view, config, log } = args;
  const lease = await takeDecisions({ ...args, model: view.model });
  const clickhouse = fenced(args.clickhouse, lease);
  const outbox: Outbox = { ...args.outbox, put: (events) => args.outbox.put(events, lease) };
  const read = clickHouseRows({ clickhouse, view, config });
  const judge = openWindowJudge({ clickhouse, view, config, budget: args.budget, read });
  const axes = openAxes({ clickhouse, model: view.model });
  const stages = new Map<StageName, Stage>();
  let desk: Desk = EMPTY_DESK;
  let reached: StreamTimes = {};

  const reduce = (task: Task) => reduceWindow({ clickhouse, view, config, read, judge, axes, task });

  const settings: DeskSettings = {
    model: view.model,
    groupWithinMs: config.group_within,
    closeAfter: CLOSE_FINDING_AFTER,
    policy: retrainPolicyOf(config),
  };

  async function perform(task: Task, hasRows: boolean): Promise<void> {
    const late = task.startMs < (nextOf(task.stage) ?? 0);
    if (late) await performLate(task, hasRows);
    else await performFirst(task, hasRows);
    done(task, hasRows);
    const row = {
      model: view.model,
      stage: task.stage,
      stream_time: iso(nextOf(task.stage) ?? 0),
      version: nextOf(task.stage) ?? 0,
    };
    await clickhouse.insert('progress', [row]);
    await args.onStep?.('progress-written');
  }

  async function performFirst(task: Task, hasRows: boolean): Promise<void> {
    const decided = await judge.decide(task);
    if (hasRows && decided === undefined) throw await unreadable(task);
    const verdicts = decided ?? [];
    // One after the other: the ledger row says that the verdicts of the window are there.
    await write(verdicts);
    await keepLedger(task.stage, verdicts);
    await args.onStep?.('verdicts-written');
    const streamTimeMs = task.readyMs;
    const result = takeToDesk({ desk, settings, answers: answersOf(task, verdicts), streamTimeMs });
    desk = result.desk;
    await report(result.news, streamTimeMs);
  }

  /**
   * Late rows: the window and those after it are judged again, and the incidents that rested on them corrected. The
   * ledger row of the window comes last: until it is there a processor that starts does all of this again.
   */
  async function performLate(task: Task, hasRows: boolean): Promise<void> {
    const streamTimeMs = reachedAt(task);
    const lastMs = task.stage === 'skew' ? task.startMs : (nextOf(task.stage) ?? 0) - config.pane;
    const keep = (verdicts: readonly Verdict[]) => keepLedger(task.stage, verdicts);
    const common = { judge, task, clickhouse, model: view.model, log, write, keepLedger: keep };
    const again = await judgeLate({ ...common, lastMs, paneMs: config.pane, streamTimeMs });
    if (hasRows && again.own === undefined) throw await unreadable(task);
    await args.onStep?.('verdicts-written');
    const result = correctDesk({ desk, settings, ...again, streamTimeMs });
    desk = result.desk;
    await report(result.news, streamTimeMs);
    await keep(again.own ?? []);
  }

  async function report(news: News, reportedMs: number): Promise<void> {
    await writeReport({
      clickhouse,
      view,
      paneMs: config.pane,
      outbox,
      log,
      news,
      reportedMs,
      onRows: () => args.onStep?.('incidents-written'),
    });
  }

  /** A pane that was reduced and is not there: another decides by now, or nothing may go on from here. */
  async function unreadable({ stage, startMs }: Task): Promise<DriftwatchError> {
    await confirmDecisions(clickhouse, lease);
    return new DriftwatchError({
      code: 'INVARIANT_BROKEN',
      message: `The ${stage} pane of ${iso(startMs)} was written and is not there.`,
      next: 'It is reduced again; if this goes on, look at its rows in pane_revisions.',
    });
  }

  /** Event time that had been reached when a late window was judged again. */
  function reachedAt(task: Task): number {
    return Math.max(task.readyMs, ...READS[task.stage].map((stream) => reached[stream] ?? task.readyMs));
  }

  async function keepLedger(stage: StageName, verdicts: readonly Verdict[]): Promise<void> {
    const { budget } = args;
    const row = ledgerRow({ model: view.model, stage, verdicts, budget, paneMs: config.pane });
    if (row !== undefined) await clickhouse.insert('budget_ledger', [row]);
  }

  async function write(verdicts: readonly Verdict[]): Promise<void> {
    await clickhouse.insert(
      'verdicts',
      verdicts.map((verdict) => verdictRow(verdict, args.origin)),
    );
  }

  function done(task: Task, hasRows: boolean): void {
    const stage = stages.get(task.stage);
    if (stage === undefined) return;
    const revisions = new Map(stage.revisions).set(task.startMs, task.revision);
    const dirty = new Set([...stage.dirty].filter((startMs) => startMs !== task.startMs));
    const nextMs = Math.max(stage.nextMs ?? 0, task.startMs + config.pane);
    const firstMs = stage.firstMs ?? (hasRows ? task.startMs : undefined);
    stages.set(task.stage, {
      ...stage,
      nextMs,
      ...(firstMs === undefined ? {} : { firstMs }),
      dirty,
      revisions,
    });
  }

  function nextOf(stage: StageName): number | undefined {
    return stages.get(stage)?.nextMs;
  }

  /** A stage begins with the pane of its stream's first row. */
  async function begin(times: StreamTimes): Promise<void> {
    for (const name of STAGES) {
      const stage = stages.get(name);
      if (
        stage === undefined ||
        stage.nextMs !== undefined ||
        times[name === 'labels' ? 'labels' : 'serving'] === undefined
      )
        continue;
      const table = name === 'labels' ? view.tables.labels : view.tables.serving;
      const [first] = await clickhouse.rows(
        'first-row',
        { table },
        z.object({ event_time: instant, rows: count }),
      );
      if (first === undefined || first.rows === 0) continue;
      stages.set(name, { ...stage, nextMs: paneOf(first.event_time, config.pane) });
    }
  }

  /** Makes the decisions up to the recorded progress again, from stored panes, writing nothing. */
  async function replay(): Promise<void> {
    const progress = await read.progress();
    const tasks: Task[] = [];
    const drift = await judge.driftReference();
    const settledPanes = new Map<StageName, { revisions: readonly RevisionRow[]; nextMs: number }>();
    const judged = [...(await read.judgedRevisions()).keys()].map((key) => key.split('/'));
    for (const name of STAGES) {
      const untilMs = progress.get(name);
      const revisions = await read.revisions({
        stream: name,
        binsId: name === 'serving' ? (drift?.id ?? '') : '',
      });
      const settled = revisions.filter(({ pane_start }) => untilMs !== undefined && pane_start < untilMs);
      if (untilMs !== undefined) settledPanes.set(name, { revisions: settled, nextMs: untilMs });
      const delayMs = name === 'skew' ? config.disorder.training : 0;
      for (const { pane_start, revision } of settled) {
        tasks.push({
          stage: name,
          startMs: pane_start,
          revision,
          readyMs: pane_start + config.pane + delayMs,
        });
      }
      const ends = judged.flatMap(([stage, startMs]) =>
        stage === name ? Number(startMs) + config.pane : [],
      );
      stages.set(name, {
        name,
        ...(untilMs === undefined ? {} : { nextMs: untilMs }),
        ...(settled[0] === undefined ? {} : { firstMs: settled[0].pane_start }),
        ...(ends.length === 0 ? {} : { owedMs: Math.max(...ends) }),
        dirty: new Set(),
        revisions: new Map(settled.map(({ pane_start, revision }) => [pane_start, revision])),
      });
    }
    tasks.sort((a, b) => a.readyMs - b.readyMs || STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
    const windows: Answers[] = [];
    for (const task of tasks) windows.push(answersOf(task, (await judge.decide(task)) ?? []));
    const reported = await readReported({ clickhouse, outbox, model: view.model });
    desk = openDesk({ settings, reported, windows });
    await findStale(settledPanes);
    if (tasks.length > 0)
      log.info({ event: 'replayed', panes: tasks.length }, 'Decisions rebuilt from panes');
  }

  async function findStale(settled: Parameters<typeof stalePanes>[0]['settled']): Promise<void> {
    const stale = await stalePanes({
      read,
      view,
      paneMs: config.pane,
      labelDelayMs: config.label_delay,
      latenessMs: config.allowed_lateness,
      settled,
    });
    for (const [name, panes] of stale) {
      const stage = stages.get(name);
      if (stage !== undefined && panes.length > 0) stages.set(name, { ...stage, dirty: new Set(panes) });
    }
  }

  await replay();
  // Whoever put an event may have died before it was published, and no window may come any more.
  await outbox.publish();
  return {
    async advance(times) {
      reached = times;
      await begin(times);
      const reduced = new Map<string, boolean>();
      for (let tasks = 0; ; tasks += 1) {
        // What the other stages wait for is reduced side by side; decisions then follow in their order.
        const ahead = nextTasks({
          stages: [...stages.values()],
          times,
          paneMs: config.pane,
          skewDelayMs: config.disorder.training,
        });
        const [task] = ahead;
        // What was refused has left no trace here: whether all of it was written is asked now and then, and at the end.
        if (tasks > 0 && (task === undefined || tasks % CONFIRM_EVERY === 0))
          await confirmDecisions(clickhouse, lease);
        if (task === undefined) return;
        if (!reduced.has(nameOf(task))) {
          const fresh = ahead.filter((one) => !reduced.has(nameOf(one)));
          await Promise.all(fresh.map(async (one) => reduced.set(nameOf(one), await reduce(one))));
          await args.onStep?.('pane-written');
        }
        const hasRows = reduced.get(nameOf(task));
        if (hasRows === undefined) throw notReduced(task);
        await perform(task, hasRows);
      }
    },
    stored({ stream, eventTimesMs }) {
      for (const stage of stages.values()) {
        if (!READS[stage.name].includes(stream)) continue;
        const reachMs = stage.name === 'labels' && stream === 'serving' ? config.label_delay : 0;
        const latenessMs = config.allowed_lateness;
        const late = lateFor({ stage, eventTimesMs, paneMs: config.pane, reachMs, latenessMs });
        if (late.length > 0) stages.set(stage.name, { ...stage, dirty: new Set([...stage.dirty, ...late]) });
      }
    },
  };
}

function notReduced({ stage, startMs }: Task): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The ${stage} pane of ${iso(startMs)} was to be judged before it was reduced.`,
    next: 'The pane to be judged must be among those that are reduced ahead: processors/detect/stage.ts.',
  });
}

function nameOf({ stage, startMs, revision }: Task): string {
  return `${stage}/${startMs}/${revision}`;
}

/** Streams that a stage is computed from. */
const READS: Readonly<Record<StageName, readonly (keyof StreamTimes)[]>> = {
  serving: ['serving'],
  skew: ['serving', 'training'],
  labels: ['serving', 'labels'],
};
const CONFIRM_EVERY = 20;
/** Windows in a row without drift that close a finding: the judgements have their own memory of what lasts. */
export const CLOSE_FINDING_AFTER = 3;
