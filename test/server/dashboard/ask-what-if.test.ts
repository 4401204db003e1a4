import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { askWhatIf, type WhatIfAnswer } from '../../../src/server/dashboard/ask-what-if.ts';
import { whatIfPage } from '../../../src/server/dashboard/views/what-if.ts';
import { machineContract } from '../../fixtures/machines.ts';
import { type OtherTask, taskContract } from '../../fixtures/tasks.ts';

const ROW = { _k: 'm7', heat: 20, load: null, color: 'red' };

/** A model server whose prediction is the heat divided by 100. */
async function modelServer(
  t: TestContext,
  outputsOf = (data: readonly number[]): unknown => [{ data }],
): Promise<{ url: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = BODY.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    asked.push(request.url);
    const heat = body.inputs.find(({ name }) => name === 'heat')?.data ?? [];
    const data = heat.map((value) => Number(value) / 100);
    response.end(JSON.stringify({ model_version: 'v3', outputs: outputsOf(data) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked };
}
const BODY = z.object({ inputs: z.array(z.object({ name: z.string(), data: z.array(z.unknown()) })) });

const MACHINES = async () => ({
  training: machineContract('machines', 'training'),
  serving: machineContract('machines', 'serving'),
  labels: machineContract('machines', 'labels'),
});

function asking(
  rows: string,
  serverUrl: string,
  contracts: Parameters<typeof askWhatIf>[0]['contracts'] = MACHINES,
) {
  return askWhatIf({
    clickhouse: { bytes: async () => Buffer.from(rows) },
    contracts,
    serverUrl,
  });
}

test('the row as served and the changed one are scored by the serving version', async (t) => {
  const { url, asked } = await modelServer(t);
  const ask = asking(`${JSON.stringify(ROW)}\n`, url);
  const said = await ask({
    model: 'machines',
    id: '',
    changes: [{ feature: 'heat', how: 'add', value: 15 }],
  });
  assert.ok(said.status === 'ok');
  const { answer } = said;
  assert.deepEqual([answer.id, answer.version, answer.before, answer.after], ['m7', 'v3', 0.2, 0.35]);
  assert.equal(answer.isProbability, true);
  const heat = answer.features.find(({ name }) => name === 'heat');
  assert.deepEqual([heat?.before, heat?.after], [20, 35]);
  assert.deepEqual(asked, ['/v2/models/machines/infer']);
});

test('of classes the one that is said and the probability of each is shown, of a number its unit and no share', async (t) => {
  const contractsOf = (task: OtherTask) => async () => ({
    training: taskContract('machines', 'training', task),
    serving: taskContract('machines', 'serving', task),
    labels: taskContract('machines', 'labels', task),
  });
  const changes = [{ feature: 'heat', how: 'set', value: 70 }] as const;
  const classes = await modelServer(t, (data) => [
    { name: 'prediction', data: data.map((p) => (p > 0.5 ? 'high' : 'low')) },
    {
      name: 'probabilities',
      data: data.flatMap((p) => [1 - p, p]),
      parameters: { classes: ['low', 'high'] },
    },
  ]);
  const said = await asking(
    JSON.stringify(ROW),
    classes.url,
    contractsOf('multiclass'),
  )({
    model: 'machines',
    id: '',
    changes,
  });
  assert.ok(said.status === 'ok');
  assert.deepEqual(
    [said.answer.before, said.answer.after],
    [
      { label: 'low', probabilities: { low: 0.8, high: 0.2 } },
      { label: 'high', probabilities: { low: 1 - 0.7, high: 0.7 } },
    ],
  );
  const pageOf = (answer: WhatIfAnswer): string =>
    whatIfPage({ models: ['machines'], model: 'machines', id: '', set: [], answer, problem: undefined });
  const page = pageOf(said.answer);
  assert.match(page, /low<\/span> → <span class="big">high/);
  assert.match(page, /0\.2000.*0\.7000.*\+0\.5000/s);
  const numbers = await modelServer(t, (data) => [{ data: data.map((p) => 1_000 * p) }]);
  const one = await asking(
    JSON.stringify(ROW),
    numbers.url,
    contractsOf('regression'),
  )({
    model: 'machines',
    id: '',
    changes,
  });
  assert.ok(one.status === 'ok');
  assert.deepEqual([one.answer.before, one.answer.after, one.answer.isProbability], [200, 700, false]);
  assert.match(
    pageOf({ ...one.answer, unit: 'min' }),
    /200<\/span> → <span class="big">700<\/span> \(\+500\) min/,
  );
});

test('what cannot be answered is a sentence', async (t) => {
  const { url } = await modelServer(t);
  const nobody = await asking('', url)({ model: 'machines', id: 'm9', changes: [] });
  assert.deepEqual(nobody, { status: 'bad', sentence: 'No example "m9" was served.' });
  const ask = asking(JSON.stringify(ROW), url);
  const wrong = await ask({
    model: 'machines',
    id: '',
    changes: [{ feature: 'wind', how: 'set', value: 1 }],
  });
  assert.match(wrong.status === 'bad' ? wrong.sentence : '', /there is no feature wind/);
  const silent = await asking(
    JSON.stringify(ROW),
    'http://127.0.0.1:9',
  )({
    model: 'machines',
    id: '',
    changes: [],
  });
  assert.match(silent.status === 'bad' ? silent.sentence : '', /does not answer/);
});
