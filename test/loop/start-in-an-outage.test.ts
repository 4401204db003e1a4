import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { startHttpProxy } from '../../deploy/chaos/http-proxy.ts';
import { stack, uniqueName } from '../fixtures/stack.ts';
import { openToyLoop } from '../fixtures/toy-loop.ts';
import { until } from '../fixtures/until.ts';

test('a processor that starts while its systems are away waits, says for which, and then begins by itself', async (t) => {
  const registry = await startHttpProxy({ target: stack().registryUrl });
  t.after(() => registry.close());
  const clickhouse = await startHttpProxy({ target: stack().clickhouse.url });
  t.after(() => clickhouse.close());
  const loop = await openToyLoop({
    systems: {
      ...stack(),
      registryUrl: registry.url,
      clickhouse: { ...stack().clickhouse, url: clickhouse.url },
    },
    name: uniqueName('outage'),
    after: (clean) => t.after(clean),
    endHour: 2,
  });
  const rows = loop.rows.filter(({ hour }) => hour < 2);
  await loop.log(rows);
  clickhouse.set('refuse');
  registry.set('refuse');
  const processor = await loop.startProcessor();
  const ask = async (path: string) => {
    const response = await fetch(`${processor.url}${path}`).catch(() => undefined);
    return response === undefined
      ? undefined
      : { status: response.status, ...HEALTH.parse(await response.json()) };
  };
  await until('it says that it waits for ClickHouse', async () =>
    /ClickHouse/.test((await ask('/readyz'))?.problems.join() ?? ''),
  );
  assert.deepEqual([(await ask('/readyz'))?.status, (await ask('/livez'))?.status], [503, 200]);
  clickhouse.set('pass');
  await until('it says that it waits for the registry', async () =>
    /registry/.test((await ask('/readyz'))?.problems.join() ?? ''),
  );
  assert.equal((await ask('/livez'))?.status, 200);
  registry.set('pass');
  await loop.settled(processor);
  assert.equal((await ask('/readyz'))?.status, 200);
  const [{ stored } = { stored: 0 }] = await loop.clickhouse.rows(
    'first-row',
    { table: `training_${loop.name}` },
    z.object({ rows: z.coerce.number() }).transform(({ rows: stored }) => ({ stored })),
  );
  assert.equal(stored, rows.length);
});

const HEALTH = z.object({ problems: z.array(z.string()) });
