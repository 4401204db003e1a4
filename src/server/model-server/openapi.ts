import type { Contract, Field } from '../../core/contract/contract.ts';
import { isFilledByServer } from './read-example.ts';
import { LARGEST_BATCH } from './score-request.ts';

/** OpenAPI 3.1 description of the model server, with the examples of each model as their contracts say. */
export function openApi(
  models: ReadonlyMap<string, { readonly contract: Contract }>,
  codeVersion: string,
): Record<string, unknown> {
  const names = [...models.keys()];
  const model = path('model', 'Name of the model', { enum: names });
  const version = path('version', 'A loaded version, such as v3, or champion, challenger or shadow', {});
  return {
    openapi: '3.1.0',
    info: {
      title: 'driftwatch model server',
      version: codeVersion,
      description:
        'Scores examples with the version that model-releases names and logs every prediction to Kafka.',
    },
    paths: {
      '/v2': { get: get('Name and version of the server') },
      '/v2/health/live': { get: get('Whether the server runs') },
      '/v2/health/ready': { get: get('Whether every model has a version', '503') },
      '/v2/models/{model}': { parameters: [model], get: get('Inputs, output and loaded versions', '404') },
      '/v2/models/{model}/ready': { parameters: [model], get: get('Whether a version serves', '503') },
      '/v2/models/{model}/infer': { parameters: [model], post: infer() },
      '/v2/models/{model}/versions/{version}': {
        parameters: [model, version],
        get: get('The same, for one version', '404'),
      },
      '/v2/models/{model}/versions/{version}/ready': {
        parameters: [model, version],
        get: get('Whether this version is loaded', '503'),
      },
      '/v2/models/{model}/versions/{version}/infer': { parameters: [model, version], post: infer() },
      '/v1/models/{model}/version': {
        parameters: [model],
        get: get('Version that answers by default', '404'),
      },
      ...Object.fromEntries(names.flatMap((name) => scorePaths(name))),
      '/v1/models/{model}/split': {
        parameters: [model],
        get: { summary: 'Who answers now', responses: { '200': TRAFFIC_ANSWER } },
        put: change('Share the ids among versions, or let versions score unseen', SPLIT),
        delete: change('Give everything back to the version that answers by default'),
      },
      '/v1/models/{model}/rollback': {
        parameters: [model],
        post: change('Let the version before answer again, at once', ROLLBACK),
      },
      '/metrics': { get: { summary: 'Prometheus metrics', responses: { '200': { description: 'Text' } } } },
      '/openapi.json': { get: get('This description') },
    },
    components: {
      schemas: {
        Error: object({ error: { type: 'string' } }, ['error']),
        Predictions: PREDICTIONS,
        TrafficSplit: TRAFFIC_SPLIT,
        ...Object.fromEntries(
          [...models].map(([name, { contract }]) => [`Example_${name}`, example(contract)]),
        ),
      },
    },
  };
}

function scorePaths(model: string): [string, unknown][] {
  const one = { $ref: `#/components/schemas/Example_${model}` };
  const options = {
    log: { type: 'boolean', default: true, description: 'Log the predictions to the serving topic' },
    await_log: { type: 'boolean', default: false, description: 'Answer after the broker has the records' },
    producer: {
      type: 'string',
      default: 'unknown',
      description:
        'Program that asks, and its version; logged with the record and in its header producer_version',
    },
    version: { type: 'string', description: 'A loaded version; the newest when absent' },
  };
  const many = { type: 'array', items: one, minItems: 1, maxItems: LARGEST_BATCH };
  return [
    [
      `/v1/models/${model}/score`,
      { post: post('Score one example', object({ example: one, ...options }, ['example'])) },
    ],
    [
      `/v1/models/${model}/score-batch`,
      { post: post('Score many examples', object({ examples: many, ...options }, ['examples'])) },
    ],
  ];
}

function example(contract: Contract): Record<string, unknown> {
  const fields = contract.fields.filter((field) => !isFilledByServer(field));
  return object(
    Object.fromEntries(fields.map((field) => [field.name, valueSchema(field)])),
    fields.filter((field) => !field.nullable).map((field) => field.name),
  );
}

function valueSchema(field: Field): Record<string, unknown> {
  const type = TYPES[field.avro];
  const doc = field.registered?.doc;
  const unit = field.unit === undefined ? {} : { 'x-unit': field.unit };
  const description = doc === undefined ? {} : { description: doc };
  if (type === undefined) return { ...description, ...unit };
  return { type: field.nullable ? [...type, 'null'] : [...type], ...description, ...unit };
}

