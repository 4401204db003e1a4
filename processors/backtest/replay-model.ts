import type { ModelConfig } from '../../src/config.ts';
import type { JointBasis } from '../../src/core/joint/joint-basis.ts';
import type { JointPast } from '../../src/core/joint/joint-past.ts';
import type { Column, Table } from '../../src/core/windows/column.ts';
import { isWithinAny } from '../../src/core/windows/span.ts';
import type { PageBudget } from '../detect/error-budget.ts';
import { snapshotPast } from '../detect/joint-snapshot.ts';
import type { WindowFacts } from '../detect/judge-serving.ts';
import {
  type JudgedModel,
  judgeLabelWindow,
  judgeServingWindow,
  judgeSkewWindow,
  NOTHING_JUDGED,
} from '../detect/judged-model.ts';
import { expectedFalsePagesOf } from '../detect/ledger-row.ts';
import { cellKey, type VersionReference, versionReferenceOf } from '../detect/references.ts';
import { nextTasks, type Stage, type StageName, type StreamTimes, type Task } from '../detect/stage.ts';
import type { Verdict } from '../detect/verdict.ts';
import { sinceOf } from '../panes/join-panes.ts';
import { jointBasisOf } from '../panes/joint-pane.ts';
import type { ModelView } from '../panes/model-view.ts';
import { NO_RANGES } from '../panes/rows.ts';
import { chanceOf, entropyOf } from './answered-rows.ts';
import { type Cells, categoriesOf, countCells, fitReferenceBins, gatherCells } from './count-cells.ts';
import { joinForPerformance, joinForSkew, rowsBetween } from './join-tables.ts';
import type { WindowLoss } from './page-cost.ts';
import { openPager, type Replay } from './replay.ts';
import { eventTimes, type RowWindow, windowsOfTime } from './row-windows.ts';
import { sumSignature } from './sum-signature.ts';

/** The rows of one stream, read from a file. */
export interface StreamRows {
  readonly table: Table;
  /** Column of the event time. */
  readonly time: string;
}

export interface ModelReplay {
  readonly view: ModelView;
  readonly config: ModelConfig;
  readonly budget: PageBudget;
  /** What the model was trained on: rows of training in this range of event time. */
  readonly trained: StreamRows & { readonly fromMs: number; readonly untilMs: number };
  readonly serving: StreamRows & { readonly fromMs: number };
  /** Without training rows beside the serving ones there is no feature skew, without labels no concept drift. */
  readonly training?: StreamRows;
  readonly labels?: StreamRows;
  /** Level of the log-loss on validation rows, in nats, and how many those were. */
  readonly performance: { readonly logLoss: number; readonly rows: number };
  /** Of a model of numbers with labels: mean squared error on its validation rows, by which errors count. */
  readonly squaredError?: number;
}

/**
 * Decides a model's windows as the running system does, from files: the same tasks in the same order through the
 * same functions. What a file cannot tell is left out: schemas of the writers, and rows that came late or twice.
 * One version is assumed to have served all along.
 */
export function openModelReplay(args: ModelReplay): {
  judge(instead?: ReadonlyMap<string, Column>): ModelReplayed;
} {
  const { view, config, trained } = args;
  const { segments } = view;
  const windowsOf = (rows: StreamRows, keep?: (timeMs: number) => boolean) =>
    windowsOfTime({
      table: rows.table,
      times: eventTimes(rows.table, rows.time),
      paneMs: config.pane,
      segments,
      ...(keep === undefined ? {} : { keep }),
    });
  const trainedWindows = windowsOf(trained, (ms) => ms >= trained.fromMs && ms < trained.untilMs);
  const compared = trainedWindows.filter(
    ({ startMs }) => !isWithinAny(startMs, config.pane, config.reference.exclude),
  );
  const bins = fitReferenceBins({ table: trained.table, view, windows: trainedWindows });
  const trainedCells = gatherCells(countCells({ table: trained.table, view, bins, windows: compared }));
  const joint = jointBasisOf({
    view,
    bins,
    panesOf: (feature) => (trainedCells.get(cellKey(feature, '')) ?? []).map(({ pane }) => pane),
  });
  const reference = versionReferenceOf({
    version: 'files',
    id: 'files',
    view,
    season: config.season,
    categories: categoriesOf(bins),
    performance: args.performance,
    cells: trainedCells,
    ...(joint === undefined || !config.joint
      ? {}
      : { joint, jointPast: trainedPast(args, joint, compared, trainedCells) }),
  });
  const serving = windowsOf(args.serving, (ms) => ms >= args.serving.fromMs);
  const cells = countCells({ table: args.serving.table, view, bins, windows: serving });
  const training = args.training === undefined ? [] : windowsOf(args.training);
  const labels = args.labels === undefined ? [] : windowsOf(args.labels);
  const times = streamTimes(args);
  const servingTimes = eventTimes(args.serving.table, args.serving.time);
  const labelTimes =
    args.labels === undefined ? new Float64Array(0) : eventTimes(args.labels.table, args.labels.time);

  return {
    judge(instead) {
      const counted =
        instead === undefined
          ? cells
          : countCells({ table: args.serving.table, view, bins, windows: serving, instead, before: cells });
      return replay({
        args,
        reference,
        serving,
        counted,
        training,
        labels,
        times,
        servingTimes,
        labelTimes,
        instead,
      });
    },
  };
}

