import type { ModelConfig } from '../../src/config.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { computePanes } from '../panes/compute-panes.ts';
import { computePerformancePane, computeSkewPane } from '../panes/join-panes.ts';
import type { AxesOf } from '../panes/joint-pane.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { WindowReader } from './read-window.ts';
import type { VersionReference } from './references.ts';
import type { Task } from './stage.ts';
import type { WindowJudge } from './window-judge.ts';

/** Reduces the rows of a task's window to the panes that its verdicts are decided from; false when there is nothing to judge. */
export async function reduceWindow(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  config: ModelConfig;
  read: Pick<WindowReader, 'servingVersion'>;
  judge: Pick<WindowJudge, 'versionReference' | 'driftReference'>;
  axes: AxesOf;
  task: Task;
}): Promise<boolean> {
  const { clickhouse, view, config, judge, task } = args;
  const { startMs, revision, readyMs } = task;
  const window = { fromMs: startMs, untilMs: startMs + config.pane };
  const version = task.stage === 'serving' ? await args.read.servingVersion(window) : '';
  const common = { clickhouse, view, ...window, revision, version, streamTimeMs: readyMs };
  if (task.stage === 'skew') return (await computeSkewPane(common)) > 0;
  if (task.stage === 'labels')
    return (await computePerformancePane({ ...common, labelDelayMs: config.label_delay })) > 0;
  const references = new Map<string, VersionReference>();
  for (const reference of [await judge.versionReference(version), await judge.driftReference()])
    if (reference !== undefined) references.set(reference.id, reference);
  const stored = config.joint ? await Promise.all([...references.values()].map(args.axes)) : [];
  const joint = stored.filter((axes) => axes !== undefined);
  const serving = { ...common, table: view.tables.serving, stream: 'serving', paneMs: config.pane, joint };
  if (references.size === 0) return false;
  return (await computePanes({ ...serving, binsIds: [...references.keys()] })) > 0;
}
