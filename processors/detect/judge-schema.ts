import { z } from 'zod';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { ModelView } from '../panes/model-view.ts';
import { short } from './describe.ts';
import { base, type WindowFacts } from './judge-serving.ts';
import type { Verdict } from './verdict.ts';

/**
 * Schema-skew verdicts of one window from the writer schemas its records were written with: one per class
 * and field ever seen on the topic, `drift` while records come with it. A wrong schema is certain, not
 * likely, so one record is enough. Pure.
 */
export function judgeSchemas(args: {
  view: ModelView;
  window: WindowFacts;
  rows: readonly SchemaUsageRow[];
  records: number;
}): Verdict[] {
  const { window } = args;
  return args.rows.map((row) => {
    const seen = row.records > 0;
    const refused = row.verdict === 'refused';
    const total = args.records + (refused ? row.records : 0);
    return {
      ...base({ kind: 'schema-skew', view: args.view, window }),
      feature: row.field,
      segment: '',
      verdict: seen ? 'drift' : 'ok',
      statistic: row.class,
      value: row.records / Math.max(1, total),
      effect: row.records / Math.max(1, total),
      effectUnit: 'share',
      effectFloor: 0,
      threshold: 0,
      n: total,
      m: 0,
      need: 0,
      referenceId: 'contract',
      detail: { records: row.records, writer_schema: row.verdict },
      beganMs: window.startMs,
      evidence: `${row.class}: ${row.detail}; ${row.records} of ${total} records (${short((100 * row.records) / Math.max(1, total))}%), ${refused ? 'dead-lettered' : 'stored'}`,
      harmful: true,
    };
  });
}

/**
 * Verdicts on writer schemas and on values together. A writer's enum and the values of its rows can be outside of the
 * same domain: then there is one verdict, that on the schema while records come with it, else that on the values.
 */
export function withValues(schemas: readonly Verdict[], values: readonly Verdict[]): Verdict[] {
  const key = ({ statistic, feature }: Verdict) => `${statistic}\u0000${feature}`;
  const coming = new Set(schemas.filter(({ verdict }) => verdict === 'drift').map(key));
  const kept = values.filter((verdict) => !coming.has(key(verdict)));
  const told = new Set(kept.map(key));
  return [...schemas.filter((verdict) => !told.has(key(verdict))), ...kept];
}

export const SCHEMA_USAGE_ROW = z.object({
  class: z.string(),
  field: z.string(),
  verdict: z.string(),
  detail: z.string(),
  records: count,
});
export type SchemaUsageRow = z.infer<typeof SCHEMA_USAGE_ROW>;