function trainedPast(
  { config, trained, view }: ModelReplay,
  basis: JointBasis,
  windows: readonly RowWindow[],
  cells: Cells,
): JointPast {
  const signatures = windows.map(({ startMs, rows }) => ({
    startMs,
    signature: sumSignature({ table: trained.table, view, basis, rows }),
  }));
  return snapshotPast({ id: 'files', basis, config, windows: signatures, cells });
}

/** What a replay over files said, with the log-loss of its label windows and what predictions imply without labels. */
export interface ModelReplayed extends Replay {
  readonly losses: readonly WindowLoss[];
  readonly implied: readonly WindowLoss[];
}

function replay(all: {
  args: ModelReplay;
  reference: VersionReference;
  serving: readonly RowWindow[];
  counted: ReturnType<typeof countCells>;
  training: readonly RowWindow[];
  labels: readonly RowWindow[];
  times: StreamTimes;
  servingTimes: Float64Array;
  labelTimes: Float64Array;
  instead: ReadonlyMap<string, Column> | undefined;
}): ModelReplayed {
  const { args, reference, serving, training, labels } = all;
  const { view, config, budget } = args;
  const settings = { view, config, budget };
  const pager = openPager({ groupWithinMs: config.group_within });
  const verdicts: Verdict[] = [];
  const losses: WindowLoss[] = [];
  const basis = reference.joint;
  let judged: JudgedModel = NOTHING_JUDGED;
  let expectedFalsePages = 0;

  function decide(task: Task): readonly Verdict[] {
    const { startMs, stage } = task;
    const at = serving.findIndex((window) => window.startMs === startMs);
    const own = stage === 'labels' ? labels.find((window) => window.startMs === startMs) : serving[at];
    if (own === undefined) return [];
    const window = factsOf({ own, task });
    if (stage === 'serving') {
      const panes = new Map(all.counted[at]);
      const joint =
        basis === undefined
          ? undefined
          : {
              basis,
              signature: sumSignature({ ...all, view, basis, table: args.serving.table, rows: own.rows }),
              countsOf: (feature: string) => panes.get(cellKey(feature, ''))?.[0]?.pane,
            };
      const result = judgeServingWindow({
        settings,
        judged,
        window,
        versionPanes: panes,
        driftPanes: panes,
        reference,
        driftReference: reference,
        schemas: [],
        records: own.rows.length,
        driftJoint: joint,
        versionJoint: joint,
      });
      judged = result.judged;
      return result.verdicts;
    }
    if (stage === 'labels') return decideLabels(own, window);
    const side = training.find((other) => other.startMs === startMs);
    const rows = joinForSkew({
      view,
      training: { table: args.training?.table ?? args.serving.table, rows: side?.rows ?? [] },
      serving: { table: args.serving.table, rows: own.rows },
      ...(all.instead === undefined ? {} : { instead: all.instead }),
    });
    return judgeSkewWindow({ settings, window, rows });
  }

  function decideLabels(own: RowWindow, window: WindowFacts): readonly Verdict[] {
    if (args.labels === undefined) return [];
    const span = { fromMs: own.startMs, untilMs: own.endMs, labelDelayMs: config.label_delay };
    const { row, losses: each } = joinForPerformance({
      view,
      ...(args.squaredError === undefined ? {} : { squaredError: args.squaredError }),
      startMs: own.startMs,
      labels: {
        table: args.labels.table,
        rows: own.rows,
        times: all.labelTimes,
      },
      serving: {
        table: args.serving.table,
        rows: rowsBetween(serving, sinceOf(span), own.endMs),
        times: all.servingTimes,
      },
    });
    losses.push({ startMs: own.startMs, n: row.n, loss: row.loss });
    const result = judgeLabelWindow({ settings, judged, window, rows: [row], losses: each, reference });
    judged = result.judged;
    return result.verdicts;
  }

  for (const task of tasksOf({ ...all, config })) {
    const answers = decide(task);
    verdicts.push(...answers);
    expectedFalsePages += expectedFalsePagesOf(answers);
    pager.take(answers, task.readyMs);
  }
  return {
    verdicts,
    pages: pager.pages(),
    windows: serving.length,
    expectedFalsePages,
    losses,
    implied: impliedLosses(all),
  };
}

