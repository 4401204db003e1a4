import type { Alias } from '../../core/experiments/aliases.ts';

/** What the dashboard asks of the database. Times are milliseconds since 1970, ranges are [from, until). */
export interface DashboardReader {
  progress(model: string): Promise<readonly Stage[]>;
  /** May be some seconds old: counting is not free. */
  accounting(): Promise<readonly AccountingLine[]>;
  /** As they are now, the newest first, at most `limit`. */
  incidents(model: string, limit: number): Promise<readonly IncidentNow[]>;
  /** Every transition, in order; empty for an unknown id. */
  incident(id: string): Promise<readonly Transition[]>;
  findings(model: string, incidentId: string): Promise<readonly FindingRow[]>;
  requests(model: string): Promise<readonly RequestRow[]>;
  versions(model: string): Promise<readonly VersionRow[]>;
  heatmap(args: Range & { model: string; kind: string; segment: string }): Promise<readonly HeatCell[]>;
  segments(model: string, kind: string): Promise<readonly string[]>;
  features(model: string): Promise<readonly string[]>;
  performance(args: Range & { model: string }): Promise<readonly DailyLoss[]>;
  /** Log-loss per day of serving as estimated before labels. */
  estimates(args: Range & { model: string }): Promise<readonly DailyEstimate[]>;
  verdicts(filter: VerdictFilter): Promise<readonly VerdictLine[]>;
  verdict(id: string): Promise<VerdictRow | undefined>;
  revisions(verdict: VerdictRow): Promise<readonly Revision[]>;
  /** Rows of the verdict's window that no verdict rests on. */
  lateRows(verdict: VerdictRow): Promise<number>;
  /** The two sides behind a verdict in the bins it was judged in; undefined for a kind without bins. */
  histogram(verdict: VerdictRow): Promise<Histogram | undefined>;
  catalogue(): Promise<readonly CatalogueRow[]>;
}

