import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Field } from '../../core/contract/contract.ts';
import { fieldOf, type ModelInput, modelInputs } from '../../core/contract/model-inputs.ts';
import { DriftwatchError, sentence } from '../../errors.ts';
import type { Outgoing } from '../../io/kafka/port.ts';
import type { Log } from '../../runtime/log.ts';
import { loopbackOnly } from '../loopback-only.ts';
import { inferAnswer, modelMetadata, readInferRequest } from './infer.ts';
import type { LoadedVersions } from './loaded-versions.ts';
import type { Metrics } from './metrics.ts';
import { openApi } from './openapi.ts';
import type { PredictionLog } from './prediction-log.ts';
import { predictionRecords, type ServedModel } from './prediction-records.ts';
import { score } from './score.ts';
import { type ReadScore, readScore, readScoreBatch, type ScoreRequest } from './score-request.ts';
import { createTrafficSplits, readSplit, type VersionGroup } from './traffic-split.ts';

/** One model behind the routes. */
export interface Served extends ServedModel {
  readonly versions: LoadedVersions;
  readonly encode: (value: Record<string, unknown>) => Buffer;
}

/**
 * The HTTP face of the model server: Open Inference Protocol v2, scoring by example with logging, metrics and
 * its own description. Errors are `{"error": "a sentence"}`. Requests with a Host that is not this machine
 * are refused, so that a web page cannot reach the server under a name of its own.
 */
