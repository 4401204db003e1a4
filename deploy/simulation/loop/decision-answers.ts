import { paneOf } from '../../../src/core/windows/pane.ts';
import type { Params } from '../../../src/io/clickhouse/client.ts';
import { fenceStands } from './fence-stands.ts';
import { newestVerdicts } from './newest-verdicts.ts';
import { sourcesOf } from './pane-statements.ts';
import type { RawRows } from './raw-rows.ts';
import { EDGES, REFERENCE_PANES } from './reference-panes.ts';
import type { ReplacingTables, Row } from './replacing-tables.ts';
import { among, inside, iso, msOf } from './row-values.ts';
import { MODEL, PANE_MS } from './serving-log.ts';

/** What the queries of decisions answer from the tables as they are now, by name; other names are ingest's. */
export function decisionAnswers(args: {
  tables: Pick<ReplacingTables, 'all'>;
  raw: Pick<RawRows, 'all' | 'between'>;
}): ReadonlyMap<string, (params: Params) => readonly Row[]> {
  const { raw } = args;
  const { all } = args.tables;
  const answers: Readonly<Record<string, (params: Params) => readonly Row[]>> = {
    'first-version': () => [{ version: 'v1' }],
    'model-version': () => [VERSION],
    'reference-window': (params) => [{ reference_id: params['reference_id'] }],
    'bins-of': () =>
      ['x', 'prediction'].map((feature) => ({
        feature,
        kind: 'numeric',
        edges: EDGES,
        categories: [],
        others: [],
      })),
    'first-row': (params) => {
      const rows = raw.all(params['table']);
      const first = rows.reduce((min, row) => Math.min(min, row.eventTimeMs), Number.MAX_SAFE_INTEGER);
      return rows.length === 0
        ? [{ event_time: iso(0), rows: 0 }]
        : [{ event_time: iso(first), rows: rows.length }];
    },
    'serving-version': (params) =>
      raw.between(params['table'], ...spanOf(params)).length === 0 ? [] : [{ version: 'v1' }],
    'pane-counts': (params) => {
      if (params['stream'] === 'reference') return REFERENCE_PANES;
      const named = revisions(params).filter((row) => inside(msOf(row['pane_start']), ...spanOf(params)));
      return named.flatMap((revision) =>
        all('panes').filter(
          (pane) =>
            pane['stream'] === params['stream'] &&
            pane['bins_id'] === params['bins_id'] &&
            pane['pane_start'] === revision['pane_start'] &&
            pane['revision'] === revision['revision'],
        ),
      );
    },
    'pane-revisions': (params) => revisions(params),
    'pane-revision-of': (params) =>
      revisions(params).filter((row) => msOf(row['pane_start']) === msOf(params['pane_start'])),
    'pane-revision-before': (params) =>
      revisions(params)
        .filter((row) => msOf(row['pane_start']) < msOf(params['pane_start']))
        .slice(-1),
    'pane-sources': (params) =>
      sourcesOf(
        raw.between(params['table'], ...spanOf(params)),
        raw.between(params['also'], msOf(params['also_from']), msOf(params['also_until'])),
      ),
    'skew-counts': (params) => {
      const [fromMs] = spanOf(params);
      return all('skew_panes').filter(
        (row) => msOf(row['pane_start']) === fromMs && row['revision'] === params['revision'],
      );
    },
    'pane-rows': (params) => {
      const counts = new Map<number, number>();
      for (const { eventTimeMs } of raw.all(params['table'])) {
        const pane = paneOf(eventTimeMs, PANE_MS);
        counts.set(pane, (counts.get(pane) ?? 0) + 1);
      }
      return [...counts].map(([pane, rows]) => ({ pane_start: iso(pane), rows }));
    },
    'schema-usage': () => [],
    'progress-of': () => all('progress'),
    'verdicts-of-window': (params) =>
      newestVerdicts(all('verdicts')).filter((row) => row['window_start'] === params['window_start']),
    'hours-of-offsets': (params) => {
      const hours = new Set<number>();
      for (const { partition, offset, eventTimeMs } of raw.all(params['table'])) {
        if (partition !== params['partition']) continue;
        if (inside(offset, Number(params['from']), Number(params['until'])))
          hours.add(paneOf(eventTimeMs, PANE_MS));
      }
      return [...hours].map((hour) => ({ hour: iso(hour) }));
    },
    'incident-rows': () => all('incidents').toSorted((a, b) => textOf(a).localeCompare(textOf(b))),
    'finding-rows': () => all('findings'),
    'request-rows': () => all('retrain_requests'),
    'judged-revisions': () => all('budget_ledger'),
    'decision-lease-newest': () => [
      { epoch: all('decision_leases').reduce((max, row) => Math.max(max, Number(row['epoch'])), 0) },
    ],
    'decision-lease-holds': (params) => {
      const lease = { epoch: Number(params['fence_epoch']), owner: String(params['fence_owner']) };
      return [{ holds: fenceStands(all('decision_leases'), lease) ? 1 : 0 }];
    },
    'events-put': () => {
      const about = [...all('incidents'), ...all('retrain_requests')].flatMap((row) => [
        row['incident_id'],
        row['request_id'],
      ]);
      return all('outbox').filter((row) => about.includes(row['key']));
    },
    'incident-change': () => [],
    'incident-cost-estimated': costOf,
    'incident-cost-realised': costOf,
    'outbox-known': (params) => all('outbox').filter((row) => among(params['ids']).includes(row['event_id'])),
    'outbox-sequence': () => [
      { sequence: all('outbox').reduce((max, row) => Math.max(max, Number(row['sequence'])), 0) },
    ],
    'outbox-pending': () => {
      const marked = new Set(all('outbox_marks').map((row) => row['event_id']));
      return all('outbox')
        .filter((row) => !marked.has(row['event_id']))
        .sort((a, b) => Number(a['sequence']) - Number(b['sequence']));
    },
    'outbox-last-marks': (params) => {
      const marks = all('outbox_marks').filter((row) => row['topic'] === params['topic']);
      return marks.length === 0
        ? []
        : [{ partition: 0, last: Math.max(...marks.map((row) => Number(row['offset']))) }];
    },
  };
  return new Map(Object.entries(answers));

  function revisions(params: Params): Row[] {
    return all('pane_revisions')
      .filter((row) => row['stream'] === params['stream'] && row['bins_id'] === params['bins_id'])
      .sort((a, b) => msOf(a['pane_start']) - msOf(b['pane_start']));
  }

  function costOf(params: Params): Row[] {
    return [{ rows: raw.between(SERVING, ...spanOf(params)).length, nats: 0 }];
  }
}

function spanOf(params: Params): [fromMs: number, untilMs: number] {
  return [msOf(params['from'] ?? 0), msOf(params['until'] ?? 0)];
}

const SERVING = `serving_${MODEL}`;

const VERSION: Row = {
  version: 'v1',
  topic: `training.${MODEL}`,
  partitions: [0],
  first_offsets: [0],
  end_offsets: [1],
  window_start: iso(0),
  window_end: iso(PANE_MS),
  snapshot_rows: 1,
  baseline_log_loss: 0.5,
  baseline_log_loss_sd: 0.5,
  validation_rows: 1,
  metrics: '',
};

/** Order of incident and revision. */
function textOf(row: Row): string {
  return `${String(row['incident_id'])} ${String(row['revision']).padStart(6, '0')}`;
}
