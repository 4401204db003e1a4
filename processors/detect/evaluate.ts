import { z } from 'zod';
import type { ModelConfig } from '../../src/config.ts';
import { paneOf } from '../../src/core/windows/pane.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { Outbox } from '../../src/runtime/outbox.ts';
import { type Desk, EMPTY_DESK, takeToDesk } from '../incidents/incident-desk.ts';
import { computePanes } from '../panes/compute-panes.ts';
import { computePerformancePane, computeSkewPane } from '../panes/join-panes.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { RevisionRow } from '../panes/rows.ts';
import type { PageBudget } from './error-budget.ts';
import { ledgerRow } from './ledger-row.ts';
import { clickHouseRows } from './read-window.ts';
import { changedVerdicts } from './revise.ts';
import {
  lateFor,
  nextTask,
  STAGES,
  type Stage,
  type StageName,
  type StreamTimes,
  type Task,
} from './stage.ts';
import { stalePanes } from './stale-panes.ts';
import { iso, type Origin, observationOf, type Verdict, verdictRow } from './verdict.ts';
import { openWindowJudge } from './window-judge.ts';

/**
 * Judges the panes of one model as they close: reduces rows to panes, decides, takes the answers to the
 * incidents, writes verdicts, incidents and events, and last its own progress. Everything before the
 * progress row may be done again after a crash and gives the same rows and the same ids.
 */
