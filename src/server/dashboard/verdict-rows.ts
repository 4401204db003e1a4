import { z } from 'zod';
import { count, instant, measured } from '../../io/clickhouse/columns.ts';
import { OFFSET_RANGES, rangesOf } from './offset-ranges.ts';
import { VERDICT_STATES } from './reader.ts';

/** Rows of schemas/queries/dashboard-*.sql about verdicts: the heat of many, one with its revisions, and its bins. */

const state = z.enum(VERDICT_STATES);
export const HEAT = z
  .object({
    feature: z.string(),
    day: instant,
    worst: state,
    times_floor: z.number(),
    rows: count,
    answers: count,
  })
  .transform(({ day: dayMs, times_floor: timesFloor, ...row }) => ({ ...row, dayMs, timesFloor }));
export const SEGMENT = z.object({ segment: z.string() });
export const FEATURE = z.object({ feature: z.string() });
const VERDICT_FIELDS = {
  verdict_id: z.string(),
  kind: z.string(),
  feature: z.string(),
  segment: z.string(),
  window_start: instant,
  window_end: instant,
  verdict: state,
  statistic: z.string(),
  value: measured,
  p_value: measured,
  effect: measured,
  effect_unit: z.string(),
  n: count,
  m: count,
  need: count,
  version: z.string(),
  revision: count,
};
type VerdictFields = z.infer<z.ZodObject<typeof VERDICT_FIELDS>>;
function verdictFields(row: VerdictFields) {
  const { verdict_id: id, window_start: windowStartMs, window_end: windowEndMs, ...rest } = row;
  const { kind, feature, segment, verdict, statistic, value, effect, n, m, need, version, revision } = rest;
  return {
    ...{ id, kind, feature, segment, windowStartMs, windowEndMs, verdict, statistic, value, effect },
    ...{ n, m, need, version, revision, pValue: rest.p_value, effectUnit: rest.effect_unit },
  };
}
export const VERDICT_LINE = z
  .object({ ...VERDICT_FIELDS, evidence: z.string() })
  .transform((row) => ({ ...verdictFields(row), evidence: row.evidence }));
export const VERDICT = z
  .object({
    ...VERDICT_FIELDS,
    model: z.string(),
    effect_floor: z.number(),
    threshold: z.number(),
    reference_id: z.string(),
    detail: z.string(),
    topic: z.string(),
    ...OFFSET_RANGES,
    config_hash: z.string(),
    code_version: z.string(),
    stream_time: instant,
  })
  .transform((row) => ({
    ...verdictFields(row),
    model: row.model,
    effectFloor: row.effect_floor,
    threshold: row.threshold,
    referenceId: row.reference_id,
    detail: row.detail,
    topic: row.topic,
    ranges: rangesOf(row),
    configHash: row.config_hash,
    codeVersion: row.code_version,
    streamTimeMs: row.stream_time,
  }));
export const LATE = z.object({ late: count });
export const REVISION = z
  .object({
    revision: count,
    verdict_id: z.string(),
    verdict: state,
    value: measured,
    effect: measured,
    n: count,
    stream_time: instant,
  })
  .transform(({ verdict_id: id, stream_time: streamTimeMs, ...row }) => ({ ...row, id, streamTimeMs }));
export const BINS = z.object({
  bins_id: z.string(),
  kind: z.string(),
  edges: z.array(z.number()),
  categories: z.array(z.string()),
});
export const CODE = z.object({ code: z.number(), rows: count });
