import type { ClickHouse } from '../../io/clickhouse/client.ts';
import type { Clock } from '../../runtime/clock.ts';
import { FINDING, INCIDENT, REQUEST, TRANSITION } from './incident-rows.ts';
import { DAILY_ESTIMATE, DAILY_LOSS, VERSION } from './model-rows.ts';
import type { DashboardReader, VerdictRow } from './reader.ts';
import { ACCOUNTING, CATALOGUE, STAGE } from './system-rows.ts';
import { BINS, CODE, FEATURE, HEAT, LATE, REVISION, SEGMENT, VERDICT, VERDICT_LINE } from './verdict-rows.ts';

/** The dashboard's questions, asked of ClickHouse. Counting offsets is remembered for some seconds. */
export function clickhouseReader(args: {
  clickhouse: ClickHouse;
  clock: Pick<Clock, 'now'>;
}): DashboardReader {
  const { clickhouse } = args;
  const accounting = remembered({
    clock: args.clock,
    forMs: ACCOUNTING_AGE_MS,
    ask: () => clickhouse.rows('dashboard-accounting', {}, ACCOUNTING),
  });
  return {
    progress: (model) => clickhouse.rows('dashboard-progress', { model }, STAGE),
    accounting,
    incidents: (model, limit) => clickhouse.rows('dashboard-incidents', { model, limit }, INCIDENT),
    incident: (id) => clickhouse.rows('dashboard-incident', { incident_id: id }, TRANSITION),
    findings: (model, id) => clickhouse.rows('dashboard-findings', { model, incident_id: id }, FINDING),
    requests: (model) => clickhouse.rows('dashboard-requests', { model }, REQUEST),
    versions: (model) => clickhouse.rows('dashboard-versions', { model }, VERSION),
    heatmap: ({ fromMs, untilMs, ...cell }) =>
      clickhouse.rows('dashboard-heatmap', { ...cell, ...between(fromMs, untilMs) }, HEAT),
    async segments(model, kind) {
      const rows = await clickhouse.rows('dashboard-segments', { model, kind }, SEGMENT);
      return rows.map(({ segment }) => segment);
    },
    async features(model) {
      const rows = await clickhouse.rows('dashboard-features', { model }, FEATURE);
      return rows.map(({ feature }) => feature);
    },
    performance: ({ model, fromMs, untilMs }) =>
      clickhouse.rows('dashboard-performance', { model, ...between(fromMs, untilMs) }, DAILY_LOSS),
    estimates: ({ model, fromMs, untilMs }) =>
      clickhouse.rows('dashboard-estimates', { model, ...between(fromMs, untilMs) }, DAILY_ESTIMATE),
    verdicts: ({ model, kind, feature, segment, verdict, limit, offset, fromMs, untilMs }) =>
      clickhouse.rows(
        'dashboard-verdicts',
        {
          model,
          kind: kind ?? '',
          feature: feature ?? '',
          any_segment: segment === undefined,
          segment: segment ?? '',
          verdict: verdict ?? '',
          limit,
          offset,
          ...between(fromMs, untilMs),
        },
        VERDICT_LINE,
      ),
    async verdict(id) {
      const [row] = await clickhouse.rows('dashboard-verdict', { verdict_id: id }, VERDICT);
      return row;
    },
    revisions: (verdict) =>
      clickhouse.rows(
        'dashboard-revisions',
        {
          model: verdict.model,
          kind: verdict.kind,
          window_start: new Date(verdict.windowStartMs),
          feature: verdict.feature,
          segment: verdict.segment,
          statistic: verdict.statistic,
        },
        REVISION,
      ),
    async lateRows({ model, topic, windowStartMs }) {
      const params = { model, topic, window_start: new Date(windowStartMs) };
      const [row] = await clickhouse.rows('dashboard-late-rows', params, LATE);
      return row?.late ?? 0;
    },
    histogram: (verdict) => readHistogram(clickhouse, verdict),
    catalogue: () => clickhouse.rows('dashboard-catalogue', {}, CATALOGUE),
  };
}

/** Distribution skew is judged in the bins of its reference; data drift in those of the first version. */
async function readHistogram(
  clickhouse: ClickHouse,
  verdict: VerdictRow,
): Promise<Awaited<ReturnType<DashboardReader['histogram']>>> {
  const sides = sidesOf(verdict);
  if (sides === undefined) return undefined;
  const { model, feature, segment } = verdict;
  const [bins] = await clickhouse.rows('dashboard-bins', { model, feature, bins_id: sides.binsId }, BINS);
  if (bins === undefined) return undefined;
  const side = async (stream: string, fromMs: number, untilMs: number) => {
    const rows = await clickhouse.rows(
      'dashboard-histogram',
      { model, feature, segment, stream, bins_id: bins.bins_id, ...between(fromMs, untilMs) },
      CODE,
    );
    return new Map(rows.map(({ code, rows }) => [code, rows]));
  };
  const [reference, current] = await Promise.all([
    side(sides.stream, sides.fromMs, sides.untilMs),
    side('serving', verdict.windowStartMs, verdict.windowEndMs),
  ]);
  const { bins_id: binsId, kind, edges, categories } = bins;
  return { binsId, kind, edges, categories, reference, current };
}

function sidesOf(
  verdict: VerdictRow,
): { binsId: string; stream: string; fromMs: number; untilMs: number } | undefined {
  if (verdict.kind === 'distribution-skew' && verdict.referenceId !== '') {
    return { binsId: verdict.referenceId, stream: 'reference', fromMs: 0, untilMs: FAR };
  }
  const trailing = TRAILING.exec(verdict.referenceId);
  if (verdict.kind !== 'data-drift' || trailing === null) return undefined;
  const [fromMs, untilMs] = [Date.parse(trailing[1] ?? ''), Date.parse(trailing[2] ?? '')];
  if (Number.isNaN(fromMs) || Number.isNaN(untilMs)) return undefined;
  return { binsId: '', stream: 'serving', fromMs, untilMs };
}

/** One question at a time; its answer serves everybody for a while. A failure is not remembered. */
function remembered<T>(args: {
  clock: Pick<Clock, 'now'>;
  forMs: number;
  ask: () => Promise<T>;
}): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let staleMs = 0;
  return () => {
    if (answer !== undefined && args.clock.now() < staleMs) return answer;
    const asked = args.ask();
    answer = asked;
    // Until it answers nobody asks again, however long that takes.
    staleMs = Number.POSITIVE_INFINITY;
    asked.then(
      () => {
        staleMs = args.clock.now() + args.forMs;
      },
      () => {
        staleMs = 0;
      },
    );
    return asked;
  };
}

function between(fromMs: number, untilMs: number): { from: Date; until: Date } {
  return { from: new Date(fromMs), until: new Date(untilMs) };
}

const ACCOUNTING_AGE_MS = 10_000;
/** Year 2100: the end of the event times that are kept apart. */
const FAR = Date.UTC(2100, 0, 1);
const TRAILING = /^trailing:([^/]+)\/(.+)$/;
