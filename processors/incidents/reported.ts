import { z } from 'zod';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { instant } from '../../src/io/clickhouse/columns.ts';
import type { Outbox } from '../../src/runtime/outbox.ts';
import { alerts, retrainRequests } from '../../topics/index.ts';
import type { Reported } from './incident-desk.ts';
import {
  alertEvent,
  FINDING_ROW,
  INCIDENT_ROW,
  incidentOf,
  type RetrainRequest,
  reportedOf,
  retrainEvent,
} from './report.ts';

/**
 * What was reported about a model so far, from the rows. A row whose event is not in the outbox was written by a
 * process that died in between: its event is made from the row and put there.
 */
export async function readReported(args: {
  clickhouse: ClickHouse;
  outbox: Pick<Outbox, 'put'>;
  model: string;
}): Promise<Reported> {
  const { clickhouse, outbox, model } = args;
  const incidents = await clickhouse.rows('incident-rows', { model }, INCIDENT_ROW);
  const findings = await clickhouse.rows('finding-rows', { model }, FINDING_ROW);
  const requests = (await clickhouse.rows('request-rows', { model }, REQUEST_ROW)).map(
    (row): RetrainRequest => ({
      id: row.request_id,
      model,
      incidentId: row.incident_id,
      cause: row.cause,
      requestedMs: row.requested,
      trainFromMs: row.train_from,
      trainUntilMs: row.train_until,
      ...(row.onset === null ? {} : { onsetMs: row.onset }),
    }),
  );
  const topics = [alerts.name, retrainRequests.name];
  const put = new Set(
    (await clickhouse.rows('events-put', { topics, model }, z.object({ event_id: z.string() }))).map(
      ({ event_id }) => event_id,
    ),
  );
  const events = [...incidents.map(alertEvent), ...requests.map(retrainEvent)];
  await outbox.put(events.filter(({ eventId }) => !put.has(eventId)));
  return { incidents: incidents.map(incidentOf), findings: findings.map(reportedOf), requests };
}

const REQUEST_ROW = z.object({
  request_id: z.string(),
  incident_id: z.string().nullable(),
  cause: z.string(),
  requested: instant,
  train_from: instant,
  train_until: instant,
  onset: instant.nullable(),
});
