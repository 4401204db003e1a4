import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { buildApplication, buildRouteMap, run } from '@stricli/core';
import { command } from '../../src/cli/golden.ts';

const folder = mkdtempSync(join(tmpdir(), 'driftwatch-golden-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const golden = JSON.parse(
  readFileSync(new URL('../golden/statistics/statistics.json', import.meta.url), 'utf8'),
);

/** Runs the command as the terminal does and gives what it printed. */
async function call(file: string) {
  const out: string[] = [];
  const err: string[] = [];
  const into = (lines: string[]) => ({ write: (text: string) => void lines.push(text) });
  const process: {
    stdout: { write(text: string): void };
    stderr: { write(text: string): void };
    exitCode?: number | string | null;
  } = { stdout: into(out), stderr: into(err) };
  const root = buildRouteMap({ routes: { golden: command }, docs: { brief: 'golden' } });
  const application = buildApplication(root, { name: 'driftwatch', determineExitCode: () => 1 });
  await run(application, ['golden', file], { process });
  return { stdout: out.join(''), stderr: err.join(''), exitCode: process.exitCode };
}

function written(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const small = (scipy: object, ref: unknown[] = [1, 2, 3, 4], cur: unknown[] = [3, 4, 5]) => ({
  meta: {},
  cases: [{ id: 'one', kind: 'numeric', ref, cur, scipy }],
});

describe('driftwatch golden', () => {
  test('agrees with every value of the shared file and exits with 0', async () => {
    const { stdout, stderr, exitCode } = await call(written('all.json', golden));
    const report = JSON.parse(stdout);
    assert.equal(stderr, '');
    assert.equal(exitCode, 0);
    assert.equal(report.cases, golden.cases.length);
    assert.ok(report.checked > 1400);
    assert.deepEqual(report.failures, []);
    assert.deepEqual(report.unknown, []);
    assert.ok(report.worst_relative_error < 1e-9 && report.worst_p_error < 1e-6);
    assert.ok(report.names.includes('ks_exact.pvalue') && report.names.includes('fisher_exact.oddsratio'));
  });

  test('a planted wrong value is found wherever it is: every number of a block, one after the other', async () => {
    const planted: { id: string; path: string }[] = [];
    const cases = [];
    for (const id of ['normal_small_8_7', 'cat2_300_300']) {
      const original = golden.cases.find((each: { id: string }) => each.id === id);
      for (const path of numberPaths(original.scipy)) {
        const changed = structuredClone(original);
        nudge(changed.scipy, path);
        changed.id = `${id} ${path.join('.')}`;
        planted.push({ id: changed.id, path: path.join('.') });
        cases.push(changed);
      }
    }
    const { stdout, exitCode } = await call(written('planted.json', { cases }));
    const found = new Set(JSON.parse(stdout).failures.map((failure: { case: string }) => failure.case));
    assert.equal(exitCode, 1);
    assert.deepEqual(
      planted.filter(({ id }) => !found.has(id)),
      [],
    );
    assert.ok(planted.length > 60);
  });

  test('a failure names case, key, both values and the error', async () => {
    const { stdout, stderr } = await call(written('wrong.json', small({ wasserstein1: 2 })));
    const report = JSON.parse(stdout);
    assert.deepEqual(report.failures, [
      { case: 'one', key: 'wasserstein1', expected: 2, got: 1.5, relative_error: 0.25 },
    ]);
    assert.match(stderr, /1 of 1 values differ/);
  });

  test('NaN and infinities are matched by insufficient, and a number in their place is a failure', async () => {
    const constant = small(
      { welch_t: { statistic: '-Infinity', pvalue: 0, df: 1 } },
      [5, 5, 'NaN', null],
      [6, 6, 6],
    );
    assert.deepEqual(JSON.parse((await call(written('constant.json', constant))).stdout).failures, []);
    const wrong = await call(written('nan.json', small({ wasserstein1: 'NaN' })));
    assert.equal(JSON.parse(wrong.stdout).failures[0].relative_error, 'Infinity');
    assert.equal(wrong.exitCode, 1);
    const missing = await call(written('missing.json', small({ wasserstein1: 0.5 }, [null], [1])));
    assert.equal(JSON.parse(missing.stdout).failures[0].got, 'insufficient');
  });

  test('values it does not have are ignored and listed', async () => {
    const { stdout, exitCode } = await call(
      written('unknown.json', small({ wasserstein1: 1.5, kuiper: 0.3, welch_t: { power: 1 } })),
    );
    const report = JSON.parse(stdout);
    assert.deepEqual(report.unknown, ['kuiper', 'welch_t.power']);
    assert.deepEqual(report.names, ['wasserstein1']);
    assert.equal(report.checked, 1);
    assert.equal(exitCode, 0);
  });

  test('a broken file gives a sentence and no stack', async () => {
    for (const [name, content, said] of [
      ['cut.json', '{"cases": [', /is not JSON/],
      ['list.json', '[]', /is not a file of cases/],
      [
        'kind.json',
        { cases: [{ id: 'x', kind: 'odd', ref: [], cur: [], scipy: {} }] },
        /is not a file of cases/,
      ],
      ['text.json', { cases: [{ id: 'x', kind: 'numeric', ref: ['a'], cur: [], scipy: {} }] }, /cases/],
    ] as const) {
      const { stdout, stderr, exitCode } = await call(written(name, content));
      assert.equal(stdout, '', name);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /\n\s+at /);
      assert.equal(exitCode, 1);
    }
    assert.match((await call(join(folder, 'none.json'))).stderr, /cannot be read/);
  });
});

type Path = readonly (string | number)[];

function numberPaths(value: unknown): Path[] {
  if (typeof value === 'number') return [[]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numberPaths(inner).map((path) => [key, ...path]));
}

/** Moves one number by a part in 100,000, or 0 by 1e-9. */
function nudge(root: Record<string, unknown>, path: Path): void {
  let at: Record<string, unknown> = root;
  for (const key of path.slice(0, -1)) at = Object(at[key]);
  const last = String(path[path.length - 1]);
  const value = Number(at[last]);
  at[last] = value === 0 ? 1e-9 : value * (1 + 1e-5);
}
