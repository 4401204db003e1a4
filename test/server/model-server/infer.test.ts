import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inferAnswer, readInferRequest } from '../../../src/server/model-server/infer.ts';
import { loadRelease } from '../../../src/server/model-server/load-release.ts';
import { exampleManifest } from '../../fixtures/example-manifest.ts';
import { machineContract } from '../../fixtures/machines.ts';
import { taskContract } from '../../fixtures/tasks.ts';

test('classes come as texts and a table of probabilities, whichever classes a version knows', () => {
  const answers = [
    { label: 'low', probabilities: { low: 0.75, mid: 0.25 } },
    { label: 'high', probabilities: { low: 0.25, mid: 0.25, high: 0.5 } },
  ];
  assert.deepEqual(inferAnswer({ model: 'm', version: 'v1, v2', id: 'a', answers }), {
    model_name: 'm',
    model_version: 'v1, v2',
    id: 'a',
    outputs: [
      { name: 'prediction', datatype: 'BYTES', shape: [2], data: ['low', 'high'] },
      {
        name: 'probabilities',
        datatype: 'FP32',
        shape: [2, 3],
        data: [0.75, 0.25, 0, 0.25, 0.25, 0.5],
        parameters: { classes: ['low', 'mid', 'high'] },
      },
    ],
  });
  assert.deepEqual(inferAnswer({ model: 'm', version: 'v1', id: undefined, answers: [0.5, 2] })['outputs'], [
    { name: 'prediction', datatype: 'FP32', shape: [2], data: [0.5, 2] },
  ]);
  const tensor = { name: 'heat', shape: [1], datatype: 'FP32', data: [1] };
  const wanted = (name: string) =>
    readInferRequest({ inputs: [tensor], outputs: [{ name }] }, [{ name: 'heat', kind: 'numeric' }]).status;
  assert.deepEqual(['prediction', 'probabilities', 'logits'].map(wanted), ['ok', 'ok', 'bad']);
});

test('a version whose answers the serving contract has no room for is refused with the reason', async () => {
  const inputs = [{ name: 'heat', kind: 'numeric' as const }];
  const golden = {
    tolerance: 1e-5,
    rows: [{ numeric: { heat: 1 }, categorical: {}, prediction: [0.25, 0.75] }],
  };
  const release = {
    ...{ model: 'machines', version: 'v2', number: 2, status: 'accepted' as const, parent: 'v1' },
    ...{ createdMs: 0, reasons: [], uri: '', sha256: 'x' },
  };
  const load = (
    change: Parameters<typeof exampleManifest>[0],
    contract = machineContract('machines', 'serving'),
  ) => {
    const opened: unknown[] = [];
    const loaded = loadRelease({
      store: {
        readVersion: async () => ({
          status: 'ok',
          path: '',
          manifest: exampleManifest({ inputs, golden, ...change }),
        }),
      },
      openScorer: async ({ classes, expected }) => {
        opened.push(classes, expected);
        return {
          info: { sha256: 'x', producer: '', bytes: 1, output: 'probabilities', width: 2 },
          inputs,
          score: async () => new Float32Array(0),
          close: async () => undefined,
        };
      },
      release,
      contract,
    });
    return loaded.then((answer) => ({ answer, opened }));
  };
  const classes = { task: 'multiclass' as const, classes: ['low', 'high'] };
  const { answer } = await load(classes);
  assert.equal(
    answer.status === 'refused' ? answer.why : '',
    'it answers classes: the prediction prediction is numeric, and the label asks for a categorical one',
  );
  const graded = taskContract('machines', 'serving', 'multiclass');
  const number = await load({ task: 'regression' }, graded);
  assert.match(
    number.answer.status === 'refused' ? number.answer.why : '',
    /^it answers a number: .* numeric one$/,
  );
  const fits = await load(classes, graded);
  assert.equal(fits.answer.status, 'loaded');
  assert.deepEqual(fits.opened, [['low', 'high'], Float32Array.of(0.25, 0.75)]);
});