function infer(): Record<string, unknown> {
  const tensor = object(
    {
      name: { type: 'string' },
      shape: { type: 'array', items: { type: 'integer' } },
      datatype: { enum: ['BOOL', 'INT8', 'INT16', 'INT32', 'INT64', 'FP32', 'FP64', 'BYTES'] },
      data: { type: 'array', description: 'null is a missing value' },
    },
    ['name', 'shape', 'datatype', 'data'],
  );
  const body = object({ id: { type: 'string' }, inputs: { type: 'array', items: tensor } }, ['inputs']);
  return {
    summary:
      'Score named tensors (Open Inference Protocol v2); split and logged when tensors of the id and the event time name the examples',
    requestBody: { required: true, content: json(body) },
    responses: { '200': { description: 'Output tensors' }, ...ERRORS },
  };
}

function post(summary: string, body: Record<string, unknown>): Record<string, unknown> {
  const answer = { $ref: '#/components/schemas/Predictions' };
  return {
    summary,
    requestBody: { required: true, content: json(body) },
    responses: { '200': { description: 'Predictions', content: json(answer) }, ...ERRORS },
  };
}

function change(summary: string, body?: Record<string, unknown>): Record<string, unknown> {
  return {
    summary,
    ...(body === undefined ? {} : { requestBody: { required: false, content: json(body) } }),
    responses: {
      '200': TRAFFIC_ANSWER,
      '400': ERRORS['400'],
      '404': ERRORS['404'],
      '409': { description: 'There is no such version to answer', ...ERROR },
    },
  };
}

function get(summary: string, ...others: string[]): Record<string, unknown> {
  const more = Object.fromEntries(others.map((status) => [status, { description: 'No' }]));
  return { summary, responses: { '200': { description: 'Yes' }, ...more } };
}

function path(name: string, description: string, schema: Record<string, unknown>): Record<string, unknown> {
  return { name, in: 'path', required: true, description, schema: { type: 'string', ...schema } };
}

function object(properties: Record<string, unknown>, required: readonly string[]): Record<string, unknown> {
  return { type: 'object', properties, required, additionalProperties: false };
}

function json(schema: Record<string, unknown>): Record<string, unknown> {
  return { 'application/json': { schema } };
}

const TYPES: Readonly<Record<string, readonly string[]>> = {
  int: ['integer'],
  long: ['integer'],
  float: ['number'],
  double: ['number'],
  boolean: ['boolean'],
  string: ['string'],
  enum: ['string'],
  'timestamp-millis': ['integer', 'string'],
};
const ERROR = { content: json({ $ref: '#/components/schemas/Error' }) };
const ERRORS = {
  '400': { description: 'The request does not fit the contract', ...ERROR },
  '404': { description: 'No such model or version', ...ERROR },
  '413': { description: 'The body is too large', ...ERROR },
  '503': { description: 'No version is loaded, or the log is away', ...ERROR },
};
const NAMES = { type: 'array', items: { type: 'string' } };
const WEIGHTS = { type: 'object', additionalProperties: { type: 'number', minimum: 0 } };
const SPLIT = object(
  {
    experiment: { type: 'string', description: 'Names the draw: another name shares the ids out anew' },
    weights: { ...WEIGHTS, description: 'Weight by version; the same id always goes to the same version' },
    shadows: {
      ...NAMES,
      description: 'Versions that score what is answered and are logged to shadow-predictions',
    },
    from: {
      type: 'string',
      format: 'date-time',
      description: 'Event time from which it holds; now when absent',
    },
  },
  ['experiment'],
);
const ROLLBACK = object(
  { to: { type: 'string', description: 'Version; the one before when absent' }, reason: { type: 'string' } },
  [],
);
const TRAFFIC_SPLIT = object(
  {
    version: { type: 'string', description: 'Answers what is not split' },
    before: { type: ['string', 'null'], description: 'Answered before it' },
    experiment: { type: ['string', 'null'] },
    split: {
      oneOf: [
        { type: 'null' },
        object({ experiment: { type: 'string' }, weights: WEIGHTS, from: { type: ['string', 'null'] } }, [
          'experiment',
          'weights',
          'from',
        ]),
      ],
    },
    shadows: NAMES,
    loaded: NAMES,
    recorded: { type: 'boolean', description: 'After a change: whether model-releases has it' },
    why: { type: 'string', description: 'Why it is not recorded' },
  },
  ['version', 'before', 'experiment', 'split', 'shadows', 'loaded'],
);
const TRAFFIC_ANSWER = {
  description: 'Who answers now',
  content: json({ $ref: '#/components/schemas/TrafficSplit' }),
};
const PREDICTIONS = object(
  {
    model: { type: 'string' },
    version: { type: 'string' },
    predictions: {
      type: 'array',
      items: object({ id: {}, prediction: { type: 'number' }, version: { type: 'string' } }, [
        'id',
        'prediction',
        'version',
      ]),
    },
  },
  ['model', 'version', 'predictions'],
);
