import { z } from 'zod';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { Kafka } from '../../src/io/kafka/port.ts';
import { FINDING_ROW, REQUEST_ROW, TRANSITION_ROW } from '../../src/server/dashboard/incident-rows.ts';
import { ACCOUNTING_ROW } from '../../src/server/dashboard/system-rows.ts';
import { MODEL } from './ports.ts';
import { TOPICS } from './replay.ts';
import { FAULTS, type Fault, faultOf } from './story.ts';

/** What came of the story, read back from ClickHouse and Kafka. */
export interface Summary {
  readonly findings: readonly (Finding & { readonly fault: Fault | undefined })[];
  readonly faults: readonly { readonly fault: Fault; readonly first: Finding | undefined }[];
  readonly incidents: readonly Incident[];
  readonly retrains: readonly z.infer<typeof REQUEST_ROW>[];
  readonly versions: readonly z.infer<typeof VERSION>[];
  readonly produced: number;
  readonly accounting: z.infer<typeof ACCOUNTING>;
}

export type Finding = z.infer<typeof FINDING>;
export type Incident = z.infer<typeof INCIDENT>;

/** Reads the summary. `produced` is what the brokers hold, so it does not depend on what the replay remembers. */
export async function readSummary(args: { clickhouse: ClickHouse; kafka: Kafka }): Promise<Summary> {
  const { clickhouse, kafka } = args;
  const model = { model: MODEL };
  const found = await clickhouse.rows('summary-findings', model, FINDING);
  const findings = found.map((finding) => ({
    ...finding,
    fault: faultOf({ ...finding, beganMs: finding.began }),
  }));
  const [accounting] = await clickhouse.rows('summary-accounting', { topics: TOPICS }, ACCOUNTING);
  const marks = await Promise.all(TOPICS.map((topic) => kafka.watermarks(topic)));
  return {
    findings,
    faults: FAULTS.map((fault) => ({ fault, first: findings.find((finding) => finding.fault === fault) })),
    ...(await readNews(clickhouse)),
    produced: marks.flat().reduce((sum, { low, high }) => sum + high - low, 0),
    accounting: accounting ?? { consumed: 0, stored: 0, dead_letters: 0, tombstones: 0, unexplained: 0 },
  };
}

/** What happened so far, without the counting: cheap enough to ask for every day. */
export async function readNews(
  clickhouse: ClickHouse,
): Promise<Pick<Summary, 'incidents' | 'retrains' | 'versions'>> {
  const model = { model: MODEL };
  return {
    incidents: await clickhouse.rows('summary-incidents', model, INCIDENT),
    retrains: await clickhouse.rows('summary-retrains', model, REQUEST_ROW),
    versions: await clickhouse.rows('summary-versions', model, VERSION),
  };
}

/** The summary as `--json` prints it. */
export function summaryJson(summary: Summary, seconds: number): Record<string, unknown> {
  const { accounting } = summary;
  const opened = summary.incidents.filter((incident) => incident.transition === 'open');
  return {
    events: summary.produced,
    stored: accounting.stored,
    dead_letters: accounting.dead_letters,
    tombstones: accounting.tombstones,
    unexplained: accounting.unexplained + summary.produced - accounting.consumed,
    findings: summary.findings.map(({ kind, class: name, feature, segment, began, reported, fault }) => ({
      kind,
      class: name,
      feature,
      segment,
      began: iso(began),
      reported: iso(reported),
      injected: fault !== undefined,
      ...(fault === undefined ? {} : { fault: fault.name }),
    })),
    incidents: opened.length,
    alerts: opened.filter(({ severity }) => severity === 'ALERT').length,
    retrains: summary.retrains.length,
    releases: summary.versions.map(({ version, status, log_loss_before, log_loss_after }) => ({
      version,
      status,
      log_loss_before,
      log_loss_after,
    })),
    seconds: Math.round(seconds * 10) / 10,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const FINDING = FINDING_ROW.extend({ incident_id: z.string() });
const INCIDENT = TRANSITION_ROW.omit({
  model: true,
  cause: true,
  reason: true,
  first_kind: true,
  first_feature: true,
  first_segment: true,
  carrier_share: true,
  carrier_rows: true,
  change_at: true,
});
const VERSION = z.object({
  version: z.string(),
  status: z.string(),
  reasons: z.array(z.string()),
  parent: z.string(),
  created: instant,
  request_id: z.string(),
  snapshot_rows: count,
  validation_rows: count,
  log_loss_before: z.number().nullable(),
  log_loss_after: z.number().nullable(),
});
const ACCOUNTING = ACCOUNTING_ROW.omit({ topic: true });
