import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { readLag } from '../../../src/server/dashboard/read-lag.ts';
import { freePort } from '../../fixtures/embedded-clickhouse.ts';

test('the lag is what all partitions are behind, and a partition is never ahead', async (t) => {
  const url = await answering(t, {
    live: true,
    partitions: [
      { floor: 10, highWatermark: 25 },
      { floor: 7, highWatermark: 7 },
      { floor: 9, highWatermark: 8 },
    ],
  });
  assert.deepEqual(await readLag(url), { messages: 15, partitions: 3 });
});

test('processors that are away or say something else are no lag, not a lag of zero', async (t) => {
  assert.equal(await readLag(`http://127.0.0.1:${await freePort()}`), undefined);
  assert.equal(await readLag(await answering(t, { error: 'starting' })), undefined);
});

async function answering(t: { after(stop: () => void): void }, body: object): Promise<string> {
  const server = createServer((_, response) => response.end(JSON.stringify(body)));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${port}`;
}
