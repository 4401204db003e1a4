import { z } from 'zod';
import type { RawRow } from '../../src/core/concept/encode-rows.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { labelJoin } from '../panes/join-panes.ts';
import type { ModelView } from '../panes/model-view.ts';

/** A labelled row: what the model saw, what it answered, what was true. */
export interface LabelledRow extends RawRow {
  readonly p: number;
  readonly y: number;
}

/** Labelled rows that one version answered, in a range of label time; at most `most`, chosen by their ids alone. */
export async function readLabelled(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  version: string;
  fromMs: number;
  untilMs: number;
  paneMs: number;
  labelDelayMs: number;
  most: number;
}): Promise<LabelledRow[]> {
  const { clickhouse, view, fromMs } = args;
  // The join reaches back from its first pane.
  const since = labelJoin({ view, fromMs, untilMs: fromMs + args.paneMs, labelDelayMs: args.labelDelayMs });
  const params = {
    ...since,
    until: new Date(args.untilMs),
    version: view.version,
    wanted: args.version,
    most: args.most,
  };
  return clickhouse.rows('labelled-rows', params, LABELLED_ROW, featuresOf(view));
}

/** Lists for statements that read the features of rows: numbers first, then everything else as text. */
export function featuresOf(view: ModelView) {
  const names = (kind: 'numeric' | 'categorical') =>
    view.features.filter((feature) => feature.kind === kind).map(({ field }) => field.name);
  return {
    numeric: names('numeric').map((feature) => ({ feature })),
    category: names('categorical').map((field) => ({ field })),
  };
}

/** NaN and infinities come as text. */
export const NUMBERS = z.array(
  z.union([z.number(), z.string()]).transform((value) => (typeof value === 'number' ? value : Number.NaN)),
);
const LABELLED_ROW = z.object({ p: z.number(), y: z.number(), numbers: NUMBERS, texts: z.array(z.string()) });
