import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import { trainLogisticRegression } from '../../../src/core/models/logistic-regression.ts';
import { checkOnnx, ONNX_LIMITS } from '../../../src/core/onnx/check-onnx.ts';
import { exportOnnx } from '../../../src/core/onnx/export-model.ts';
import {
  column,
  FLOAT,
  initializer,
  integerAttribute,
  modelFile,
  node,
} from '../../../src/core/onnx/model.ts';
import { eachField } from '../../../src/core/onnx/read-wire.ts';
import {
  bytesField,
  integerField,
  integersField,
  join,
  messageField,
  textField,
} from '../../../src/core/onnx/wire.ts';
import { randomBelow, seededRandom } from '../../../src/core/random.ts';
import { FIXTURES, numericDataset } from '../../fixtures/models/fixtures.ts';

const { x, y } = FIXTURES.logistic;

function good(): Uint8Array {
  const train = {
    ...numericDataset(x, y),
    categorical: [{ name: 'carrier', values: y.map((_, at) => `c${at % 5}`) }],
  };
  const trained = trainGradientBoosting({ train, options: { rounds: 5 }, random: seededRandom(1) });
  assert.ok(trained.status === 'trained');
  return exportOnnx(trained.model);
}

/** y = a + w, with the parts of the file in reach. */
function sum(
  parts: { weights?: Uint8Array; nodes?: Uint8Array[]; extra?: Uint8Array; input?: Uint8Array } = {},
) {
  const file = modelFile({
    nodes: parts.nodes ?? [node({ operator: 'Add', inputs: ['a', 'w'], output: 'probability' })],
    initializers: [parts.weights ?? initializer('w', [1], [2])],
    inputs: [parts.input ?? column('a', FLOAT)],
    outputs: [column('probability', FLOAT)],
  });
  return join([file, parts.extra ?? new Uint8Array(0)]);
}

function reasons(bytes: Uint8Array): string {
  const answer = checkOnnx(bytes);
  assert.equal(answer.status, 'refused');
  return answer.status === 'refused' ? answer.reasons.join(' | ') : '';
}

const tensor = (...fields: Uint8Array[]) => join([integersField(1, [1]), integerField(2, FLOAT), ...fields]);
const EXTERNAL = messageField(13, [textField(1, 'location'), textField(2, '../../etc/passwd')]);
const RAW = bytesField(9, new Uint8Array(4));

test('our own models pass, with the ports they declare', () => {
  const answer = checkOnnx(good());
  assert.ok(answer.status === 'ok');
  assert.equal(answer.producer, 'driftwatch');
  assert.deepEqual(
    answer.inputs.map(({ name, type, shape }) => [name, type, ...shape]),
    [
      ['f0', 'float', 'N', 1],
      ['f1', 'float', 'N', 1],
      ['f2', 'float', 'N', 1],
      ['f3', 'float', 'N', 1],
      ['carrier', 'string', 'N', 1],
    ],
  );
  assert.deepEqual(
    answer.outputs.map(({ name, type }) => [name, type]),
    [
      ['probability', 'float'],
      ['label', 'int64'],
    ],
  );
  const logistic = trainLogisticRegression({ train: numericDataset(x, y) });
  assert.ok(logistic.status === 'trained');
  assert.equal(checkOnnx(exportOnnx(logistic.model)).status, 'ok');
  assert.equal(checkOnnx(sum()).status, 'ok');
});

test('data outside the file is refused wherever a tensor can be', () => {
  const outside = tensor(EXTERNAL, integerField(14, 1));
  const attribute = (...fields: Uint8Array[]) => join([textField(1, 'value'), ...fields]);
  const constant = (a: Uint8Array) =>
    sum({ nodes: [node({ operator: 'Constant', inputs: [], output: 'c', attributes: [a] })] });
  const files = {
    initializer: sum({ weights: outside }),
    'location field alone': sum({ weights: tensor(RAW, integerField(14, 1)) }),
    'external entry alone': sum({ weights: tensor(RAW, EXTERNAL) }),
    'attribute tensor': constant(attribute(bytesField(5, outside), integerField(20, 4))),
    'attribute tensors': constant(attribute(bytesField(10, outside), integerField(20, 9))),
    'attribute sparse tensor': constant(attribute(messageField(22, [bytesField(1, outside)]))),
    'attribute sparse tensors': constant(attribute(messageField(23, [bytesField(2, outside)]))),
    'graph in an attribute': constant(attribute(messageField(6, [bytesField(5, outside)]))),
    'graphs in an attribute': constant(attribute(messageField(11, [bytesField(5, outside)]))),
    'sparse initializer': sum({ extra: messageField(7, [messageField(15, [bytesField(1, outside)])]) }),
    'second graph': sum({ extra: messageField(7, [bytesField(5, outside)]) }),
  };
  for (const [where, file] of Object.entries(files)) {
    assert.match(reasons(file), /data outside the file/, where);
  }
});

