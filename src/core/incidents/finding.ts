import { eventId } from '../uuid.ts';

/** The five ways a model goes wrong. */
export const DRIFT_KINDS = [
  'schema-skew',
  'feature-skew',
  'distribution-skew',
  'data-drift',
  'concept-drift',
] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** One answer about one window, as far as incidents care. */
export interface Observation {
  readonly model: string;
  readonly kind: DriftKind;
  /** Class of schema skew, else the statistic. */
  readonly class: string;
  readonly feature: string;
  readonly segment: string;
  readonly verdict: 'ok' | 'drift' | 'insufficient' | 'no-reference';
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** Event time the drift began as far as the evidence tells; for ok the window's start. */
  readonly beganMs: number;
  readonly value?: number;
  readonly pValue?: number;
  readonly effect?: number;
  readonly effectUnit: string;
  /** What was seen, in one sentence with its numbers. */
  readonly evidence: string;
  /** True when the change makes the model worse, or may. */
  readonly harmful: boolean;
  /** Rows of the window that count. */
  readonly n?: number;
  /** Concept drift: what changed, see tell-apart.ts. */
  readonly conceptChange?: string;
  /** The smallest segment that carries the change, see withCarriers. */
  readonly carrier?: Carrier;
}

/** A segment and how much of a change is in it. */
export interface Carrier {
  /** field=value */
  readonly segment: string;
  /** Share of the change that is there, 0 to 1. */
  readonly share: number;
  /** Its rows in the window. */
  readonly n: number;
}

/** A run of drift verdicts of one feature and segment. */
export interface Finding {
  readonly id: string;
  readonly revision: number;
  readonly incidentId: string;
  readonly status: 'open' | 'closed';
  readonly first: Observation;
  /** Observation with the largest effect so far, of those that say what changed if any does. */
  readonly worst: Observation;
  readonly reportedMs: number;
  readonly lastSeenMs: number;
  readonly windows: number;
  /** Windows in a row that were ok. */
  readonly calm: number;
}

/** Which run an observation belongs to. */
export function cellOf(
  observation: Pick<Observation, 'model' | 'kind' | 'class' | 'feature' | 'segment'>,
): string {
  const { model, kind, class: name, feature, segment } = observation;
  return [model, kind, kind === 'schema-skew' ? name : '', feature, segment].join('\u0000');
}

export function openFinding(args: {
  observation: Observation;
  incidentId: string;
  reportedMs: number;
}): Finding {
  const { observation } = args;
  return {
    id: findingId(observation),
    revision: 0,
    incidentId: args.incidentId,
    status: 'open',
    first: observation,
    worst: observation,
    reportedMs: args.reportedMs,
    lastSeenMs: observation.windowEndMs,
    windows: 1,
    calm: 0,
  };
}

export function findingId(observation: Observation): string {
  return eventId('finding', cellOf(observation), observation.windowStartMs);
}

/** The finding after one more window; the same object when nothing about it changed. */
export function continueFinding(args: {
  finding: Finding;
  observation: Observation;
  closeAfter: number;
}): Finding {
  const { finding, observation, closeAfter } = args;
  if (observation.verdict === 'drift') {
    const named = finding.worst.conceptChange === OPEN && observation.conceptChange !== OPEN;
    const worse = named || (observation.effect ?? 0) > (finding.worst.effect ?? 0);
    return {
      ...finding,
      revision: finding.revision + 1,
      worst: worse ? observation : finding.worst,
      lastSeenMs: observation.windowEndMs,
      windows: finding.windows + 1,
      calm: 0,
    };
  }
  if (observation.verdict !== 'ok') return finding;
  const calm = finding.calm + 1;
  if (calm < closeAfter) return { ...finding, calm };
  return { ...finding, revision: finding.revision + 1, status: 'closed', calm };
}

/** What changed could not be told. */
const OPEN = 'insufficient';