/** Entropy of the predictions of each serving window; none where the file has no probabilities. */
function impliedLosses(all: { args: ModelReplay; serving: readonly RowWindow[] }): WindowLoss[] {
  const { view, serving: file } = all.args;
  const column = file.table.columns.get(view.prediction);
  if (view.task !== 'classification' || column === undefined || column.form !== 'number') return [];
  const windows: WindowLoss[] = [];
  for (const { startMs, rows } of all.serving) {
    let [n, loss] = [0, 0];
    for (let at = 0; at < rows.length; at += 1) {
      const value = column.number(rows[at] ?? 0);
      if (value === null || Number.isNaN(value)) continue;
      if (value < 0 || value > 1) return [];
      n += 1;
      loss += entropyOf(chanceOf(value));
    }
    windows.push({ startMs, n, loss });
  }
  return windows;
}

/** Tasks in the order in which the running system would come to them. */
function* tasksOf(args: {
  config: ModelConfig;
  serving: readonly RowWindow[];
  training: readonly RowWindow[];
  labels: readonly RowWindow[];
  times: StreamTimes;
}): Generator<Task> {
  const next = new Map<StageName, number>();
  const [firstServing, firstLabels] = [args.serving[0]?.startMs, args.labels[0]?.startMs];
  if (firstServing !== undefined) next.set('serving', firstServing);
  if (firstServing !== undefined && args.training.length > 0) next.set('skew', firstServing);
  if (firstLabels !== undefined) next.set('labels', firstLabels);
  for (;;) {
    const stages = [...next].map(
      ([name, nextMs]): Stage => ({ name, nextMs, dirty: new Set(), revisions: new Map() }),
    );
    const [task] = nextTasks({
      stages,
      times: args.times,
      paneMs: args.config.pane,
      skewDelayMs: args.config.disorder.training,
    });
    if (task === undefined) return;
    yield task;
    next.set(task.stage, task.startMs + args.config.pane);
  }
}

/** Stream time at the end of each file. */
function streamTimes(args: ModelReplay): StreamTimes {
  const end = (rows: StreamRows | undefined, disorderMs: number) => {
    if (rows === undefined) return undefined;
    let latest = Number.NEGATIVE_INFINITY;
    for (const ms of eventTimes(rows.table, rows.time)) if (ms > latest) latest = ms;
    return Number.isFinite(latest) ? latest - disorderMs : undefined;
  };
  const { disorder } = args.config;
  const [training, serving, labels] = [
    end(args.training, disorder.training),
    end(args.serving, disorder.serving),
    end(args.labels, disorder.labels),
  ];
  return {
    ...(training === undefined ? {} : { training }),
    ...(serving === undefined ? {} : { serving }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function factsOf(args: { own: RowWindow; task: Task }): WindowFacts {
  return {
    startMs: args.own.startMs,
    endMs: args.own.endMs,
    revision: 0,
    version: 'files',
    ranges: NO_RANGES,
    rows: args.own.rows.length,
    streamTimeMs: args.task.readyMs,
  };
}
