import type { ConceptVerdict } from '../../src/core/concept/tell-apart.ts';
import type { DriftKind, Observation } from '../../src/core/incidents/finding.ts';
import type { VersionExcess } from '../../src/core/incidents/retrain-rules.ts';
import { eventId } from '../../src/core/uuid.ts';
import { NO_RANGES, type OffsetRanges } from '../panes/rows.ts';

/** One answer with everything behind it, before it becomes a row of `verdicts` and an observation for incidents. */
export interface Verdict {
  readonly model: string;
  readonly kind: DriftKind;
  readonly feature: string;
  readonly segment: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly revision: number;
  readonly verdict: 'ok' | 'drift' | 'insufficient' | 'no-reference';
  readonly statistic: string;
  readonly value?: number;
  readonly pValue?: number;
  readonly effect?: number;
  readonly effectUnit: string;
  readonly effectFloor: number;
  readonly threshold: number;
  readonly n: number;
  readonly m: number;
  readonly need: number;
  readonly referenceId: string;
  readonly version: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Topic of the offset ranges. */
  readonly topic: string;
  readonly ranges?: OffsetRanges;
  /** Topic of the other side of a join, and its offset ranges. */
  readonly joined?: { readonly topic: string; readonly ranges: OffsetRanges };
  /** Rows in the window, those of a joined topic included. */
  readonly rows: number;
  readonly streamTimeMs: number;
  readonly beganMs: number;
  readonly evidence: string;
  readonly harmful: boolean;
  /** Concept drift: which of the three things changed, once that was asked. */
  readonly conceptChange?: ConceptVerdict['verdict'];
  /** Of a window of labels: what retraining is decided by. */
  readonly excess?: VersionExcess;
}

/** The row as the table has it. Ids and bytes depend on nothing but what the verdict is about. */
export function verdictRow(verdict: Verdict, origin: Origin): Record<string, unknown> {
  const ranges = verdict.ranges ?? NO_RANGES;
  const joined = verdict.joined?.ranges ?? NO_RANGES;
  return {
    verdict_id: verdictId(verdict, origin),
    model: verdict.model,
    kind: verdict.kind,
    feature: verdict.feature,
    segment: verdict.segment,
    window_start: iso(verdict.windowStartMs),
    window_end: iso(verdict.windowEndMs),
    revision: verdict.revision,
    verdict: verdict.verdict,
    statistic: verdict.statistic,
    value: verdict.value ?? null,
    p_value: verdict.pValue ?? null,
    effect: verdict.effect ?? null,
    effect_unit: verdict.effectUnit,
    effect_floor: verdict.effectFloor,
    threshold: verdict.threshold,
    n: verdict.n,
    m: verdict.m,
    need: verdict.need,
    reference_id: verdict.referenceId,
    version: verdict.version,
    detail: detailOf(verdict),
    topic: verdict.topic,
    partitions: ranges.partitions,
    first_offsets: ranges.firstOffsets,
    end_offsets: ranges.endOffsets,
    joined_topic: verdict.joined?.topic ?? '',
    joined_partitions: joined.partitions,
    joined_first_offsets: joined.firstOffsets,
    joined_end_offsets: joined.endOffsets,
    rows: verdict.rows,
    config_hash: origin.configHash,
    code_version: origin.codeVersion,
    stream_time: iso(verdict.streamTimeMs),
  };
}

/** JSON of everything behind the number. */
export function detailOf(verdict: Verdict): string {
  return JSON.stringify({ ...verdict.detail, evidence: verdict.evidence });
}

export function observationOf(verdict: Verdict): Observation {
  return {
    model: verdict.model,
    kind: verdict.kind,
    class: verdict.statistic,
    feature: verdict.feature,
    segment: verdict.segment,
    verdict: verdict.verdict,
    windowStartMs: verdict.windowStartMs,
    windowEndMs: verdict.windowEndMs,
    beganMs: verdict.beganMs,
    ...(verdict.value === undefined ? {} : { value: verdict.value }),
    ...(verdict.pValue === undefined ? {} : { pValue: verdict.pValue }),
    ...(verdict.effect === undefined ? {} : { effect: verdict.effect }),
    effectUnit: verdict.effectUnit,
    evidence: verdict.evidence,
    harmful: verdict.harmful,
    n: verdict.n,
    ...(verdict.conceptChange === undefined ? {} : { conceptChange: verdict.conceptChange }),
  };
}

/** Settings and code that a verdict came from. */
export interface Origin {
  readonly configHash: string;
  readonly codeVersion: string;
}

function verdictId(v: Verdict, origin: Origin): string {
  return eventId(
    'verdict',
    v.model,
    v.kind,
    v.statistic,
    v.feature,
    v.segment,
    v.windowStartMs,
    v.revision,
    origin.configHash,
  );
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
