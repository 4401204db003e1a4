import { Hono } from 'hono';
import { loopbackOnly } from '../server/loopback-only.ts';
import { listen } from '../server/process-server.ts';
import type { Settings } from './settings.ts';
import { DASHBOARD_PORT } from './wire.ts';

/** Serves the dashboard on loopback. */
export function startDashboard(settings: Settings): Promise<{ url: string; stop(): Promise<void> }> {
  const app = new Hono();
  app.use(loopbackOnly());
  app.get('/', (context) => context.text('not yet'));
  return listen({ app, port: DASHBOARD_PORT + settings.portOffset, name: 'the dashboard' });
}
