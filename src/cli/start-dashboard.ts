import { join } from 'node:path';
import { loadContracts } from '../../processors/load-contracts.ts';
import { openClickHouse, sqlOf } from '../io/clickhouse/client.ts';
import { openRegistry } from '../io/registry/registry.ts';
import { systemClock } from '../runtime/clock.ts';
import { openLog } from '../runtime/log.ts';
import { askWhatIf } from '../server/dashboard/ask-what-if.ts';
import { clickhouseReader } from '../server/dashboard/clickhouse-reader.ts';
import { dashboardApp } from '../server/dashboard/dashboard-app.ts';
import { readLag } from '../server/dashboard/read-lag.ts';
import { listen } from '../server/process-server.ts';
import type { Settings } from './settings.ts';
import { DASHBOARD_PORT, PROCESS_PORT, SERVER_PORT } from './wire.ts';

/**
 * Serves the dashboard on loopback. It reads the embedded ClickHouse as anybody can: without a password, unable to
 * write. An outside server may not let anybody in, so there it is the user that was given.
 */
export async function startDashboard(settings: Settings): Promise<{ url: string; stop(): Promise<void> }> {
  const { url, ...user } = settings.clickhouse;
  const { database, models } = settings.config;
  const embedded = url === `http://127.0.0.1:${CLICKHOUSE_PORT + settings.portOffset}`;
  const clickhouse = openClickHouse({ url, database, timeoutMs: 30_000, ...(embedded ? {} : user) });
  const registry = openRegistry({
    url: settings.registryUrl,
    cacheDirectory: join(settings.home, 'schemas'),
  });
  const app = dashboardApp({
    read: clickhouseReader({ clickhouse, clock: systemClock }),
    models: Object.keys(models),
    whatIf: askWhatIf({
      clickhouse,
      contracts: (model) => loadContracts({ registry, model }),
      serverUrl: `http://127.0.0.1:${SERVER_PORT + settings.portOffset}`,
    }),
    lag: () => readLag(`http://127.0.0.1:${PROCESS_PORT + settings.portOffset}`),
    sql: {
      url,
      database,
      examples: EXAMPLES.map(({ question, name }) => ({ question, statement: sqlOf(name) })),
    },
    log: openLog({ name: 'dashboard', file: join(settings.logs, 'dashboard.log') }),
  });
  const server = await listen({ app, port: DASHBOARD_PORT + settings.portOffset, name: 'the dashboard' });
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await clickhouse.close();
    },
  };
}

const CLICKHOUSE_PORT = 8123;
const EXAMPLES = [
  { question: 'Which features drifted most often, and how much?', name: 'example-drifting-features' },
  { question: 'How did one feature do, day by day?', name: 'example-feature-history' },
  { question: 'Which incidents are open?', name: 'example-open-incidents' },
  { question: 'How did each version do, week by week?', name: 'example-weekly-log-loss' },
  { question: 'Why was a message not stored?', name: 'example-dead-letters' },
  { question: 'Where did every message go?', name: 'example-accounting' },
] as const;
