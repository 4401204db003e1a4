import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countCells, fitReferenceBins, gatherCells } from '../../../processors/backtest/count-cells.ts';
import { sumSignature } from '../../../processors/backtest/sum-signature.ts';
import { cellKey } from '../../../processors/detect/references.ts';
import { jointBasisOf } from '../../../processors/panes/joint-pane.ts';
import type { PastWindow } from '../../../src/core/evidence/baseline.ts';
import { FIRST_WINDOW, judgeWindow } from '../../../src/core/evidence/judge-window.ts';
import { prepareReference } from '../../../src/core/evidence/reference.ts';
import { jointComponents, jointPart } from '../../../src/core/joint/joint-components.ts';
import { learnJointPast } from '../../../src/core/joint/joint-past.ts';
import { judgeJointWindow, NO_JOINT } from '../../../src/core/joint/judge-joint-window.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { kolmogorovSmirnov } from '../../../src/core/statistics/kolmogorov-smirnov.ts';
import { listColumn, type Table } from '../../../src/core/windows/column.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const HOUR = 3_600_000;
const [SIZE, ROWS, PAST, QUIET, CHANGED] = [16, 800, 40, 30, 3];
const WINDOWS = PAST + QUIET + CHANGED;
const VIEW = plainView({
  features: [
    {
      kind: 'categorical',
      field: {
        name: 'vector',
        kind: 'embedding',
        role: 'feature',
        avro: 'array<double>',
        nullable: false,
      },
    },
  ],
});

/**
 * Vectors of standard normal coordinates along Walsh functions, of which 1 and 6 are correlated by `rho`, and 0 and 7
 * by minus that. Turning the sign of both turns the vectors in space: their length, every coordinate by itself and
 * every projection by itself are distributed as before.
 */
function madeTable(rhoOf: (window: number) => number): Table {
  const random = seededRandom(17);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const items = new Float64Array(WINDOWS * ROWS * SIZE);
  for (let row = 0; row < WINDOWS * ROWS; row += 1) {
    const rho = rhoOf(Math.floor(row / ROWS));
    const along = Array.from({ length: SIZE }, normal);
    const mix = (of: number, by: number, share: number) =>
      share * (along[by] ?? 0) + Math.sqrt(1 - share * share) * (along[of] ?? 0);
    along[6] = mix(6, 1, rho);
    along[7] = mix(7, 0, -rho);
    for (let place = 0; place < SIZE; place += 1)
      items[row * SIZE + place] = along.reduce((sum, x, walsh) => sum + x * sign(place & walsh), 0) / 4;
  }
  const rows = WINDOWS * ROWS;
  const column = listColumn({
    name: 'vector',
    items,
    starts: Array.from({ length: rows }, (_, row) => row * SIZE),
    sizes: new Array<number>(rows).fill(SIZE),
  });
  return { rows, columns: new Map([['vector', column]]) };
}

function sign(bits: number): number {
  let value = 1;
  for (let left = bits; left !== 0; left &= left - 1) value = -value;
  return value;
}

test('an embedding that is turned in space, each coordinate and its length as before, is joint drift at once', () => {
  const table = madeTable((window) => (window < PAST + QUIET ? 0.4 : -0.4));
  const windows = Array.from({ length: WINDOWS }, (_, at) => {
    const rows = Array.from({ length: ROWS }, (_row, row) => at * ROWS + row);
    return { startMs: at * HOUR, endMs: (at + 1) * HOUR, rows, segments: new Map([['', rows]]) };
  });
  const past = windows.slice(0, PAST);
  const bins = fitReferenceBins({ table, view: VIEW, windows: past });
  const counted = countCells({ table, view: VIEW, bins, windows });
  const cells = gatherCells(counted.slice(0, PAST));
  const basis = jointBasisOf({
    view: VIEW,
    bins,
    panesOf: (feature) => (cells.get(cellKey(feature, '')) ?? []).map(({ pane }) => pane),
  });
  assert.ok(basis !== undefined);
  assert.deepEqual(
    basis.axes.map(({ feature }) => feature),
    ['norm', 'mean', 'first', 'second', 'third'].map((as) => `vector:${as}`),
  );
  const components = windows.map(
    ({ rows }, at): PastWindow => ({
      season: 0,
      components: jointComponents({
        basis,
        signature: sumSignature({ table, view: VIEW, basis, rows }),
        countsOf: (feature) => counted[at]?.get(cellKey(feature, ''))?.[0]?.pane,
      }),
    }),
  );
  const learned = learnJointPast({ id: 'past', frozen: false, windows: components.slice(0, PAST) });
  const budget = { minimumRows: 100, minimumWindows: 14, alpha: 1e-5, evidenceAt: 1e5, closeAfter: 3 };
  let state = NO_JOINT;
  const verdicts: string[] = [];
  let named: readonly string[] = [];
  for (const [at, window] of components.slice(PAST).entries()) {
    const step = judgeJointWindow({
      state,
      startMs: (PAST + at) * HOUR,
      window,
      past: learned,
      limits: { ...budget, floor: 0.2 },
    });
    state = step.state;
    const { judgement } = step;
    verdicts.push(judgement.verdict);
    if (at === QUIET && judgement.verdict === 'drift') named = jointPart(basis, judgement.name).features;
  }
  assert.deepEqual(verdicts, [
    ...new Array<string>(QUIET).fill('ok'),
    ...new Array<string>(CHANGED).fill('drift'),
  ]);
  assert.deepEqual([...named].sort(), ['vector:first', 'vector:second']);

  // Nothing that is watched by itself sees it, and no coordinate could.
  for (const key of cells.keys()) {
    const reference = prepareReference({
      id: key,
      kind: 'numeric',
      season: 'none',
      frozen: false,
      windows: cells.get(key) ?? [],
    });
    let own = FIRST_WINDOW;
    for (const window of counted.slice(PAST)) {
      const [pane] = window.get(key) ?? [];
      assert.ok(pane !== undefined);
      const limits = { ...budget, paneMs: HOUR, effectFloor: { sd: 0.1, share: 0.05, distinct: 0.5 } };
      const step = judgeWindow({ state: own, ...pane, reference, limits });
      own = step.state;
      assert.equal(step.judgement.verdict, 'ok', key);
    }
  }
  const { list } = table.columns.get('vector') ?? assert.fail();
  assert.ok(list !== undefined);
  const coordinate = (from: number, until: number, place: number) =>
    Array.from({ length: (until - from) * ROWS }, (_, at) => list(from * ROWS + at)[place] ?? 0);
  for (let place = 0; place < SIZE; place += 1) {
    const same = kolmogorovSmirnov(
      coordinate(PAST + QUIET - CHANGED, PAST + QUIET, place),
      coordinate(PAST + QUIET, WINDOWS, place),
    );
    assert.ok(same.status === 'ok' && (same.pValue ?? 0) > 1e-3, `coordinate ${place}`);
  }
});