export function modelServerApp(args: {
  models: ReadonlyMap<string, Served>;
  predictions: PredictionLog;
  metrics: Metrics;
  log: Log;
  codeVersion: string;
}): Hono {
  const { models, predictions, metrics, log } = args;
  const app = new Hono();
  const splits = createTrafficSplits();

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
      withModel(context, (model, served) => describe(context, model, served)),
    );
    app.get(`/v2/models/:model${version}/ready`, (context) =>
      withModel(context, (name, served) => {
        const wanted = context.req.param('version');
        const ready =
          wanted === undefined ? served.versions.current() !== undefined : served.versions.has(wanted);
        return context.json({ name, ready }, ready ? 200 : 503);
      }),
    );
    app.post(`/v2/models/:model${version}/infer`, (context) => timed(context, 'infer', infer));
  }
  app.get('/v1/models/:model/version', (context) =>
    withModel(context, (_, served) => {
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
  app.get('/v1/models/:model/split', (context) =>
    withModel(context, (model) => context.json({ split: splits.get(model) ?? null })),
  );
  app.put('/v1/models/:model/split', (context) =>
    withModel(context, async (model, { versions }) => {
      const read = readSplit(await jsonOf(context), versions);
      if (read.status === 'bad') return problem(context, 400, read.why);
      splits.set(model, read.split);
      log.info({ event: 'serve.split', model, ...read.split }, 'Requests are split');
      return context.json({ split: read.split });
    }),
  );
  app.delete('/v1/models/:model/split', (context) =>
    withModel(context, (model, { versions }) => {
      splits.clear(model);
      log.info({ event: 'serve.split', model, serving: versions.current() }, 'Requests are no longer split');
      return context.json({ split: null });
    }),
  );
  app.get('/metrics', (context) => {
    showVersions(metrics, models);
    return context.text(metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  app.get('/openapi.json', (context) => context.json(openApi(models, args.codeVersion)));
  return app;

  function describe(context: Context, model: string, served: Served): Response {
    const { inputs } = modelInputs(served.contract);
    const wanted = context.req.param('version');
    if (wanted !== undefined && !served.versions.has(wanted)) return noVersion(context, model, wanted);
    return context.json(modelMetadata({ model, versions: served.versions.list(), inputs }));
  }

  async function infer(model: string, served: Served, context: Context): Promise<Response> {
    const started = performance.now();
    const body = await jsonOf(context);
    if (body === undefined) return problem(context, 400, NOT_JSON);
    const read = readInferRequest(body, [...modelInputs(served.contract).inputs, ...whoAndWhen(served)]);
    if (read.status === 'bad') return problem(context, 400, read.why);
    const version = context.req.param('version');
    const request = inferredRequest(served, read.records, version);
    if (request.status === 'bad') return problem(context, 400, request.why);
    const answer = await predict({ context, model, served, request: request.request, started });
    if (answer instanceof Response) return answer;
    return context.json(inferAnswer({ model, id: read.id, ...answer }));
  }

  async function scoreRoute(
    context: Context,
    model: string,
    served: Served,
    readBody: (contract: Served['contract'], body: unknown) => ReadScore,
  ): Promise<Response> {
    const started = performance.now();
    const body = await jsonOf(context);
    if (body === undefined) return problem(context, 400, NOT_JSON);
    const read = readBody(served.contract, body);
    if (read.status === 'bad') return problem(context, 400, read.why);
    const { records } = read.request;
    const id = nameOf(served, 'id');
    const whole: readonly VersionGroup[] = [
      { version: read.request.version, positions: [...records.keys()] },
    ];
    const groups =
      read.request.version === undefined
        ? splits.group(
            model,
            served.versions,
            records.map((record) => String(record[id])),
          )
        : whole;
    const answered = new Map<number, { prediction: number | undefined; version: string }>();
    for (const group of groups) {
      const request: ScoreRequest = {
        ...read.request,
        version: group.version,
        records: group.positions.map((row) => records[row] ?? {}),
      };
      const answer = await predict({ context, model, served, request, started });
      if (answer instanceof Response) return answer;
      for (const [at, row] of group.positions.entries()) {
        answered.set(row, { prediction: answer.predictions[at], version: answer.version });
      }
    }
    return context.json({
      model,
      version: [...new Set([...answered.values()].map(({ version }) => version))].join(', '),
      predictions: records.map((record, row) => ({ id: record[id], ...answered.get(row) })),
    });
  }

  /** Scores and logs, or the answer that says why not. */
  async function predict(one: {
    context: Context;
    model: string;
    served: Served;
    request: ScoreRequest;
    started: number;
  }): Promise<{ version: string; predictions: Float32Array } | Response> {
    const { context, model, served, request } = one;
    const answer = await score({
      model,
      versions: served.versions,
      records: request.records,
      metrics,
      ...(request.version === undefined ? {} : { version: request.version }),
    });
    if (answer === undefined) return noVersion(context, model, request.version);
    if (!request.log) return answer;
    const latencyMs = performance.now() - one.started;
    const refused = await logAnswers(
      model,
      () => predictionRecords({ served, encode: served.encode, ...request, ...answer, latencyMs }),
      request.awaitLog,
    );
    return refused === undefined ? answer : problem(context, refused.status, refused.why);
  }

  /** Queues the records, or with `wait` sends them and says why that failed. */
  async function logAnswers(
    model: string,
    make: () => Outgoing[],
    wait: boolean,
  ): Promise<{ status: 400 | 503; why: string } | undefined> {
    let records: Outgoing[];
    try {
      records = make();
    } catch (error) {
      if (error instanceof DriftwatchError && error.code === 'RECORD_INVALID') {
        return { status: 400, why: error.message };
      }
      throw error;
    }
    if (!wait) {
      predictions.offer(model, records);
      return undefined;
    }
    try {
      await predictions.send(model, records);
      return undefined;
    } catch (error) {
      return { status: 503, why: `The predictions could not be logged: ${sentence(error)}` };
    }
  }

  function withModel(
    context: Context,
    answer: (model: string, served: Served) => Response | Promise<Response>,
  ): Response | Promise<Response> {
    const model = context.req.param('model') ?? '';
    const served = models.get(model);
    return served === undefined
      ? problem(context, 404, `There is no model "${model}".`)
      : answer(model, served);
  }

  async function timed(
    context: Context,
    route: string,
    answer: (model: string, served: Served, context: Context) => Promise<Response>,
  ): Promise<Response> {
    const started = performance.now();
    const response = await withModel(context, (model, served) => answer(model, served, context));
    const model = models.has(context.req.param('model') ?? '')
      ? (context.req.param('model') ?? '')
      : 'unknown';
    metrics.count('driftwatch_model_requests_total', { model, route, status: String(response.status) });
    metrics.observe((performance.now() - started) / 1000, { model, route });
    return response;
  }
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

function nameOf(served: Served, role: Field['role']): string {
  return fieldOf(served.contract, role)?.name ?? '';
}

function noVersion(context: Context, model: string, version: string | undefined): Response {
  if (version === undefined) return problem(context, 503, `No version of ${model} is loaded yet.`);
  return problem(context, 404, `The version "${version}" of ${model} is not loaded.`);
}

function problem(context: Context, status: 400 | 403 | 404 | 413 | 500 | 503, error: string): Response {
  return context.json({ error }, status);
}

/** The body, or undefined when it is not JSON. */
async function jsonOf(context: Context): Promise<unknown> {
  try {
    const body: unknown = JSON.parse(await context.req.text());
    return body === undefined ? undefined : body;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
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
