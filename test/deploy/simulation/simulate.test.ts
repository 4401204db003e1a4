import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOOP_MUTANTS } from '../../../deploy/simulation/loop/loop-mutants.ts';
import { simulateLoop } from '../../../deploy/simulation/loop/simulate-loop.ts';
import { MUTANTS } from '../../../deploy/simulation/mutants.ts';
import { simulate } from '../../../deploy/simulation/simulate.ts';
import { firstFailure } from '../../../src/cli/simulate.ts';

test('ingest keeps its promises in two thousand simulated runs with deaths, sleeps and lost answers', async () => {
  let deaths = 0;
  let sleeps = 0;
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const run = await simulate({ seed });
    assert.deepEqual(
      run.failures,
      [],
      `replay: npm run -s simulate -- --only ingest --runs 1 --seed ${seed}`,
    );
    deaths += run.deaths;
    sleeps += run.sleeps;
  }
  assert.ok(deaths > 1_000, `${deaths}`);
  assert.ok(sleeps > 1_000, `${sleeps}`);
});

test('from prediction to alert, one hundred disturbed runs end like undisturbed ones', async () => {
  let [deaths, sleeps, events] = [0, 0, 0];
  for (let seed = 1; seed <= 100; seed += 1) {
    const run = await simulateLoop({ seed });
    assert.deepEqual(run.failures, [], `replay: npm run -s simulate -- --only loop --runs 1 --seed ${seed}`);
    deaths += run.deaths;
    sleeps += run.sleeps;
    events += run.events;
  }
  for (const figure of [deaths, sleeps, events]) assert.ok(figure > 50, `${[deaths, sleeps, events]}`);
});

test('the same seed gives the same run, failures included', async () => {
  const mutant = MUTANTS.find(({ name }) => name === 'max() for set difference');
  const other = LOOP_MUTANTS.find(({ name }) => name === 'additive view fed by raw rows');
  assert.ok(mutant !== undefined && other !== undefined);
  for (let seed = 1; seed <= 20; seed += 1) {
    const once = await simulate({ seed, mutate: mutant.mutate });
    assert.deepEqual(await simulate({ seed, mutate: mutant.mutate }), once);
  }
  for (let seed = 8; seed <= 12; seed += 1) {
    const once = await simulateLoop({ seed, mutate: other.mutate });
    assert.deepEqual(await simulateLoop({ seed, mutate: other.mutate }), once);
  }
});

for (const { name, mutate } of MUTANTS) {
  test(`a planted bug is found: ${name}`, async () => {
    const { caught } = await firstFailure(
      { runs: 300, seed: 1 },
      async (seed) => ({
        ...(await simulate({ seed, mutate })),
      }),
      async (seed) => ({ ...(await simulate({ seed })) }),
    );
    assert.ok(caught);
  });
}

for (const { name, mutate } of LOOP_MUTANTS) {
  test(`a planted bug is found in the loop: ${name}`, async () => {
    const { caught } = await firstFailure(
      { runs: 300, seed: 1 },
      async (seed) => ({
        ...(await simulateLoop({ seed, mutate })),
      }),
      async (seed) => ({ ...(await simulateLoop({ seed })) }),
    );
    assert.ok(caught);
  });
}
