import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { decodeGolden, goldenReport } from '../../../src/cli/golden-run.ts';
import { cramersV } from '../../../src/core/statistics/cramers-v.ts';
import { hellinger } from '../../../src/core/statistics/hellinger.ts';
import { jensenShannon } from '../../../src/core/statistics/jensen-shannon.ts';

const folder = new URL('../../golden/statistics/', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

describe('statistics agree with SciPy', () => {
  for (const [name, least] of [
    ['statistics.json', 1400],
    ['random-cases.json', 3000],
  ] as const) {
    test(`on all values of ${name}`, () => {
      const report = goldenReport(decodeGolden(text(name), name).cases);
      assert.deepEqual(report.failures, []);
      assert.ok(report.checked >= least, `${report.checked} values`);
      assert.ok(Number(report.worst_relative_error) < 1e-9);
      assert.ok(Number(report.worst_p_error) < 1e-6);
    });
  }
});

describe("statistics agree with the peers' on the peers' own bins", () => {
  const cases: readonly Peer[] = JSON.parse(text('statistics.json')).cases;
  const categorical = cases.filter(({ kind }) => kind === 'categorical');

  test('Hellinger and Jensen-Shannon over categories: NannyML, base 2', () => {
    for (const { id, scipy, nannyml } of categorical) {
      const { counts_ref: a = [], counts_cur: b = [] } = scipy;
      near(numberOf(hellinger(a, b)), nannyml?.['hellinger'], id);
      near(numberOf(jensenShannon(a, b)), nannyml?.['jensen_shannon'], id);
    }
    assert.ok(categorical.length >= 7);
  });

  test("bias-corrected Cramer's V: Deepchecks, where it merges no rare categories", () => {
    let checked = 0;
    for (const { id, scipy, deepchecks } of categorical) {
      const { counts_ref: a = [], counts_cur: b = [] } = scipy;
      if (a.length > 5 || a.length < 3 || id.includes('null')) continue;
      near(numberOf(cramersV(a, b)), deepchecks?.['cramers_v'], id);
      checked += 1;
    }
    assert.ok(checked >= 2);
  });
});

interface Peer {
  readonly id: string;
  readonly kind: string;
  readonly scipy: { readonly counts_ref?: number[]; readonly counts_cur?: number[] };
  readonly nannyml?: Record<string, number>;
  readonly deepchecks?: Record<string, number>;
}

function numberOf(result: ReturnType<typeof hellinger>): number {
  return result.status === 'ok' ? result.value : Number.NaN;
}

function near(got: number, expected: number | undefined, id: string): void {
  assert.ok(
    expected !== undefined && Math.abs(got - expected) < 1e-12,
    `${id}: ${got}, expected ${expected}`,
  );
}
