import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { predict } from '../../../src/core/models/predict.ts';
import { column, FLOAT, modelFile, node } from '../../../src/core/onnx/model.ts';
import { integerField, integersField, join, messageField, textField } from '../../../src/core/onnx/wire.ts';
import { type ProbeResult, probeModel } from '../../../src/io/onnx-runtime/probe.ts';
import { columnsOf, rowsOf, sha256, trainedModel } from './models.ts';

const trained = trainedModel();
const rows = rowsOf(50, 7);
const golden = { columns: columnsOf(rows), expected: predict(trained.model, rows) };

function reasons(result: ProbeResult): string {
  return result.status === 'refused' ? result.reasons.join(' | ') : 'ok';
}

test('a sound model scores the golden batch in a process of its own', async () => {
  const result = await probeModel({ ...trained, golden });
  assert.ok(result.status === 'ok', reasons(result));
  assert.equal(result.scores.length, 50);
  assert.ok(result.peakBytes > 10e6);
});

test('answers that are not the expected ones are refused with the row', async () => {
  const expected = golden.expected.slice();
  expected[3] = 0.999;
  assert.match(
    reasons(await probeModel({ ...trained, golden: { ...golden, expected } })),
    /row 3 of the golden batch is answered with .*expected was 0\.99/,
  );
  const short = golden.expected.slice(1);
  assert.match(
    reasons(await probeModel({ ...trained, golden: { ...golden, expected: short } })),
    /49 expected/,
  );
});

test('a wrong hash is refused', async () => {
  assert.match(reasons(await probeModel({ ...trained, sha256: '00', golden })), /sha256/);
});

test('a model that answers what is no probability is refused', async () => {
  const bytes = single(node({ operator: 'Identity', inputs: ['a'], output: 'probability' }));
  for (const value of [1.5, Number.NaN, -0.1]) {
    assert.match(
      await probed(bytes, [0.5, value]),
      /row 1 of the golden batch is answered with (1\.5|NaN|-0\.1)/,
    );
  }
  assert.equal(await probed(bytes, [0, 1]), 'ok');
});

test('a model that runs without end is stopped by the time limit', async () => {
  const bytes = endless();
  assert.match(await probed(bytes, [0], { timeoutMs: 1500 }), /did not answer within 1500 ms/);
});

test('a probe whose parent was killed ends by itself', async () => {
  const child = fork(new URL('../../../src/io/onnx-runtime/probe-child.ts', import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const bytes = endless();
  const columns = { rows: 1, numeric: { a: Float32Array.from([0]) }, categorical: {} };
  // Nobody watches this one, as if the parent were gone.
  child.send({ bytes, sha256: sha256(bytes), golden: { columns }, timeoutMs: 500 });
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
});

test('a model that takes too much memory is stopped', async () => {
  // 300 million floats from one small constant.
  const shape = join([
    integersField(1, [1]),
    integerField(2, 7),
    textField(8, 'shape'),
    integersField(7, [3e8]),
  ]);
  const bytes = modelFile({
    nodes: [
      node({ operator: 'ConstantOfShape', inputs: ['shape'], output: 'big' }),
      node({ operator: 'Exp', inputs: ['big'], output: 'bigger' }),
      node({ operator: 'ReduceMax', inputs: ['bigger'], output: 'top' }),
      node({ operator: 'Mul', inputs: ['a', 'top'], output: 'probability' }),
    ],
    initializers: [shape],
    inputs: [column('a', FLOAT)],
    outputs: [column('probability', FLOAT)],
  });
  assert.match(await probed(bytes, [0], { memoryBytes: 400e6 }), /MB of memory; 400 MB are allowed/);
});

test('a limit of time that is shorter than the start of a process is kept too', async () => {
  assert.match(reasons(await probeModel({ ...trained, golden, timeoutMs: 1 })), /did not answer within 1 ms/);
});

async function probed(
  bytes: Uint8Array,
  a: readonly number[],
  limits: { timeoutMs?: number; memoryBytes?: number } = {},
): Promise<string> {
  const columns = { rows: a.length, numeric: { a: Float32Array.from(a) }, categorical: {} };
  return reasons(await probeModel({ bytes, sha256: sha256(bytes), golden: { columns }, ...limits }));
}

function single(only: Uint8Array): Uint8Array {
  return modelFile({
    nodes: [only],
    initializers: [],
    inputs: [column('a', FLOAT)],
    outputs: [column('probability', FLOAT)],
  });
}

/** A Loop of 2^62 turns over one addition. */
function endless(): Uint8Array {
  const scalar = (name: string, type: number) =>
    join([
      textField(1, name),
      messageField(2, [messageField(1, [integerField(1, type), messageField(2, [])])]),
    ]);
  const value = (name: string) =>
    join([textField(1, name), messageField(2, [messageField(1, [integerField(1, FLOAT)])])]);
  const body = [
    messageField(1, [node({ operator: 'Identity', inputs: ['go'], output: 'go_on' })]),
    messageField(1, [node({ operator: 'Add', inputs: ['v', 'v'], output: 'v_next' })]),
    textField(2, 'body'),
    messageField(11, [scalar('turn', 7)]),
    messageField(11, [scalar('go', 9)]),
    messageField(11, [value('v')]),
    messageField(12, [scalar('go_on', 9)]),
    messageField(12, [value('v_next')]),
  ];
  const attribute = join([textField(1, 'body'), messageField(6, body), integerField(20, 5)]);
  const turns = join([integerField(2, 7), textField(8, 'turns'), integersField(7, [2 ** 62])]);
  const yes = join([integerField(2, 9), textField(8, 'yes'), integersField(5, [1])]);
  return modelFile({
    nodes: [
      node({
        operator: 'Loop',
        inputs: ['turns', 'yes', 'a'],
        output: 'probability',
        attributes: [attribute],
      }),
    ],
    initializers: [turns, yes],
    inputs: [column('a', FLOAT)],
    outputs: [column('probability', FLOAT)],
  });
}