export interface Evaluator {
  /** Judges every pane that the stream times have closed. */
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

/** Opens the evaluator where the last one stopped: the decisions up to its progress are made again from the panes, unwritten. */
export async function openEvaluator(args: EvaluatorArgs): Promise<Evaluator> {
  const { clickhouse, view, config, log, outbox } = args;
  const read = clickHouseRows({ clickhouse, view, config });
  const judge = openWindowJudge({ clickhouse, view, config, budget: args.budget, read });
  const stages = new Map<StageName, Stage>();
  let desk: Desk = EMPTY_DESK;

  async function reduce(task: Task): Promise<void> {
    const { startMs, revision, readyMs } = task;
    const window = { fromMs: startMs, untilMs: startMs + config.pane };
    const version = task.stage === 'serving' ? await read.servingVersion(window) : '';
    const common = { clickhouse, view, ...window, revision, version, streamTimeMs: readyMs };
    if (task.stage === 'skew') return computeSkewPane(common);
    if (task.stage === 'labels')
      return computePerformancePane({ ...common, labelDelayMs: config.label_delay });
    const bins = [await judge.versionReference(version), await judge.driftReference()].map(
      (reference) => reference?.id,
    );
    const serving = { ...common, table: view.tables.serving, stream: 'serving', paneMs: config.pane };
    const wanted = [...new Set(bins)].filter((binsId) => binsId !== undefined);
    await Promise.all(wanted.map((binsId) => computePanes({ ...serving, binsId })));
  }

  function toDesk(verdicts: readonly Verdict[], streamTimeMs: number) {
    const result = takeToDesk({
      desk,
      observations: verdicts.map(observationOf),
      streamTimeMs,
      groupWithinMs: config.group_within,
      closeAfter: CLOSE_FINDING_AFTER,
      policy: {
        on: config.retrain.on,
        coolDownMs: config.retrain.cool_down,
        windowMs: config.retrain.window,
      },
    });
    desk = result.desk;
    return result.report;
  }

  async function perform(task: Task): Promise<void> {
    const late = task.startMs < (nextOf(task.stage) ?? 0);
    const verdicts = late ? await judgeAgain(task) : await judgeFirst(task);
    await args.onStep?.('verdicts-written');
    const report = toDesk(verdicts, task.readyMs);
    await clickhouse.insert('findings', report.findings);
    await clickhouse.insert('incidents', report.incidents);
    await clickhouse.insert('retrain_requests', report.requests);
    await args.onStep?.('incidents-written');
    await outbox.put(report.events);
    await outbox.publish();
    for (const incident of report.incidents) log.info({ event: 'incident', ...incident }, 'Incident changed');
    done(task);
    const row = {
      model: view.model,
      stage: task.stage,
      stream_time: iso(nextOf(task.stage) ?? 0),
      version: nextOf(task.stage) ?? 0,
    };
    await clickhouse.insert('progress', [row]);
    await args.onStep?.('progress-written');
  }

  async function judgeFirst(task: Task): Promise<readonly Verdict[]> {
    const verdicts = await judge.decide(task);
    await write(verdicts);
    await keepLedger(task.stage, verdicts);
    return verdicts;
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

  /**
   * Judges a window with late rows, and those after it, as if the rows had come in time. Only what changed is
   * written; incidents hear of it when it is the newest window.
   */
  async function judgeAgain(task: Task): Promise<readonly Verdict[]> {
    judge.goBack(task.stage, task.startMs);
    const newestMs = (nextOf(task.stage) ?? 0) - config.pane;
    const lastMs = task.stage === 'skew' ? task.startMs : newestMs;
    let changed: Verdict[] = [];
    for (let startMs = task.startMs; startMs <= lastMs; startMs += config.pane) {
      const verdicts = await judge.decide({
        ...task,
        startMs,
        readyMs: task.readyMs + startMs - task.startMs,
      });
      await keepLedger(task.stage, verdicts);
      changed = await changedVerdicts({ clickhouse, model: view.model, windowStartMs: startMs, verdicts });
      await write(changed);
      if (changed.length > 0)
        log.info(
          { event: 'revised', stage: task.stage, window: iso(startMs), verdicts: changed.length },
          'Late rows changed verdicts',
        );
    }
    return lastMs === newestMs ? changed : [];
  }

  function done(task: Task): void {
    const stage = stages.get(task.stage);
    if (stage === undefined) return;
    const revisions = new Map(stage.revisions).set(task.startMs, task.revision);
    const dirty = new Set([...stage.dirty].filter((startMs) => startMs !== task.startMs));
    const nextMs = Math.max(stage.nextMs ?? 0, task.startMs + config.pane);
    stages.set(task.stage, { name: stage.name, nextMs, dirty, revisions });
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
    const judgedPanes = new Map<StageName, readonly RevisionRow[]>();
    for (const name of STAGES) {
      const untilMs = progress.get(name);
      const revisions = await read.revisions({
        stream: name,
        binsId: name === 'serving' ? (drift?.id ?? '') : '',
      });
      const settled = revisions.filter(({ pane_start }) => untilMs !== undefined && pane_start < untilMs);
      judgedPanes.set(name, settled);
      const delayMs = name === 'skew' ? config.disorder.training : 0;
      for (const { pane_start, revision } of settled) {
        tasks.push({
          stage: name,
          startMs: pane_start,
          revision,
          readyMs: pane_start + config.pane + delayMs,
        });
      }
      stages.set(name, {
        name,
        ...(untilMs === undefined ? {} : { nextMs: untilMs }),
        dirty: new Set(),
        revisions: new Map(settled.map(({ pane_start, revision }) => [pane_start, revision])),
      });
    }
    tasks.sort((a, b) => a.readyMs - b.readyMs || STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
    for (const task of tasks) toDesk(await judge.decide(task), task.readyMs);
    await findStale(judgedPanes);
    if (tasks.length > 0)
      log.info({ event: 'replayed', panes: tasks.length }, 'Decisions rebuilt from panes');
  }

  async function findStale(revisions: ReadonlyMap<StageName, readonly RevisionRow[]>): Promise<void> {
    const stale = await stalePanes({
      read,
      view,
      paneMs: config.pane,
      labelDelayMs: config.label_delay,
      revisions,
    });
    for (const [name, panes] of stale) {
      const stage = stages.get(name);
      if (stage !== undefined && panes.length > 0) stages.set(name, { ...stage, dirty: new Set(panes) });
    }
  }

  await replay();
  return {
    async advance(times) {
      await begin(times);
      const reduced = new Set<string>();
      const next = (of: readonly Stage[]) =>
        nextTask({ stages: of, times, paneMs: config.pane, skewDelayMs: config.disorder.training });
      for (;;) {
        const task = next([...stages.values()]);
        if (task === undefined) return;
        if (!reduced.has(nameOf(task))) {
          // What the other stages wait for is reduced side by side; decisions then follow in their order.
          const ahead = [...stages.values()].flatMap((stage) => next([stage]) ?? []);
          await Promise.all(ahead.filter((one) => !reduced.has(nameOf(one))).map(reduce));
          for (const one of ahead) reduced.add(nameOf(one));
          await args.onStep?.('pane-written');
        }
        await perform(task);
      }
    },
    stored({ stream, eventTimesMs }) {
      for (const stage of stages.values()) {
        if (!READS[stage.name].includes(stream)) continue;
        const reachMs = stage.name === 'labels' && stream === 'serving' ? config.label_delay : 0;
        const late = lateFor({ stage, eventTimesMs, paneMs: config.pane, reachMs });
        if (late.length > 0) stages.set(stage.name, { ...stage, dirty: new Set([...stage.dirty, ...late]) });
      }
    },
  };
}

function nameOf({ stage, startMs, revision }: Task): string {
  return `${stage}/${startMs}/${revision}`;
}

/** Streams that a stage is computed from. */
const READS: Readonly<Record<StageName, readonly string[]>> = {
  serving: ['serving'],
  skew: ['serving', 'training'],
  labels: ['serving', 'labels'],
};
/** Windows in a row without drift that close a finding: the judgements have their own memory of what lasts. */
export const CLOSE_FINDING_AFTER = 3;