test('operators outside the standard domains are refused, and so is importing them', () => {
  const custom = join([
    node({ operator: 'Evil', inputs: ['a'], output: 'probability' }),
    textField(7, 'com.evil'),
  ]);
  assert.match(reasons(sum({ nodes: [custom] })), /domain "com\.evil"/);
  const imported = messageField(8, [textField(1, 'ai.onnx.contrib'), integerField(2, 1)]);
  assert.match(reasons(sum({ extra: imported })), /domain "ai\.onnx\.contrib"/);
  const microsoft = join([node({ operator: 'A', inputs: [], output: 'b' }), textField(7, 'com.microsoft')]);
  const inner = join([textField(1, 'body'), messageField(6, [bytesField(1, microsoft)])]);
  const loop = node({ operator: 'Loop', inputs: [], output: 'c', attributes: [inner] });
  assert.match(reasons(sum({ nodes: [loop] })), /domain "com\.microsoft"/);
});

test('local functions and training parts are refused', () => {
  assert.match(reasons(sum({ extra: messageField(25, [textField(1, 'f')]) })), /local functions/);
  assert.match(reasons(sum({ extra: messageField(20, []) })), /training part/);
});

test('sizes that are too large, negative or untrue are refused', () => {
  const sized = (dims: number[]) => join([integersField(1, dims), integerField(2, FLOAT), RAW]);
  assert.match(reasons(sum({ weights: sized([1e6, 1e6]) })), /more than 16777216 elements/);
  assert.match(reasons(sum({ weights: sized([-1]) })), /negative size/);
  assert.match(reasons(sum({ weights: sized([2]) })), /says 2 elements of float but carries something else/);
  assert.match(reasons(sum({ weights: sized([0]) })), /carries something else/);
  assert.match(reasons(sum({ weights: tensor(RAW, integersField(7, [1])) })), /carries something else/);
  assert.match(
    reasons(sum({ weights: join([integersField(1, [1]), integerField(2, 99), RAW]) })),
    /element type 99/,
  );
  const wide = [messageField(1, [integerField(1, 2 ** 40)])];
  const input = join([
    textField(1, 'a'),
    messageField(2, [messageField(1, [integerField(1, FLOAT), messageField(2, wide)])]),
  ]);
  assert.match(reasons(sum({ input })), /declared shape/);
  const small = checkOnnx(good(), { ...ONNX_LIMITS, maxBytes: 1000 });
  assert.ok(small.status === 'refused' && /bytes; 1000 are allowed/.test(small.reasons[0] ?? ''));
  const few = checkOnnx(good(), { ...ONNX_LIMITS, maxNodes: 2 });
  assert.ok(few.status === 'refused' && /more than 2 nodes/.test(few.reasons[0] ?? ''));
  const fields = checkOnnx(good(), { ...ONNX_LIMITS, maxFields: 50 });
  assert.ok(fields.status === 'refused' && /more than 50 fields/.test(fields.reasons.join()));
});

test('graphs and types nested without end are refused without a stack overflow', () => {
  let graph = join([]);
  let type = join([]);
  for (let depth = 0; depth < 20_000; depth += 1) {
    if (depth < 3000) {
      const inner = join([textField(1, 'body'), bytesField(6, graph)]);
      graph = bytesField(1, node({ operator: 'If', inputs: [], output: 'c', attributes: [inner] }));
    }
    if (depth < 3000) type = messageField(4, [bytesField(1, type)]);
  }
  assert.match(reasons(sum({ extra: bytesField(7, graph) })), /nested more than 3 deep/);
  assert.match(reasons(sum({ input: join([textField(1, 'a'), bytesField(2, type)]) })), /Types are nested/);
});

