import { paneOf } from '../../src/core/windows/pane.ts';

/**
 * One kind of pane of a model and how far it has been taken: `serving` windows of inputs, `labels` windows
 * of outcomes, `skew` windows joined by id. Plain data.
 */
export interface Stage {
  readonly name: StageName;
  /** Start of the first pane that has not been judged; undefined before the first record. */
  readonly nextMs?: number;
  /** Start of the first pane that had anything to judge: what is late for an earlier one corrects nothing. */
  readonly firstMs?: number;
  /** Judged panes that records came late for. */
  readonly dirty: ReadonlySet<number>;
  readonly revisions: ReadonlyMap<number, number>;
  /**
   * End of the last pane that a process before this one judged without recording its progress: its incidents are
   * written, and rest on verdicts that are given again before anything is corrected.
   */
  readonly owedMs?: number;
}

export const STAGES = ['serving', 'skew', 'labels'] as const;
export type StageName = (typeof STAGES)[number];

/** Watermarks of the three streams, milliseconds since 1970; a stream without records has none. */
export interface StreamTimes {
  readonly training?: number;
  readonly serving?: number;
  readonly labels?: number;
}

export interface Task {
  readonly stage: StageName;
  readonly startMs: number;
  readonly revision: number;
  /** Stream time at which the pane could first be judged. */
  readonly readyMs: number;
}

/**
 * The next pane of every stage that has one ready, in the order in which they are to be judged: in each stage late ones
 * first, then the one that was ready first. A stage whose stream stands still does not hold the others up. While a pane
 * of any stage is owed no late one is judged.
 */
export function nextTasks(args: {
  stages: readonly Stage[];
  times: StreamTimes;
  paneMs: number;
  skewDelayMs: number;
}): readonly Task[] {
  const owes = args.stages.some(({ nextMs, owedMs }) => owedMs !== undefined && (nextMs ?? 0) < owedMs);
  return args.stages
    .flatMap((stage) => tasksOf({ ...args, stage, owes }).toSorted(inOrder)[0] ?? [])
    .toSorted(inOrder);
}

function tasksOf(args: {
  stage: Stage;
  owes: boolean;
  times: StreamTimes;
  paneMs: number;
  skewDelayMs: number;
}): Task[] {
  const { stage, paneMs } = args;
  const delayMs = stage.name === 'skew' ? args.skewDelayMs : 0;
  const late = (args.owes ? [] : [...stage.dirty]).map((startMs) => ({
    stage: stage.name,
    startMs,
    // One of which nothing had come was judged as well.
    revision: (stage.revisions.get(startMs) ?? 0) + 1,
    readyMs: startMs + paneMs + delayMs,
  }));
  if (stage.nextMs === undefined || !isComplete(stage, args)) return late;
  const readyMs = stage.nextMs + paneMs + delayMs;
  return [...late, { stage: stage.name, startMs: stage.nextMs, revision: 0, readyMs }];
}

function inOrder(a: Task, b: Task): number {
  return a.readyMs - b.readyMs || STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage);
}

/**
 * Panes of a stage that late records of a stream belong to, among those already judged, even where nothing had come,
 * and not further back than `latenessMs`: records for older ones are stored, and show in the view late_rows.
 */
export function lateFor(args: {
  stage: Stage;
  eventTimesMs: readonly number[];
  paneMs: number;
  reachMs: number;
  latenessMs: number;
}): number[] {
  const { stage, paneMs } = args;
  const { firstMs, nextMs } = stage;
  if (firstMs === undefined || nextMs === undefined) return [];
  const panes = new Set<number>();
  for (const eventTimeMs of args.eventTimesMs) {
    for (let pane = paneOf(eventTimeMs, paneMs); pane <= eventTimeMs + args.reachMs; pane += paneMs) {
      if (pane >= firstMs && pane < nextMs && !isTooLate({ ...args, startMs: pane, nextMs })) panes.add(pane);
    }
  }
  return [...panes];
}

/** Whether a pane ended so long before the newest judged one that late records no longer correct it. */
export function isTooLate(args: {
  startMs: number;
  paneMs: number;
  nextMs: number;
  latenessMs: number;
}): boolean {
  return args.startMs + args.paneMs + args.latenessMs < args.nextMs;
}

function isComplete(stage: Stage, { times, paneMs }: { times: StreamTimes; paneMs: number }): boolean {
  const endMs = (stage.nextMs ?? 0) + paneMs;
  const passed = (time: number | undefined) => time !== undefined && time >= endMs;
  if (stage.name === 'serving') return passed(times.serving);
  if (stage.name === 'labels') return passed(times.serving) && passed(times.labels);
  return passed(times.serving) && passed(times.training);
}
