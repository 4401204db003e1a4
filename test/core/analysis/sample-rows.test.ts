import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToSample, type HashedRows, type RowSample } from '../../../src/core/analysis/sample-rows.ts';
import { takeRows } from '../../../src/core/models/dataset.ts';
import { murmurHash } from '../../../src/core/models/murmur-hash.ts';
import { mix32 } from '../../../src/core/random.ts';
import { machineDataset, machineRows } from '../../fixtures/machines.ts';

test('a sample is the same however the rows came, holds whole rows, and prefers nobody', () => {
  const all = hashed(4_000);
  const one = sampled([all]);
  const other = sampled([cut(all, 3_000, 4_000), cut(all, 0, 10), cut(all, 10, 3_000)]);
  assert.deepEqual(one?.ids.toSorted(), other?.ids.toSorted());
  assert.equal(one?.dataset.rows, 500);
  const place = all.ids.indexOf(one?.ids[7] ?? '');
  assert.deepEqual(takeRows(one?.dataset ?? all.dataset, [7]), takeRows(all.dataset, [place]));
  assert.equal(one?.eventTimesMs[7], all.eventTimesMs[place]);
  const late = one?.eventTimesMs.filter((ms) => ms >= 14 * 86_400_000).length ?? 0;
  assert.ok(Math.abs(late - 250) < 50, `${late} of 500 rows are of the second half`);
  assert.deepEqual(sampled([cut(all, 0, 20)])?.ids, all.ids.slice(0, 20), 'few rows are all taken');
});

function sampled(blocks: readonly HashedRows[]): HashedRows | undefined {
  let sample: RowSample = { most: 500, rows: undefined };
  for (const block of blocks) sample = addToSample(sample, block);
  return sample.rows;
}

function hashed(rows: number): HashedRows {
  const machines = machineRows({ rows, fromMs: 0, days: 28, seed: 2 });
  return {
    ids: machines.map(({ machine_id }) => machine_id),
    eventTimesMs: Float64Array.from(machines, ({ eventTimeMs }) => eventTimeMs),
    dataset: machineDataset(machines),
    hashes: Float64Array.from(machines, ({ machine_id }) => mix32(murmurHash(machine_id))),
  };
}

function cut(rows: HashedRows, from: number, until: number): HashedRows {
  const positions = Array.from({ length: until - from }, (_, at) => from + at);
  return {
    ids: rows.ids.slice(from, until),
    eventTimesMs: rows.eventTimesMs.slice(from, until),
    dataset: takeRows(rows.dataset, positions),
    hashes: rows.hashes.slice(from, until),
  };
}
