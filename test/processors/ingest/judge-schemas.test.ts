import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSchemaJudge } from '../../../processors/ingest/judge-schemas.ts';
import { containerOf } from '../../../processors/ingest/writer-schema.ts';
import { parseContract } from '../../../src/core/contract/parse-contract.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import type { Registry } from '../../../src/io/registry/registry.ts';
import { EXAMPLE } from '../../fixtures/ingest-rig.ts';

test('a schema of another subject is refused until it is registered under the own one, and then it is used', async () => {
  const { judge, registered, clock } = setUp();
  const [before] = (await judge.judge([5])).verdicts.values();
  assert.equal(before?.status === 'refused' && before.reason, 'foreign-schema');
  assert.equal(judge.schema(5)?.accepted, false);
  assert.deepEqual(
    judge.schema(5)?.findings.map((finding) => finding.class),
    ['FOREIGN_SCHEMA'],
  );
  registered.push(5);
  clock.ms += 60_000;
  const [after] = (await judge.judge([5])).verdicts.values();
  assert.equal(after?.status, 'usable');
  assert.equal(judge.schema(5)?.accepted, true);
});

test('an id that is unknown now may be known later, and a usable one is asked for once', async () => {
  const { judge, known, registered, clock, asked } = setUp();
  registered.push(5, 6);
  known.delete(6);
  const [unknown] = (await judge.judge([6])).verdicts.values();
  assert.equal(unknown?.status === 'refused' && unknown.reason, 'unknown-schema');
  known.add(6);
  clock.ms += 60_000;
  assert.equal((await judge.judge([6])).verdicts.get(6)?.status, 'usable');
  const before = asked.length;
  clock.ms += 3_600_000;
  await judge.judge([6, 6, 6]);
  assert.equal(asked.length, before);
});

test('no answer is no verdict, neither on the schema nor on its subject', async () => {
  const { judge, away, registered } = setUp();
  away.add('id');
  assert.deepEqual([...(await judge.judge([5])).owed.keys()], [5]);
  away.clear();
  away.add('subject');
  const { owed, verdicts } = await judge.judge([5]);
  assert.deepEqual([...owed.keys()], [5]);
  assert.equal(verdicts.size, 0);
  away.clear();
  registered.push(5);
  assert.equal((await judge.judge([5])).verdicts.get(5)?.status, 'usable');
});

test('a writer schema with a field of one of our names has no container', () => {
  const fields = [{ name: '_offset', type: 'long' }] as const;
  assert.equal(containerOf({ type: 'record', name: 'R', fields }, 1), undefined);
  assert.equal(containerOf('string', 1), undefined);
});

function setUp() {
  const known = new Set([5, 6]);
  const registered: number[] = [];
  const away = new Set<string>();
  const asked: number[] = [];
  const clock = { ms: 0, now: () => clock.ms, sleep: () => Promise.resolve() };
  const registry: Registry = {
    register: () => Promise.reject(new Error('not part of this test')),
    latest: () => Promise.reject(new Error('not part of this test')),
    async byId(id) {
      asked.push(id);
      if (away.has('id')) return { status: 'unreachable', id, why: 'No answer.' };
      return known.has(id)
        ? { status: 'known', id, definition: EXAMPLE }
        : { status: 'unknown', id, why: 'Not there.' };
    },
    async idsOf() {
      if (!away.has('subject')) return registered;
      throw new DriftwatchError({ code: 'REGISTRY_UNREACHABLE', message: 'No answer.', next: 'Wait.' });
    },
  };
  const parsed = parseContract({
    model: 'm',
    stream: 'training',
    topic: 't',
    subject: 't-value',
    definition: EXAMPLE,
  });
  if (parsed.status === 'invalid') throw new Error(parsed.problems.join(' '));
  const judge = createSchemaJudge({ registry, source: { contract: parsed.contract, topic: 't' }, clock });
  return { judge, known, registered, away, asked, clock };
}
