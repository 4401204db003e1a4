import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { portHolder, requireFreePorts, stackPorts } from '../../../deploy/embedded/ports.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { freeTestOffset } from '../../fixtures/own-stack.ts';

test('all ports shift by the offset', () => {
  assert.deepEqual(stackPorts(0), { kafka: 9092, kafkaController: 9093, registry: 8081, clickhouse: 8123 });
  assert.deepEqual(stackPorts(100), { kafka: 9192, kafkaController: 9193, registry: 8181, clickhouse: 8223 });
});

test('an offset that leads out of the port range is refused', () => {
  for (const offset of [60_000, -8081, 0.5, Number.NaN]) {
    assert.throws(
      () => stackPorts(offset),
      (error) => error instanceof DriftwatchError && error.code === 'CONFIG_INVALID',
    );
  }
});

test('a taken port is refused with its number, who holds it, and an offset at which all ports are free', async (t) => {
  const offset = await freeTestOffset();
  const ports = stackPorts(offset);
  await requireFreePorts(ports);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(ports.registry, '127.0.0.1', resolve));
  t.after(() => server.close());
  assert.equal(portHolder(ports.registry)?.pid, process.pid);
  const error = await requireFreePorts(ports).then(
    () => assert.fail('the port is taken'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DriftwatchError);
  assert.equal(error.code, 'PORT_IN_USE');
  assert.match(error.message, new RegExp(`^Port ${ports.registry}, .*process ${process.pid}`));
  const suggested = Number(/--port-offset (\d+)/.exec(error.next)?.[1]);
  await requireFreePorts(stackPorts(suggested));
});
