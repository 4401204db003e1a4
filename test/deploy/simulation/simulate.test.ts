import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUTANTS } from '../../../deploy/simulation/mutants.ts';
import { simulate } from '../../../deploy/simulation/simulate.ts';
import { firstFailure } from '../../../src/cli/simulate.ts';

test('ingest keeps its promises in two thousand simulated runs with deaths, sleeps and lost answers', async () => {
  let deaths = 0;
  let sleeps = 0;
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const run = await simulate({ seed });
    assert.deepEqual(run.failures, [], `replay: npm run -s simulate -- --runs 1 --seed ${seed}`);
    deaths += run.deaths;
    sleeps += run.sleeps;
  }
  assert.ok(deaths > 1_000, `${deaths}`);
  assert.ok(sleeps > 1_000, `${sleeps}`);
});

test('the same seed gives the same run, failures included', async () => {
  const mutant = MUTANTS.find(({ name }) => name === 'max() for set difference');
  assert.ok(mutant !== undefined);
  for (let seed = 1; seed <= 20; seed += 1) {
    const once = await simulate({ seed, mutate: mutant.mutate });
    assert.deepEqual(await simulate({ seed, mutate: mutant.mutate }), once);
  }
});

for (const { name, mutate } of MUTANTS) {
  test(`a planted bug is found: ${name}`, async () => {
    const { caught } = await firstFailure({ runs: 300, seed: 1 }, mutate);
    assert.ok(caught);
  });
}