export interface Range {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Stage {
  readonly stage: string;
  readonly streamTimeMs: number;
  /** Wrote something in the last minutes of wall time. */
  readonly moving: boolean;
}

export interface AccountingLine {
  readonly topic: string;
  readonly consumed: number;
  readonly stored: number;
  readonly deadLetters: number;
  readonly tombstones: number;
  readonly unexplained: number;
}

export interface IncidentNow {
  readonly id: string;
  readonly revision: number;
  readonly kind: string;
  readonly severity: string;
  readonly status: string;
  readonly beganMs: number;
  /** Stream time of the first transition. */
  readonly openedMs: number;
  /** Stream time of the newest transition. */
  readonly changedMs: number;
  readonly features: readonly string[];
  readonly segments: readonly string[];
  readonly findings: number;
  readonly summary: string;
  readonly retrain: string;
}

export interface Transition {
  readonly id: string;
  readonly revision: number;
  readonly transition: string;
  readonly model: string;
  readonly kind: string;
  readonly severity: string;
  readonly status: string;
  readonly beganMs: number;
  readonly reportedMs: number;
  readonly features: readonly string[];
  readonly segments: readonly string[];
  readonly cause: string;
  readonly summary: string;
  /** Why it was corrected; empty while rows came in time. */
  readonly reason: string;
  readonly firstMover: { readonly kind: string; readonly feature: string; readonly segment: string };
  /** Empty segment: spread over all. */
  readonly carrier: { readonly segment: string; readonly share: number | null; readonly rows: number };
  readonly change: { readonly said: string; readonly atMs: number } | null;
  /** Nats; null: insufficient. */
  readonly cost: { readonly nats: number | null; readonly basis: string; readonly rows: number };
  readonly retrain: string;
}

export interface FindingRow {
  readonly id: string;
  readonly kind: string;
  readonly class: string;
  readonly feature: string;
  readonly segment: string;
  readonly status: string;
  readonly beganMs: number;
  readonly reportedMs: number;
  readonly lastSeenMs: number;
  readonly windows: number;
  readonly effect: number | null;
  readonly effectUnit: string;
  readonly evidence: string;
}

export interface RequestRow {
  readonly id: string;
  readonly incidentId: string | null;
  readonly cause: string;
  readonly requestedMs: number;
  readonly trainFromMs: number;
  readonly trainUntilMs: number;
}

export interface VersionRow {
  readonly version: string;
  readonly requestId: string;
  readonly status: string;
  readonly reasons: readonly string[];
  readonly parent: string;
  readonly createdMs: number;
  readonly sha256: string;
  readonly uri: string;
  readonly snapshotSha256: string;
  readonly snapshotRows: number;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly topic: string;
  readonly ranges: readonly OffsetRange[];
  readonly logLossBefore: number | null;
  readonly logLossAfter: number | null;
  readonly validationRows: number;
  readonly baselineLogLoss: number | null;
  readonly baselineLogLossSd: number | null;
  readonly config: string;
  readonly metrics: string;
  /** An experiment or a person took it back, and it has not answered since. */
  readonly rolledBack: boolean;
  /** What it goes by now, as the newest record of model-releases says; none for a version that does nothing. */
  readonly aliases: readonly Alias[];
  /** Share of the ids that it answers now, 0 to 1. */
  readonly share: number;
  /** What came of it, once its labels were there. */
  readonly receipt: VersionReceipt | null;
}

export interface VersionReceipt {
  readonly verdict: string;
  readonly reason: string;
  readonly labels: number;
  /** Nats of log-loss, before and after the release; null where it was not or could not be measured. */
  readonly predicted: number | null;
  readonly measured: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface OffsetRange {
  readonly partition: number;
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
}

/** Worst answer of one feature on one day. */
export interface HeatCell {
  readonly feature: string;
  readonly dayMs: number;
  readonly worst: VerdictState;
  /** Largest effect of a drift verdict, in multiples of the configured floor. */
  readonly timesFloor: number;
  /** Rows of the largest window. */
  readonly rows: number;
  readonly answers: number;
}

export interface DailyLoss {
  readonly dayMs: number;
  readonly version: string;
  readonly rows: number;
  readonly loss: number;
  readonly lossSquares: number;
}

export interface DailyEstimate {
  readonly dayMs: number;
  readonly version: string;
  /** Predictions. */
  readonly rows: number;
  readonly loss: number;
  readonly low: number;
  readonly high: number;
}

export interface VerdictFilter extends Range {
  readonly model: string;
  readonly kind: string | undefined;
  readonly feature: string | undefined;
  /** Empty for all rows, undefined for any segment. */
  readonly segment: string | undefined;
  readonly verdict: VerdictState | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface VerdictLine {
  readonly id: string;
  readonly kind: string;
  readonly feature: string;
  readonly segment: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly verdict: VerdictState;
  readonly statistic: string;
  readonly value: number | null;
  readonly pValue: number | null;
  readonly effect: number | null;
  readonly effectUnit: string;
  readonly n: number;
  readonly m: number;
  readonly need: number;
  readonly version: string;
  readonly revision: number;
  readonly evidence: string;
}

export interface VerdictRow extends Omit<VerdictLine, 'evidence'> {
  readonly model: string;
  readonly effectFloor: number;
  readonly threshold: number;
  readonly referenceId: string;
  /** JSON. */
  readonly detail: string;
  /** Topic of the ranges; empty for verdicts of old. */
  readonly topic: string;
  readonly ranges: readonly OffsetRange[];
  readonly configHash: string;
  readonly codeVersion: string;
  readonly streamTimeMs: number;
}

export interface Revision {
  readonly revision: number;
  readonly id: string;
  readonly verdict: VerdictState;
  readonly value: number | null;
  readonly effect: number | null;
  readonly n: number;
  readonly streamTimeMs: number;
}

/** Rows per bin of the reference window and of the current window. */
export interface Histogram {
  readonly binsId: string;
  readonly kind: string;
  readonly edges: readonly number[];
  readonly categories: readonly string[];
  readonly reference: ReadonlyMap<number, number>;
  readonly current: ReadonlyMap<number, number>;
}

export interface CatalogueRow {
  readonly table: string;
  readonly tableComment: string;
  readonly column: string;
  readonly type: string;
  readonly comment: string;
}

export const VERDICT_STATES = ['ok', 'drift', 'insufficient', 'no-reference'] as const;
export type VerdictState = (typeof VERDICT_STATES)[number];
