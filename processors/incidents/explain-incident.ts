import { z } from 'zod';
import type { Incident } from '../../src/core/incidents/incident.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { IncidentFacts } from './report.ts';

/**
 * What the tables tell about an incident besides its verdicts: the newest change before it, and what it has cost so far.
 *
 * The change is the newest writer schema or model version that appeared before the end of the incident's first window.
 * It is what came before, not a proof that it was the cause.
 *
 * The cost is the log-loss above what each serving version had on its validation rows, summed over rows since the
 * incident began: from labels for concept drift, for the other kinds from the entropy of the predictions, since labels
 * are not there when it is reported. The estimate is right while predictions are calibrated, and blind to a changed
 * relation of x and y.
 */
export async function explainIncident(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  incident: Incident;
  paneMs: number;
  /** Stream time of the transition: later rows do not count. */
  untilMs: number;
}): Promise<IncidentFacts> {
  const { clickhouse, view, incident } = args;
  const [change] = await clickhouse.rows(
    'incident-change',
    {
      topics: Object.values(view.topics),
      serving: view.tables.serving,
      version: view.version,
      until: new Date(incident.beganMs + args.paneMs),
    },
    CHANGE,
  );
  const cost = await costOf(args);
  return { ...(change === undefined ? {} : { change: { said: change.said, atMs: change.at } }), cost };
}

/** What an incident has cost; see above. */
export async function costOf(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  incident: Pick<Incident, 'kind' | 'beganMs'>;
  untilMs: number;
}): Promise<IncidentFacts['cost']> {
  const { clickhouse, view, incident } = args;
  const basis = incident.kind === 'concept-drift' ? 'realised' : 'estimated';
  // The entropy of the predictions is known for probabilities of one class only.
  if (basis === 'estimated' && view.task !== 'classification') return { status: 'insufficient', n: 0 };
  const range = { model: view.model, from: new Date(incident.beganMs), until: new Date(args.untilMs) };
  const rows =
    basis === 'realised'
      ? await clickhouse.rows('incident-cost-realised', range, COST)
      : await clickhouse.rows(
          'incident-cost-estimated',
          { ...range, serving: view.tables.serving, version: view.version, prediction: view.prediction },
          COST,
        );
  const { rows: n, nats } = rows[0] ?? { rows: 0, nats: null };
  return n === 0 || nats === null ? { status: 'insufficient', n: 0 } : { status: 'ok', nats, basis, n };
}

const CHANGE = z.object({ said: z.string(), at: instant });
const COST = z.object({ rows: count, nats: z.number().nullable() });
