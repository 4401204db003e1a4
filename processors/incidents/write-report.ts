import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { Outbox } from '../../src/runtime/outbox.ts';
import type { ModelView } from '../panes/model-view.ts';
import { explainIncident } from './explain-incident.ts';
import type { News } from './incident-desk.ts';
import { alertEvent, incidentRow, retrainEvent, retrainRow } from './report.ts';

/** Writes what is new at the desk: rows first, then the events made from them. */
export async function writeReport(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  paneMs: number;
  outbox: Outbox;
  log: Log;
  news: News;
  /** Stream time, milliseconds since 1970. */
  reportedMs: number;
  /** Called when the rows are written, before the events. */
  onRows(): void | Promise<void>;
}): Promise<void> {
  const { clickhouse, view, paneMs, outbox, news, reportedMs } = args;
  const rows = [];
  for (const { retrain, ...transition } of news.transitions) {
    const { incident } = transition;
    const facts = await explainIncident({ clickhouse, view, incident, paneMs, untilMs: reportedMs });
    rows.push(incidentRow({ transition, facts, reportedMs, retrain }));
  }
  await clickhouse.insert('findings', news.findings);
  await clickhouse.insert('incidents', rows);
  await clickhouse.insert('retrain_requests', news.requests.map(retrainRow));
  await args.onRows();
  const events = [...rows.map(alertEvent), ...news.requests.map(retrainEvent)];
  // What others have put and not published is published by whoever decides after them, when it begins.
  if (events.length === 0) return;
  await outbox.put(events);
  await outbox.publish();
  for (const incident of rows) args.log.info({ event: 'incident', ...incident }, 'Incident changed');
}