test('unknown fields, wrong wire types, broken text and empty files are refused', () => {
  assert.match(reasons(sum({ extra: textField(99, 'x') })), /unknown field 99/);
  assert.match(reasons(sum({ extra: textField(1, 'x') })), /make no sense/);
  assert.match(reasons(sum({ extra: bytesField(3, Uint8Array.from([0xff, 0xfe])) })), /make no sense/);
  assert.match(reasons(new Uint8Array(0)), /empty/);
  assert.match(reasons(Buffer.from('not a model at all')), /make no sense|unknown field/);
  assert.match(reasons(join([integerField(1, 8)])), /0 main graphs/);
  const silent = modelFile({ nodes: [], initializers: [], inputs: [column('a', FLOAT)], outputs: [] });
  assert.match(reasons(silent), /no output/);
});

test('every truncation is refused', () => {
  const file = sum();
  for (let length = 0; length < file.length; length += 1) {
    const cut = checkOnnx(file.subarray(0, length));
    // A cut just after the graph or the first import leaves a shorter but readable file.
    if (cut.status === 'ok') assert.ok(length > file.length - 40, `${length} of ${file.length}`);
  }
});

test('two thousand mutations: never a crash, never data outside the file let through', () => {
  const random = seededRandom(20_130_101);
  const outside = sum({ weights: tensor(EXTERNAL, integerField(14, 1)) });
  const bases = [good(), sum(), outside, nestedModel()];
  const seen = { ok: 0, refused: 0, outside: 0 };
  for (let run = 0; run < 2000; run += 1) {
    const mutant = mutate(random, bases[run % bases.length] ?? outside);
    const answer = checkOnnx(mutant);
    seen[answer.status] += 1;
    if (!mentionsOutside(mutant)) continue;
    seen.outside += 1;
    assert.equal(answer.status, 'refused', Buffer.from(mutant).toString('hex'));
  }
  // The mutations reach all three cases, so the assertion above is not idle.
  assert.ok(seen.ok > 50 && seen.refused > 500 && seen.outside > 200, JSON.stringify(seen));
});

function nestedModel(): Uint8Array {
  const inner = bytesField(5, tensor(RAW));
  const attribute = join([textField(1, 'then_branch'), bytesField(6, inner), integerField(20, 5)]);
  const plain = integerAttribute('axis', 1);
  return sum({
    nodes: [node({ operator: 'If', inputs: ['a'], output: 'probability', attributes: [plain, attribute] })],
  });
}

function mutate(random: () => number, base: Uint8Array): Uint8Array {
  let bytes: Uint8Array = base.slice();
  for (let edits = 1 + randomBelow(random, 4); edits > 0; edits -= 1) {
    const at = randomBelow(random, bytes.length);
    const kind = random();
    if (kind < 0.4) bytes[at] = randomBelow(random, 256);
    else if (kind < 0.6) bytes[at] = (bytes[at] ?? 0) ^ (1 << randomBelow(random, 8));
    else if (kind < 0.7) bytes = join([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    else if (kind < 0.8) bytes = join([bytes.subarray(0, at), EXTERNAL, bytes.subarray(at)]);
    else if (kind < 0.9) bytes = join([bytes, messageField(7, [messageField(5, [EXTERNAL])])]);
    else bytes = bytes.slice(0, at);
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

/** Independent of the checker's rules: follows only the messages that lead to tensors and looks for their fields 13, 14. */
function mentionsOutside(file: Uint8Array): boolean {
  const paths: Record<string, Record<number, string>> = {
    model: { 7: 'graph' },
    graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
    node: { 5: 'attribute' },
    attribute: { 5: 'tensor', 10: 'tensor', 6: 'graph', 11: 'graph', 22: 'sparse', 23: 'sparse' },
    sparse: { 1: 'tensor', 2: 'tensor' },
    tensor: {},
  };
  const visit = (message: Uint8Array, kind: string): boolean => {
    let found = false;
    const readable = eachField(message, (field) => {
      if (kind === 'tensor' && field.field === 13) found = true;
      if (kind === 'tensor' && field.field === 14 && field.wire === 'varint' && field.value !== 0n)
        found = true;
      const inner = paths[kind]?.[field.field];
      if (inner !== undefined && field.wire === 'bytes') found = visit(field.bytes, inner) || found;
      return true;
    });
    // A message that no parser reads loads nothing.
    return found && readable;
  };
  return visit(file, 'model');
}
