import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { fieldOf, type ModelInput, modelInputs } from '../../core/contract/model-inputs.ts';
import type { Log } from '../../runtime/log.ts';
import { loopbackOnly } from '../loopback-only.ts';
import { type Answered, answerRequests, notLoaded } from './answer-request.ts';
import { inferAnswer, modelMetadata, readInferRequest } from './infer.ts';
import type { Metrics } from './metrics.ts';
import { namedVersion } from './named-version.ts';
import { openApi } from './openapi.ts';
import type { PredictionLog } from './prediction-log.ts';
import { jsonBody, problem, withModel } from './responses.ts';
import { type ReadScore, readScore, readScoreBatch } from './score-request.ts';
import { nameOf, type Served } from './served.ts';
import type { ShadowScoring } from './shadow-scoring.ts';
import type { TrafficControl } from './traffic-control.ts';
import { addTrafficRoutes, type RecordChange } from './traffic-routes.ts';

/**
 * The HTTP face of the model server: Open Inference Protocol v2, scoring by example with logging, metrics and
 * its own description. Errors are `{"error": "a sentence"}`. Requests with a Host that is not this machine
 * are refused, so that a web page cannot reach the server under a name of its own.
 */
export function modelServerApp(args: {
  models: ReadonlyMap<string, Served>;
  predictions: PredictionLog;
  metrics: Metrics;
  shadow: Pick<ShadowScoring, 'offer'>;
  traffic: TrafficControl;
  /** Records a change of traffic that a person made. */
  record: RecordChange;
  /** Loads a released version; false when there is none or it is refused. */
  ensure: (model: string, version: string) => Promise<boolean>;
  log: Log;
  codeVersion: string;
}): Hono {
  const { models, metrics, traffic, log } = args;
  const answerRequest = answerRequests(args);
  const app = new Hono();

  app.use(loopbackOnly());
  app.use(
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: (context) => problem(context, 413, `A body may have ${LARGEST_BODY} bytes at most.`),
    }),
  );
  app.onError((error, context) => {
    log.error({ event: 'serve.error', path: context.req.path, error }, 'A request failed');
    return problem(context, 500, 'The server failed on this request; its log says why.');
  });
  app.notFound((context) => problem(context, 404, `There is nothing at ${context.req.path}.`));

  app.get('/v2', (context) =>
    context.json({ name: 'driftwatch', version: args.codeVersion, extensions: [] }),
  );
  app.get('/v2/health/live', (context) => context.json({ live: true }));
  app.get('/v2/health/ready', (context) => {
    const ready = [...models.values()].every((served) => served.versions.current() !== undefined);
    return context.json({ ready }, ready ? 200 : 503);
  });
  for (const version of ['', '/versions/:version']) {
    app.get(`/v2/models/:model${version}`, (context) =>
      withModel(context, models, (model, served) => describe(context, model, served)),
    );
    app.get(`/v2/models/:model${version}/ready`, (context) =>
      withModel(context, models, (name, served) => {
        const wanted = named(context, name, served);
        const ready =
          wanted === undefined ? served.versions.current() !== undefined : served.versions.has(wanted);
        return context.json({ name, ready }, ready ? 200 : 503);
      }),
    );
    app.post(`/v2/models/:model${version}/infer`, (context) => timed(context, 'infer', infer));
  }
  app.get('/v1/models/:model/version', (context) =>
    withModel(context, models, (_, served) => {
      const version = served.versions.current();
      return context.json({ ready: version !== undefined, version: version ?? '' });
    }),
  );
  app.post('/v1/models/:model/score', (context) =>
    timed(context, 'score', (model, served) => scoreRoute(context, model, served, readScore)),
  );
  app.post('/v1/models/:model/score-batch', (context) =>
    timed(context, 'score-batch', (model, served) => scoreRoute(context, model, served, readScoreBatch)),
  );
  addTrafficRoutes({
    ...args,
    app,
    versions: new Map([...models].map(([model, { versions }]) => [model, versions])),
  });
  app.get('/metrics', (context) => {
    showVersions(metrics, models);
    return context.text(metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  app.get('/openapi.json', (context) => context.json(openApi(models, args.codeVersion)));
  return app;

  function describe(context: Context, model: string, served: Served): Response {
    const { inputs } = modelInputs(served.contract);
    const wanted = named(context, model, served);
    if (wanted !== undefined && !served.versions.has(wanted))
      return problem(context, 404, notLoaded(model, wanted));
    const classes = fieldOf(served.contract, 'probabilities') !== undefined;
    return context.json(modelMetadata({ model, versions: served.versions.list(), inputs, classes }));
  }

  async function infer(model: string, served: Served, context: Context): Promise<Response> {
    const startedMs = performance.now();
    const body = await jsonBody(context);
    if (body === undefined) return problem(context, 400, NOT_JSON);
    const inputs = [...modelInputs(served.contract).inputs, ...whoAndWhen(served)];
    const read = readInferRequest(body, inputs);
    if (read.status === 'bad') return problem(context, 400, read.why);
    const version = context.req.param('version');
    const request = inferredRequest(served, read.records, version);
    if (request.status === 'bad') return problem(context, 400, request.why);
    const answered = await answerRequest({ model, served, request: request.request, startedMs });
    if ('why' in answered) return problem(context, answered.status, answered.why);
    const answers = answered.map(({ answer }) => answer);
    return context.json(inferAnswer({ model, id: read.id, version: versionsOf(answered), answers }));
  }

  async function scoreRoute(
    context: Context,
    model: string,
    served: Served,
    readBody: (contract: Served['contract'], body: unknown) => ReadScore,
  ): Promise<Response> {
    const startedMs = performance.now();
    const body = await jsonBody(context);
    if (body === undefined) return problem(context, 400, NOT_JSON);
    const read = readBody(served.contract, body);
    if (read.status === 'bad') return problem(context, 400, read.why);
    const answered = await answerRequest({ model, served, request: read.request, startedMs });
    if ('why' in answered) return problem(context, answered.status, answered.why);
    const id = nameOf(served, 'id');
    return context.json({
      model,
      version: versionsOf(answered),
      predictions: read.request.records.map((record, row) => ({ id: record[id], ...shown(answered[row]) })),
    });
  }

  function named(context: Context, model: string, { versions }: Served): string | undefined {
    return namedVersion({ model, version: context.req.param('version'), versions, traffic });
  }

  async function timed(
    context: Context,
    route: string,
    answer: (model: string, served: Served, context: Context) => Promise<Response>,
  ): Promise<Response> {
    const started = performance.now();
    const response = await withModel(context, models, (model, served) => answer(model, served, context));
    const model = models.has(context.req.param('model') ?? '')
      ? (context.req.param('model') ?? '')
      : 'unknown';
    metrics.count('driftwatch_model_requests_total', { model, route, status: String(response.status) });
    metrics.observe((performance.now() - started) / 1000, { model, route });
    return response;
  }
}

/** One answer of a score route: `prediction` is a number or a class, of which the probability of each comes as well. */
function shown(answered: Answered | undefined): Record<string, unknown> {
  if (answered === undefined) return {};
  const { answer, version } = answered;
  if (typeof answer === 'number') return { prediction: answer, version };
  return { prediction: answer.label, probabilities: answer.probabilities, version };
}

/** The version that answered, or all of them when a batch was split. */
function versionsOf(answered: readonly Answered[]): string {
  return [...new Set(answered.map(({ version }) => version))].join(', ');
}

/** Tensors of the id and the event time name the examples of an inference, and then it is logged as well. */
function inferredRequest(
  served: Served,
  records: readonly Record<string, unknown>[],
  version: string | undefined,
): ReadScore {
  if (records.every((record) => record[nameOf(served, 'id')] === undefined)) {
    const request = { records, log: false, awaitLog: false, producer: INFERENCE, version };
    return { status: 'ok', request };
  }
  return readScoreBatch(served.contract, {
    examples: records,
    producer: INFERENCE,
    ...(version === undefined ? {} : { version }),
  });
}

function whoAndWhen(served: Served): ModelInput[] {
  return [
    { name: nameOf(served, 'id'), kind: 'categorical' },
    { name: nameOf(served, 'event-time'), kind: 'numeric' },
  ];
}

function showVersions(metrics: Metrics, models: ReadonlyMap<string, Served>): void {
  metrics.clear('driftwatch_model_version_info');
  for (const [model, { versions }] of models) {
    for (const version of versions.list()) {
      const current = String(version === versions.current());
      metrics.gauge('driftwatch_model_version_info', { model, version, current }, 1);
    }
  }
}

const LARGEST_BODY = 16 * 1024 * 1024;
const INFERENCE = 'open-inference';
const NOT_JSON = 'The body is not JSON.';
