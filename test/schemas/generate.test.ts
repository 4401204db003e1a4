import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'driftwatch-generate-'));
after(() => rmSync(copy, { recursive: true, force: true }));

test('the AsyncAPI document is that of the schemas', () => {
  const run = spawnSync(process.execPath, [join(ROOT, 'schemas/generate.ts'), '--check'], {
    encoding: 'utf8',
  });
  assert.deepEqual([run.status, run.stderr], [0, '']);
});

test('a schema that changed without the document fails the check with a sentence', () => {
  for (const part of ['schemas', 'topics', 'src', 'package.json'])
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const file = join(copy, 'schemas/avro/alert.avsc');
  writeFileSync(file, readFileSync(file, 'utf8').replace('0 for the first transition', 'Counts up'));
  const run = spawnSync(process.execPath, [join(copy, 'schemas/generate.ts'), '--check'], {
    encoding: 'utf8',
  });
  assert.equal(run.status, 1);
  assert.match(run.stderr, /asyncapi\.json does not match schemas\/avro and topics\. Run `npm run generate`/);
});

test('every channel of the AsyncAPI document has a message that exists', () => {
  const text = readFileSync(join(ROOT, 'schemas/asyncapi.json'), 'utf8');
  const document: {
    asyncapi: string;
    channels: Record<string, { messages: Record<string, { $ref: string }> }>;
    components: { messages: Record<string, unknown> };
  } = JSON.parse(text);
  assert.equal(document.asyncapi, '3.1.0');
  const channels = Object.values(document.channels);
  assert.equal(channels.length, 5);
  for (const { messages } of channels)
    for (const [name, { $ref }] of Object.entries(messages)) {
      assert.equal($ref, `#/components/messages/${name}`);
      assert.ok(name in document.components.messages);
    }
});
