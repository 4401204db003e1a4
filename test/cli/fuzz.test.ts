import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReader } from '../../src/cli/fuzz-reader.ts';
import { runFuzz } from '../../src/cli/fuzz-run.ts';
import { compileWalker, walkExactly } from '../../src/core/avro/walker.ts';
import { EXAMPLE_SCHEMA } from '../../src/core/evaluation/hostile/example.ts';
import { FAMILIES } from '../../src/core/evaluation/hostile/families.ts';
import { EXAMPLE_ID } from '../../src/core/evaluation/hostile/hostile.ts';
import { seededRandom } from '../../src/core/random.ts';

test('hostile messages of every family become what they should, and nothing throws', async () => {
  const report = await runFuzz({ messages: 6_000, seed: 20 });
  assert.deepEqual([report.wrong, report.crashes], [0, 0], report.first.join('\n'));
  for (const [name, count] of Object.entries(report.families)) assert.ok(count.sent > 0, name);
  assert.ok((report.families['intact']?.rows ?? 0) > 0);
  assert.ok((report.families['truncated']?.dead_letters ?? 0) > 0);
});

test('the second reader tells: a walker that forgets the length at the end, or flips a bit, is caught', () => {
  const random = seededRandom(3);
  const reader = openReader(EXAMPLE_SCHEMA, EXAMPLE_ID);
  const walker = compileWalker(EXAMPLE_SCHEMA);
  let forgetful = 0;
  let careful = 0;
  for (let i = 0; i < 3_000; i += 1) {
    const hostile = FAMILIES[i % FAMILIES.length]?.make(random);
    if (hostile === undefined || hostile.value === null || hostile.truth === 'tombstone') continue;
    const { value, truth } = hostile;
    if (value.subarray(0, 5).join() !== `0,0,0,0,${EXAMPLE_ID}`) continue;
    const expected = truth === 'by-reading' ? reader.verdict(value) : truth;
    if (expected === 'undecided') assert.fail('the readers disagree');
    const is = (status: string) => (status === 'ok' ? 'row' : 'dead-letter');
    if (is(walker.walk(value, 5).status) !== expected) forgetful += 1;
    if (is(walkExactly(walker, value, 5).status) !== expected) careful += 1;
  }
  assert.ok(forgetful > 100, `${forgetful}`);
  assert.equal(careful, 0);
});

test('the truth that a message is made with agrees with the second reader, where it can read it', () => {
  const random = seededRandom(4);
  const reader = openReader(EXAMPLE_SCHEMA, EXAMPLE_ID);
  let compared = 0;
  for (let i = 0; i < 3_000; i += 1) {
    const hostile = FAMILIES[i % FAMILIES.length]?.make(random);
    if (hostile === undefined || hostile.truth === 'by-reading') continue;
    const id = hostile.value?.[4];
    if (hostile.value !== null && id !== EXAMPLE_ID) continue;
    assert.equal(reader.verdict(hostile.value), hostile.truth);
    compared += 1;
  }
  assert.ok(compared > 1_000, `${compared}`);
});
