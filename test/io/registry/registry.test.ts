import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type AvroDefinition, parseDefinition } from '../../../src/core/avro/definition.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { openCodec } from '../../../src/io/registry/codec.ts';
import { openRegistry } from '../../../src/io/registry/registry.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';

const url = stack().registryUrl;
const directory = mkdtempSync(join(tmpdir(), 'driftwatch-registry-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('the registry keeps our attributes, and a changed attribute is a new version', async () => {
  const registry = openRegistry({ url });
  const subject = uniqueName('attributes');
  const serving = demo();
  const id = await registry.register({ subject, definition: serving, compatibility: 'BACKWARD' });
  assert.equal(await registry.register({ subject, definition: serving }), id);
  const stranger = openRegistry({ url });
  assert.deepEqual(await stranger.byId(id), { status: 'known', id, definition: serving });
  const changed = { ...record('int', subject), doc: 'changed' };
  const other = uniqueName('attributes');
  const first = await registry.register({ subject: other, definition: record('int', subject) });
  const second = await registry.register({ subject: other, definition: changed });
  assert.notEqual(first, second);
  assert.deepEqual(await registry.idsOf(other), [first, second]);
  assert.deepEqual(await stranger.latest(other), { id: second, definition: changed });
});

test('an incompatible schema is refused with the registry’s own sentence', async () => {
  const registry = openRegistry({ url });
  const subject = uniqueName('incompatible');
  await registry.register({ subject, definition: record('double', subject), compatibility: 'BACKWARD' });
  await assert.rejects(
    registry.register({ subject, definition: record('string', subject) }),
    (error) =>
      error instanceof DriftwatchError &&
      error.code === 'REGISTRY_INCOMPATIBLE' &&
      /Incompatible/.test(error.message),
  );
  const free = await registry.register({
    subject,
    definition: record('string', subject),
    compatibility: 'NONE',
  });
  assert.ok(free > 0);
});

test('a subject that does not exist has no ids and no latest', async () => {
  const registry = openRegistry({ url });
  assert.deepEqual(await registry.idsOf(uniqueName('none')), []);
  assert.equal(await registry.latest(uniqueName('none')), undefined);
});

test('an unknown id is asked for once, and again when its time is over', async () => {
  const asked: string[] = [];
  let now = 0;
  const registry = openRegistry({ url, now: () => now, unknownForMs: 100, fetch: counting(asked) });
  const answers = await Promise.all([registry.byId(4_000_000_000), registry.byId(4_000_000_000)]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['unknown', 'unknown'],
  );
  await registry.byId(4_000_000_000);
  assert.equal(asked.length, 1);
  now = 101;
  await registry.byId(4_000_000_000);
  assert.equal(asked.length, 2);
});

test('many who ask for one id at once cause one request', async () => {
  const id = await openRegistry({ url }).register({ subject: uniqueName('flight'), definition: demo() });
  const asked: string[] = [];
  const registry = openRegistry({ url, fetch: counting(asked) });
  const answers = await Promise.all(Array.from({ length: 500 }, () => registry.byId(id)));
  assert.equal(asked.length, 1);
  assert.ok(answers.every(({ status }) => status === 'known'));
});

test('a registry that is away stops no schema that was seen before', async () => {
  const subject = uniqueName('away');
  const definition = record('long', subject);
  const id = await openRegistry({ url, cacheDirectory: directory }).register({ subject, definition });
  const away = openRegistry({ url: 'http://127.0.0.1:9/away', cacheDirectory: directory });
  assert.deepEqual(await away.byId(id), { status: 'known', id, definition });
  const never = await away.byId(4_000_000_001);
  assert.equal(never.status, 'unreachable');
});

test('a registry that accepts and never answers is unreachable after the time-out', async () => {
  const silent = await listen(createServer(() => undefined));
  try {
    const asked: string[] = [];
    const registry = openRegistry({
      url: silent.url,
      timeoutMs: 50,
      pauseMs: 60_000,
      fetch: counting(asked),
    });
    const answer = await registry.byId(1);
    assert.ok(answer.status === 'unreachable');
    assert.match(answer.why, /no answer within 50 ms/);
    assert.equal((await registry.byId(2)).status, 'unreachable');
    assert.equal(asked.length, 1, 'and the next question waits for the pause to end');
  } finally {
    silent.close();
  }
});

test('answers that are errors, too large, no JSON or no Avro do no harm', async () => {
  const bodies: Readonly<Record<string, readonly [number, string]>> = {
    '1': [500, '{"message":"broken"}'],
    '2': [200, `"${'x'.repeat(5_000_000)}"`],
    '3': [200, '<html>'],
    '4': [200, '{"schema":"{}","schemaType":"JSON"}'],
    '5': [200, '{"schema":"{\\"type\\":\\"nope\\"}"}'],
  };
  const odd = await listen(
    createServer((request, response) => {
      const [status, body] = bodies[request.url?.split('/').at(-1) ?? ''] ?? [404, '{}'];
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    }),
  );
  try {
    const status = async (id: number): Promise<string> =>
      (await openRegistry({ url: odd.url }).byId(id)).status;
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(status)), [
      'unreachable',
      'unreachable',
      'unreachable',
      'unknown',
      'unknown',
    ]);
  } finally {
    odd.close();
  }
});

test('what the codec writes, it and the registry client of others read', async () => {
  const registry = openRegistry({ url });
  const { SchemaRegistry } = await import('@kafkajs/confluent-schema-registry');
  const definition = system('dead-letter');
  const id = await registry.register({ subject: uniqueName('codec'), definition, compatibility: 'BACKWARD' });
  const letter = {
    topic: 'training.flights',
    partition: 1,
    offset: 2 ** 52,
    schema_id: null,
    reason: 'truncated',
    detail: 'Field "x"',
    key: Buffer.from('k'),
    payload: Buffer.from([0, 1, 2]),
    appended_at: 1_362_128_405_678,
  };
  const message = openCodec({ registry }).encode(id, definition, letter);
  assert.deepEqual(await openCodec({ registry: openRegistry({ url }) }).decode(message), letter);
  const theirs: unknown = await new SchemaRegistry({ host: url }).decode(message);
  assert.deepEqual({ ...Object(theirs) }, letter);
});

function counting(asked: string[]): typeof fetch {
  return (input, init) => {
    asked.push(String(input));
    return fetch(input, init);
  };
}

async function listen(server: Server): Promise<{ readonly url: string; close(): void }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${address.port}`, close };
}

function record(
  type: string,
  subject: string,
): {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
} {
  return { type: 'record', name: `R_${subject}`, fields: [{ name: 'x', type }] };
}

function demo(): AvroDefinition {
  return read('../../../deploy/demo/schemas/serving.flights.avsc');
}

function system(name: string): AvroDefinition {
  return read(`../../../schemas/avro/${name}.avsc`);
}

function read(path: string): AvroDefinition {
  const decoded = parseDefinition(readFileSync(new URL(path, import.meta.url), 'utf8'));
  assert.ok(decoded.status === 'ok');
  return decoded.definition;
}
