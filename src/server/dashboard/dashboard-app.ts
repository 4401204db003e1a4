import { readFileSync } from 'node:fs';
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { sentence } from '../../errors.ts';
import type { Log } from '../../runtime/log.ts';
import { loopbackOnly } from '../loopback-only.ts';
import type { AskWhatIf } from './ask-what-if.ts';
import { type Asked, askedHeatmap, askedModel, askedVerdicts, askedWhatIf, isId } from './parameters.ts';
import type { DashboardReader } from './reader.ts';
import type { Lag } from './views/at-a-glance.ts';
import { incidentPage } from './views/incident.ts';
import { incidentsPage } from './views/incidents.ts';
import { messagePage } from './views/layout.ts';
import { modelsPage } from './views/models.ts';
import { overviewPage, rangeOf } from './views/overview.ts';
import { type Example, sqlPage } from './views/sql.ts';
import { verdictPage } from './views/verdict.ts';
import { verdictsPage } from './views/verdict-table.ts';
import { whatIfPage } from './views/what-if.ts';

/**
 * The dashboard: pages that are read, nothing that can be changed. They work without scripts, and the policy
 * in the headers forbids everything that is not in this folder.
 */
export function dashboardApp(args: {
  read: DashboardReader;
  models: readonly string[];
  /** Messages the processors have yet to account for; undefined when they do not answer. */
  lag(): Promise<Lag | undefined>;
  whatIf: AskWhatIf;
  sql: { readonly url: string; readonly database: string; readonly examples: readonly Example[] };
  log: Pick<Log, 'error'>;
}): Hono {
  const { read, models } = args;
  const app = new Hono();
  app.use(loopbackOnly());
  app.use(secureHeaders(HEADERS));

  app.get('/', async (context) => {
    const asked = askedModel(context.req.query(), models);
    const heatmap = askedHeatmap(context.req.query());
    if (asked.status === 'bad') return refuse(context, asked);
    if (heatmap.status === 'bad') return refuse(context, heatmap);
    const choice = { model: asked.value, ...heatmap.value };
    const { model, kind } = choice;
    const [stages, accounting, lag, incidents, requests, versions, segments] = await Promise.all([
      read.progress(model),
      read.accounting(),
      args.lag(),
      read.incidents(model, INCIDENTS),
      read.requests(model),
      read.versions(model),
      read.segments(model, kind),
    ]);
    const firsts = [
      ...incidents.map(({ beganMs }) => beganMs),
      ...versions.map(({ createdMs }) => createdMs),
    ];
    const range = rangeOf(stages, firsts);
    const [cells, days, estimates] = await Promise.all([
      read.heatmap({ ...choice, ...range }),
      read.performance({ model, ...range }),
      read.estimates({ model, ...range }),
    ]);
    const state = {
      stages,
      accounting,
      lag,
      incidents,
      requests,
      versions,
      segments,
      cells,
      days,
      estimates,
    };
    return context.html(overviewPage({ models, choice, range, ...state }));
  });

  app.get('/incidents', async (context) => {
    const asked = askedModel(context.req.query(), models);
    if (asked.status === 'bad') return refuse(context, asked);
    const model = asked.value;
    const incidents = await read.incidents(model, INCIDENTS);
    return context.html(incidentsPage({ models, model, incidents, limit: INCIDENTS }));
  });

  app.get('/incidents/:id', async (context) => {
    const id = context.req.param('id');
    if (!isId(id))
      return refuse(context, { status: 'bad', sentence: `"${id}" is not an id of an incident.` });
    const transitions = await read.incident(id);
    const now = transitions.at(-1);
    if (now === undefined) return missing(context, 'There is no incident with this id.');
    const [findings, requests, versions] = await Promise.all([
      read.findings(now.model, id),
      read.requests(now.model),
      read.versions(now.model),
    ]);
    const own = requests.filter(({ incidentId }) => incidentId === id);
    return context.html(incidentPage({ models, transitions, now, findings, requests: own, versions }));
  });

  app.get('/verdicts', async (context) => {
    const model = askedModel(context.req.query(), models);
    if (model.status === 'bad') return refuse(context, model);
    const asked = askedVerdicts(context.req.query(), model.value);
    if (asked.status === 'bad') return refuse(context, asked);
    const { filter, page } = asked.value;
    const [lines, features, segments] = await Promise.all([
      read.verdicts({ ...filter, limit: filter.limit + 1 }),
      read.features(model.value),
      read.segments(model.value, filter.kind ?? 'distribution-skew'),
    ]);
    return context.html(verdictsPage({ models, filter, page, lines, features, segments }));
  });

  app.get('/verdicts/:id', async (context) => {
    const id = context.req.param('id');
    if (!isId(id)) return refuse(context, { status: 'bad', sentence: `"${id}" is not an id of a verdict.` });
    const verdict = await read.verdict(id);
    if (verdict === undefined) return missing(context, 'There is no verdict with this id.');
    const [revisions, lateRows, histogram] = await Promise.all([
      read.revisions(verdict),
      read.lateRows(verdict),
      read.histogram(verdict),
    ]);
    return context.html(verdictPage({ models, verdict, revisions, lateRows, histogram }));
  });

  app.get('/models', async (context) => {
    const asked = askedModel(context.req.query(), models);
    if (asked.status === 'bad') return refuse(context, asked);
    const model = asked.value;
    const [versions, requests] = await Promise.all([read.versions(model), read.requests(model)]);
    return context.html(modelsPage({ models, model, versions, requests }));
  });

  app.get('/what-if', async (context) => {
    const asked = askedModel(context.req.query(), models);
    if (asked.status === 'bad') return refuse(context, asked);
    const wanted = askedWhatIf(context.req.query('id'), context.req.queries('set') ?? []);
    if (wanted.status === 'bad') return refuse(context, wanted);
    const { id, set, changes } = wanted.value;
    const model = asked.value;
    const said = await args.whatIf({ model, id, changes });
    const answer = said.status === 'ok' ? said.answer : undefined;
    const problem = said.status === 'ok' ? undefined : said.sentence;
    return context.html(whatIfPage({ models, model, id: answer?.id ?? id, set, answer, problem }));
  });

  app.get('/sql', async (context) =>
    context.html(sqlPage({ models, ...args.sql, catalogue: await read.catalogue() })),
  );

  app.get('/style.css', (context) =>
    context.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=60' }),
  );
  app.notFound((context) => missing(context, 'There is no such page.'));
  app.onError((error, context) => {
    args.log.error({ event: 'dashboard.failed', path: context.req.path, err: error }, 'A page failed');
    return context.html(messagePage({ title: 'Not now', sentence: sentence(error), models }), 503);
  });
  return app;

  function refuse(
    context: Context,
    asked: Extract<Asked<unknown>, { status: 'bad' }>,
  ): Response | Promise<Response> {
    return context.html(messagePage({ title: 'Not a question', sentence: asked.sentence, models }), 400);
  }

  function missing(context: Context, said: string): Response | Promise<Response> {
    return context.html(messagePage({ title: 'Not found', sentence: said, models }), 404);
  }
}

/** Incidents that the first page draws. */
const INCIDENTS = 500;
const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8');
const HEADERS: Parameters<typeof secureHeaders>[0] = {
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  // Loopback has no certificate: nothing may be promised for it.
  strictTransportSecurity: false,
};
