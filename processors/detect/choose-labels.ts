import { z } from 'zod';
import { encodeRows } from '../../src/core/concept/encode-rows.ts';
import { type LabelRequest, labelNext } from '../../src/core/concept/label-next.ts';
import { type Answer, answersOf } from '../../src/core/performance/answers.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { ModelView } from '../panes/model-view.ts';
import { featuresOf, NUMBERS } from './read-labelled.ts';

/**
 * The examples of a window without a label that are worth having labelled next; what was served in as many days
 * before it, four times over, is what they are compared with. Without rows on either side the list is empty.
 */
export async function chooseLabels(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  fromMs: number;
  untilMs: number;
  count: number;
}): Promise<LabelChoice> {
  const { clickhouse, view, fromMs, untilMs } = args;
  const { id, prediction, probabilities, tables, task } = view;
  const answer =
    probabilities === undefined ? { number: [{ prediction }] } : { classes: [{ probabilities }] };
  const read = (from: number, until: number, labelledToo: boolean) =>
    clickhouse.rows(
      'served-features',
      {
        id,
        serving: tables.serving,
        labels: tables.labels,
        from: new Date(from),
        until: new Date(until),
        labelled_too: labelledToo,
        most: MOST_ROWS,
      },
      SERVED_ROW,
      { ...featuresOf(view), ...answer },
    );
  const [before, rows] = await Promise.all([
    read(fromMs - TIMES_BEFORE * (untilMs - fromMs), fromMs, true),
    read(fromMs, untilMs, false),
  ]);
  const encode = encodeRows(before);
  const requests = labelNext({
    reference: before.map(encode),
    current: rows.map((row) => ({ id: row.id, p: answerIn(row.p), x: encode(row) })),
    count: args.count,
    task,
  });
  return { requests, unlabelled: rows.length, reference: before.length };
}

/** A number as it is; of probabilities the likeliest class with all of them. */
function answerIn(p: z.infer<typeof SERVED_ROW>['p']): Answer {
  if (typeof p === 'number') return p;
  const classes = Object.keys(p);
  const [answer] = classes.length === 0 ? [] : answersOf(Object.values(p), classes);
  return answer ?? Number.NaN;
}

export interface LabelChoice {
  /** Best first. */
  readonly requests: readonly LabelRequest[];
  /** Examples of the window without a label, and those before it: what the list rests on. */
  readonly unlabelled: number;
  readonly reference: number;
}

const TIMES_BEFORE = 4;
const MOST_ROWS = 20_000;
const SERVED_ROW = z.object({
  id: z.string(),
  p: z.union([z.number(), z.record(z.string(), z.number())]),
  numbers: NUMBERS,
  texts: z.array(z.string()),
  labelled: z.boolean(),
});
