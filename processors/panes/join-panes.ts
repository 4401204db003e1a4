import type { Field } from '../../src/core/contract/contract.ts';
import { paneOf } from '../../src/core/windows/pane.ts';
import type { ClickHouse, Repeated } from '../../src/io/clickhouse/client.ts';
import { FEATURES_AT_ONCE, rangeParams, segmentParams } from './compute-panes.ts';
import type { ModelView, ViewedFeature } from './model-view.ts';
import { withRevision } from './pane-revision.ts';
import { NO_RANGES } from './rows.ts';

/** Joins training and serving of one pane by id and compares every feature, per segment. The revision is written last. */
export async function computeSkewPane(args: JoinArgs): Promise<number> {
  const { clickhouse, view } = args;
  const base = {
    model: view.model,
    id: view.id,
    training: view.tables.training,
    serving: view.tables.serving,
    from: new Date(args.fromMs),
    until: new Date(args.untilMs),
    revision: args.revision,
  };
  const segment = segmentParams(view.segments);
  const { training, serving } = view.tables;
  const also = { table: training, fromMs: args.fromMs };
  return withJoinedRevision({ ...args, stream: 'skew', table: serving, also }, async () => {
    for (let at = 0; at < view.features.length; at += FEATURES_AT_ONCE) {
      const some = view.features.slice(at, at + FEATURES_AT_ONCE).toSorted(momentsLast);
      const shared = {
        ...base,
        features: some.map(({ field }) => field.name),
        numeric: some.map((feature) => comparisonOf(feature).numeric),
        absolute: some.map((feature) => comparisonOf(feature).absolute),
        relative: some.map((feature) => comparisonOf(feature).relative),
      };
      const moments = some.filter(({ field }) => isMoment(field));
      const feature = some
        .filter(({ field }) => !isMoment(field))
        .map(({ field }) => ({ feature: field.name }));
      const moment = moments.map(({ field }) => ({ moment: field.name }));
      await clickhouse.runEach({ name: 'skew-pane', shared, each: { feature, moment, segment } });
    }
  });
}

/**
 * When two values of one example agree: as numbers within a tolerance, or as texts. Moments are numbers of
 * milliseconds since 1970, and agree to the millisecond unless the contract says otherwise.
 */
export function comparisonOf({ field, kind }: ViewedFeature): {
  numeric: boolean;
  absolute: number;
  relative: number;
} {
  return {
    numeric: kind === 'numeric',
    absolute: field.tolerance?.absolute ?? 0,
    relative: field.tolerance?.relative ?? (field.kind === 'numeric' ? ROUNDING : 0),
  };
}

/** Whether the column of a field holds moments, not numbers or texts. */
export function isMoment({ avro }: Field): boolean {
  return avro === 'timestamp-millis' || avro === 'timestamp-micros' || avro === 'date';
}

function momentsLast(a: ViewedFeature, b: ViewedFeature): number {
  return Number(isMoment(a.field)) - Number(isMoment(b.field));
}

/** Joins the labels of one pane of label time to their predictions. The revision is written last. */
export async function computePerformancePane(args: JoinArgs & { labelDelayMs: number }): Promise<number> {
  const { clickhouse, view } = args;
  const shared = { ...labelJoin(args), model: view.model, revision: args.revision };
  const segment = [{ segment: view.version, segment_name: 'version' }, ...segmentParams(view.segments)];
  const also = { table: view.tables.serving, fromMs: sinceOf(args) };
  return withJoinedRevision({ ...args, stream: 'labels', table: view.tables.labels, also }, () =>
    clickhouse.runEach({ name: 'performance-pane', shared, each: { segment, ...answerOf(view) } }),
  );
}

/** The list of what the model answers, of those that the statements on losses know. */
export function answerOf({ task, prediction, probabilities, version, model }: ModelView): Repeated {
  switch (task) {
    case 'classification':
      return { binary: [{ prediction }] };
    case 'multiclass':
      return { classes: [{ prediction, probabilities }] };
    case 'regression':
      return { number: [{ prediction, version, model }] };
  }
}

/** Parameters of the statements that join labels to predictions. */
export function labelJoin(args: {
  view: ModelView;
  fromMs: number;
  untilMs: number;
  labelDelayMs: number;
}): Record<string, unknown> {
  const { view } = args;
  return {
    id: view.id,
    label: view.label,
    prediction: view.prediction,
    labels: view.tables.labels,
    serving: view.tables.serving,
    from: new Date(args.fromMs),
    until: new Date(args.untilMs),
    since: new Date(sinceOf(args)),
  };
}

/** Start of the first pane whose predictions the labels may belong to. */
export function sinceOf(args: { fromMs: number; untilMs: number; labelDelayMs: number }): number {
  return paneOf(args.fromMs - args.labelDelayMs, args.untilMs - args.fromMs);
}

export interface JoinArgs {
  readonly clickhouse: ClickHouse;
  readonly view: ModelView;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly revision: number;
  readonly version: string;
  readonly streamTimeMs: number;
}

function withJoinedRevision(
  args: JoinArgs & { stream: string; table: string; also: { table: string; fromMs: number } },
  reduce: () => Promise<void>,
): Promise<number> {
  const { table, also, fromMs, untilMs } = args;
  const sources = {
    table,
    also: also.table,
    also_from: new Date(also.fromMs),
    also_until: new Date(untilMs),
    from: new Date(fromMs),
    until: new Date(untilMs),
    ...rangeParams(NO_RANGES),
  };
  const of = { model: args.view.model, binsIds: [''], paneMs: untilMs - fromMs };
  return withRevision({ ...args, ...of, sources }, reduce);
}

/** float32 on one side and float64 on the other is not skew. */
const ROUNDING = 1e-6;
