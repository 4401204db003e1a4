import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assignVersion } from '../../../src/core/experiments/assign-version.ts';

const IDS = Array.from({ length: 4_000 }, (_, at) => `id-${at}`);

function assign(share: number, experiment = 'v2 against v1'): (string | undefined)[] {
  const versions = [
    { version: 'v1', weight: 1 - share },
    { version: 'v2', weight: share },
  ];
  return IDS.map((id) => assignVersion({ experiment, id, versions }));
}

function count(versions: readonly (string | undefined)[], version: string): number {
  return versions.filter((one) => one === version).length;
}

test('each version gets its share of the ids, whatever the weights add up to', () => {
  for (const share of [0.05, 0.2, 0.5]) {
    const sd = Math.sqrt(IDS.length * share * (1 - share));
    assert.ok(Math.abs(count(assign(share), 'v2') - IDS.length * share) < 4 * sd, String(share));
  }
});

test('a canary that grows keeps the ids it had, and nothing moves between other versions', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 2, maxLength: 5 }),
      fc.double({ min: 1, max: 20, noNaN: true }),
      fc.string(),
      (weights, growth, id) => {
        const before = weights.map((weight, at) => ({ version: `v${at}`, weight }));
        const after = before.map((one, at) => (at === 0 ? { ...one, weight: one.weight * growth } : one));
        const was = assignVersion({ experiment: 'e', id, versions: before });
        const is = assignVersion({ experiment: 'e', id, versions: after });
        assert.ok(is === was || is === 'v0');
      },
    ),
  );
});

test('two experiments split the ids independently', () => {
  const [a, b] = [assign(0.5, 'first'), assign(0.5, 'second')];
  const both = IDS.filter((_, at) => a[at] === 'v2' && b[at] === 'v2').length;
  assert.ok(Math.abs(both - IDS.length / 4) < 4 * Math.sqrt((IDS.length * 3) / 16));
});

test('no weight, no version', () => {
  assert.equal(assignVersion({ experiment: 'e', id: 'a', versions: [] }), undefined);
  assert.equal(
    assignVersion({ experiment: 'e', id: 'a', versions: [{ version: 'v1', weight: 0 }] }),
    undefined,
  );
});
