import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Field } from '../../core/contract/contract.ts';
import { fieldOf, type ModelInput, modelInputs } from '../../core/contract/model-inputs.ts';
import { aliasesOf, isAlias, versionUnder } from '../../core/experiments/aliases.ts';
import type { Answer } from '../../core/performance/answers.ts';
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
import type { ShadowScoring } from './shadow-scoring.ts';
import type { TrafficControl } from './traffic-control.ts';
import { addTrafficRoutes, type RecordChange } from './traffic-routes.ts';

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
  shadow: Pick<ShadowScoring, 'offer'>;
  traffic: TrafficControl;
  /** Records a change of traffic that a person made. */
  record: RecordChange;
  /** Loads a released version; false when there is none or it is refused. */
  ensure: (model: string, version: string) => Promise<boolean>;
  log: Log;
  codeVersion: string;
}): Hono {
  const { models, predictions, metrics, traffic, log } = args;
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
      withModel(context, (model, served) => describe(context, model, served)),
    );
    app.get(`/v2/models/:model${version}/ready`, (context) =>
      withModel(context, (name, served) => {
        const wanted = named(name, served, context.req.param('version'));
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
  addTrafficRoutes({
    ...args,
    app,
    versions: new Map([...models].map(([model, { versions }]) => [model, versions])),
    readBody: jsonOf,
    problem,
  });
  app.get('/metrics', (context) => {
    showVersions(metrics, models);
    return context.text(metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  app.get('/openapi.json', (context) => context.json(openApi(models, args.codeVersion)));
  return app;

  function describe(context: Context, model: string, served: Served): Response {
    const { inputs } = modelInputs(served.contract);
    const wanted = named(model, served, context.req.param('version'));
    if (wanted !== undefined && !served.versions.has(wanted)) return noVersion(context, model, wanted);
    const classes = fieldOf(served.contract, 'probabilities') !== undefined;
    return context.json(modelMetadata({ model, versions: served.versions.list(), inputs, classes }));
  }

  async function infer(model: string, served: Served, context: Context): Promise<Response> {
    const started = performance.now();
    const body = await jsonOf(context);
    if (body === undefined) return problem(context, 400, NOT_JSON);
    const inputs = [...modelInputs(served.contract).inputs, ...whoAndWhen(served)];
    const read = readInferRequest(body, inputs);
    if (read.status === 'bad') return problem(context, 400, read.why);
    const version = context.req.param('version');
    const request = inferredRequest(served, read.records, version);
    if (request.status === 'bad') return problem(context, 400, request.why);
    const answered = await predictEach({ context, model, served, request: request.request, started });
    if (answered instanceof Response) return answered;
    const answers = answered.map(({ answer }) => answer);
    return context.json(inferAnswer({ model, id: read.id, version: versionsOf(answered), answers }));
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
    const answered = await predictEach({ context, model, served, request: read.request, started });
    if (answered instanceof Response) return answered;
    const id = nameOf(served, 'id');
    return context.json({
      model,
      version: versionsOf(answered),
      predictions: read.request.records.map((record, row) => ({ id: record[id], ...shown(answered[row]) })),
    });
  }

  /** The answer to every record of a request, by the version that the traffic or the request names. */
  async function predictEach(one: Asked): Promise<Answered[] | Response> {
    const { model, served, request } = one;
    const { records } = request;
    const [id, eventTime] = [nameOf(served, 'id'), nameOf(served, 'event-time')];
    const groups =
      request.version === undefined
        ? traffic.group(
            model,
            records.map((record) => ({ id: textOf(record[id]), eventTimeMs: msOf(record[eventTime]) })),
          )
        : [{ version: named(model, served, request.version), positions: [...records.keys()] }];
    const answered: Answered[] = [];
    for (const { version, positions } of groups) {
      const part = { ...request, version, records: positions.map((row) => records[row] ?? {}) };
      const answer = await predict({ ...one, request: part });
      if (answer instanceof Response) return answer;
      for (const [at, row] of positions.entries()) {
        answered[row] = { answer: answer.answers[at] ?? Number.NaN, version: answer.version };
      }
    }
    return answered;
  }

  /** Scores and logs, or the answer that says why not. */
  async function predict(one: Asked): Promise<{ version: string; answers: readonly Answer[] } | Response> {
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
    if (refused !== undefined) return problem(context, refused.status, refused.why);
    const shadows = traffic.of(model).shadows.filter((version) => version !== answer.version);
    if (shadows.length > 0 && request.records.length > 0) {
      const [id, eventTime] = [nameOf(served, 'id'), nameOf(served, 'event-time')];
      args.shadow.offer({
        model,
        versions: served.versions,
        shadows,
        records: request.records,
        about: (record) => ({ id: String(record[id]), eventTimeMs: Number(record[eventTime]) }),
      });
    }
    return answer;
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

  /** The version that a request names: itself, or the one under an alias. An alias of none or of several stays as it is. */
  function named(model: string, served: Served, version: string | undefined): string | undefined {
    if (version === undefined || !isAlias(version)) return version;
    if (version === 'champion') return served.versions.current() ?? version;
    const under = versionUnder(version, aliasesOf(traffic.of(model)));
    return under.status === 'ok' ? under.version : version;
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

interface Asked {
  readonly context: Context;
  readonly model: string;
  readonly served: Served;
  readonly request: ScoreRequest;
  readonly started: number;
}

interface Answered {
  readonly answer: Answer;
  readonly version: string;
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

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function msOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
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

function problem(context: Context, status: 400 | 403 | 404 | 409 | 413 | 500 | 503, error: string): Response {
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
