import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { askWhatIf } from '../../../src/server/dashboard/ask-what-if.ts';
import { machineContract } from '../../fixtures/machines.ts';

const ROW = { _k: 'm7', heat: 20, load: null, color: 'red' };

/** A model server whose prediction is the heat divided by 100. */
async function modelServer(t: TestContext): Promise<{ url: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = BODY.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    asked.push(request.url);
    const heat = body.inputs.find(({ name }) => name === 'heat')?.data ?? [];
    const data = heat.map((value) => Number(value) / 100);
    response.end(JSON.stringify({ model_version: 'v3', outputs: [{ data }] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked };
}
const BODY = z.object({ inputs: z.array(z.object({ name: z.string(), data: z.array(z.unknown()) })) });

function asking(rows: string, serverUrl: string) {
  return askWhatIf({
    clickhouse: { bytes: async () => Buffer.from(rows) },
    servingContract: async () => machineContract('machines', 'serving'),
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
  const heat = answer.features.find(({ name }) => name === 'heat');
  assert.deepEqual([heat?.before, heat?.after], [20, 35]);
  assert.deepEqual(asked, ['/v2/models/machines/infer']);
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
