import type { Change } from '../../src/core/incidents/change.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { Answers } from '../incidents/incident-desk.ts';
import { type Revised, reviseWindow } from './revise.ts';
import { STAGES, type Task } from './stage.ts';
import { iso, observationOf, type Verdict } from './verdict.ts';
import type { WindowJudge } from './window-judge.ts';

/**
 * Judges a window with late rows, and those after it up to `lastMs`, as if the rows had come in time. Only verdicts that
 * changed are written, each with the next revision and the stream time at which it became known. `own` are those of the window itself,
 * undefined when it has no pane.
 */
export async function judgeLate(args: {
  judge: WindowJudge;
  task: Task;
  lastMs: number;
  paneMs: number;
  streamTimeMs: number;
  clickhouse: ClickHouse;
  model: string;
  log: Log;
  write(verdicts: readonly Verdict[]): Promise<void>;
  /** Called for every window but the late one itself. */
  keepLedger(verdicts: readonly Verdict[]): Promise<void>;
}): Promise<{ windows: Answers[]; changes: Change[]; own: readonly Verdict[] | undefined }> {
  const { judge, task, lastMs, paneMs, clickhouse, model, log } = args;
  await judge.goBack(task.stage, task.startMs);
  const windows: Answers[] = [];
  const revised: Revised[] = [];
  let own: readonly Verdict[] | undefined;
  for (let startMs = task.startMs; startMs <= lastMs; startMs += paneMs) {
    const decided = await judge.decide({ ...task, startMs, readyMs: args.streamTimeMs });
    const verdicts = decided ?? [];
    const window = await reviseWindow({ clickhouse, model, windowStartMs: startMs, verdicts });
    await args.write(window.toWrite);
    if (window.toWrite.length > 0)
      log.info(
        { event: 'revised', stage: task.stage, window: iso(startMs), verdicts: window.toWrite.length },
        'Late rows changed verdicts',
      );
    if (startMs === task.startMs) own = decided;
    else await args.keepLedger(verdicts);
    const readyMs = task.readyMs + startMs - task.startMs;
    windows.push(answersOf({ ...task, startMs, readyMs }, verdicts));
    revised.push(window);
  }
  return { windows, changes: changesOf(revised, task.startMs), own };
}

/** The answers on one window, as incidents take them. */
export function answersOf(task: Task, verdicts: readonly Verdict[]): Answers {
  const excess = verdicts.find((verdict) => verdict.excess !== undefined)?.excess;
  return {
    name: `${task.stage}/${task.startMs}`,
    readyMs: task.readyMs,
    rank: STAGES.indexOf(task.stage),
    observations: verdicts.map(observationOf),
    ...(excess === undefined ? {} : { excess }),
  };
}

/** What was written now tells why; without any of it, what a process that died has written. */
function changesOf(revised: readonly Revised[], lateWindowMs: number): Change[] {
  const lateRows = revised[0]?.lateRows ?? 0;
  const all = revised.flatMap(({ changes }) => changes);
  const fresh = all.filter((change) => change.fresh);
  return (fresh.length > 0 ? fresh : all).map(({ fresh: _, ...change }) => ({
    ...change,
    lateWindowMs,
    lateRows,
  }));
}
