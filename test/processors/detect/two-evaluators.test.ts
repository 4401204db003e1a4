import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toyRows } from '../../../src/core/evaluation/toy/toy-rows.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { decidedToy, timesAt } from '../../fixtures/decided-toy.ts';

test('an evaluator that slept while another was opened changes nothing, and says so', async () => {
  const rows = toyRows(3, 16);
  const toy = await decidedToy({ rows, trainingHours: 10 });
  try {
    const sleeper = await toy.open();
    await sleeper.advance(timesAt(12));
    const other = await toy.open();
    await other.advance(timesAt(13));
    const known = await toy.verdictsOn('x');
    await assert.rejects(
      sleeper.advance(timesAt(16)),
      (error: unknown) => error instanceof DriftwatchError && error.code === 'LEASE_LOST',
    );
    assert.deepEqual(await toy.verdictsOn('x'), known);
    assert.ok(known.length > 0);
    await other.advance(timesAt(16));
    assert.ok((await toy.verdictsOn('x')).length > known.length);
  } finally {
    await toy.close();
  }
});
