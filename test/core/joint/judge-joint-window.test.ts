import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { jointRows } from '../../../src/core/evaluation/joint-rows.ts';
import type { PastWindow } from '../../../src/core/evidence/baseline.ts';
import { type JointBasis, jointBasis } from '../../../src/core/joint/joint-basis.ts';
import { jointComponents, jointPart } from '../../../src/core/joint/joint-components.ts';
import { type JointPast, learnJointPast } from '../../../src/core/joint/joint-past.ts';
import { signatureOf } from '../../../src/core/joint/joint-signature.ts';
import { type JointState, judgeJointWindow, NO_JOINT } from '../../../src/core/joint/judge-joint-window.ts';
import { scorer } from '../../../src/core/joint/normal-scores.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import { type Bins, coder, fitNumericBins } from '../../../src/core/summaries/bins.ts';
import { countCodes } from '../../../src/core/summaries/counts.ts';

const COLUMNS = 6;
const LIMITS = {
  minimumRows: 200,
  minimumWindows: 14,
  alpha: 1e-5,
  evidenceAt: 1e5,
  floor: 0.2,
  closeAfter: 7,
};
type Change = { correlation?: number; curved?: boolean; shift?: number; spread?: number };
let basis: JointBasis;
let bins: Bins[];

before(() => {
  const rows = jointRows({ random: seededRandom(1), rows: 5_000, columns: COLUMNS });
  bins = Array.from({ length: COLUMNS }, (_, column) => {
    const own = fitNumericBins(
      rows.map((row) => row[column] ?? 0),
      { bins: 20, outer: false },
    );
    assert.ok(own !== undefined);
    return own;
  });
  basis = jointBasis({
    features: bins.map((own, column) => ({
      feature: `c${column}`,
      bins: own,
      counts: countCodes(rows.map((row) => coder(own)(row[column] ?? 0))),
    })),
  });
});

test('a correlation of 0.3 is found in its first window, named, and lasts as long as it is there', () => {
  for (let seed = 0; seed < 4; seed += 1) {
    const random = seededRandom(100 + seed);
    let past = quiet(random);
    let state: JointState = NO_JOINT;
    const verdicts: string[] = [];
    for (let k = 0; k < 10; k += 1) {
      const window = draw(random, k >= 3 && k < 6 ? { correlation: 0.6 } : {});
      const judged = judgeJointWindow({ state, startMs: k, window, past: learned(past), limits: LIMITS });
      const { judgement } = judged;
      assert.ok(judgement.verdict !== 'insufficient');
      verdicts.push(judgement.verdict);
      if (judgement.verdict === 'drift' && k === 3)
        assert.deepEqual(jointPart(basis, judgement.name), { kind: 'correlation', features: ['c0', 'c1'] });
      state = judged.state;
      past = [...past, window].slice(-28);
    }
    assert.deepEqual(verdicts.slice(0, 6), ['ok', 'ok', 'ok', 'drift', 'drift', 'drift'], String(seed));
    assert.equal(first(random, { correlation: 0.3 }).verdict, 'drift');
  }
});

test('a dependence without correlation is found by a wave', () => {
  const random = seededRandom(7);
  const found = Array.from({ length: 5 }, () => first(random, { curved: true }));
  for (const judgement of found) {
    assert.ok(judgement.verdict === 'drift');
    assert.deepEqual(jointPart(basis, judgement.name).features.toSorted(), ['c0', 'c1']);
    assert.equal(jointPart(basis, judgement.name).kind, 'wave');
  }
});

test('a feature that shifts or spreads alone is not joint drift', () => {
  const random = seededRandom(8);
  for (const change of [{ shift: 1 }, { spread: 2 }, { shift: -1.5, spread: 0.5 }]) {
    for (let k = 0; k < 2; k += 1) assert.equal(first(random, change).verdict, 'ok', JSON.stringify(change));
  }
});

test('windows that stay as they were are not flagged', () => {
  const random = seededRandom(9);
  let past = quiet(random);
  let state: JointState = NO_JOINT;
  for (let k = 0; k < 60; k += 1) {
    const window = draw(random, {});
    const judged = judgeJointWindow({ state, startMs: k, window, past: learned(past), limits: LIMITS });
    assert.equal(judged.judgement.verdict, 'ok');
    state = judged.state;
    past = [...past, window].slice(-28);
  }
});

test('a change below the floor is no drift, however sure', () => {
  const random = seededRandom(10);
  const past = learned(quiet(random));
  const window = draw(random, { correlation: 0.3 });
  const of = (floor: number) =>
    judgeJointWindow({ state: NO_JOINT, startMs: 0, window, past, limits: { ...LIMITS, floor } }).judgement;
  assert.equal(of(0.6).verdict, 'ok');
  assert.equal(of(0.2).verdict, 'drift');
});

test('too few rows and too few earlier windows are insufficient and change nothing', () => {
  const random = seededRandom(11);
  const windows = quiet(random);
  const past = learned(windows);
  const short = judgeJointWindow({
    state: NO_JOINT,
    startMs: 0,
    window: draw(random, {}, 100),
    past,
    limits: LIMITS,
  });
  assert.deepEqual(short, {
    state: NO_JOINT,
    judgement: {
      verdict: 'insufficient',
      need: 200,
      have: 100,
      why: 'rows in the current window of features that vary',
      n: 100,
      m: 28_000,
    },
  });
  const young = judgeJointWindow({
    state: NO_JOINT,
    startMs: 0,
    window: draw(random, {}),
    past: learned(windows.slice(0, 5)),
    limits: LIMITS,
  });
  assert.ok(young.judgement.verdict === 'insufficient');
  assert.deepEqual([young.judgement.need, young.judgement.have], [14, 5]);
});

function first(random: Random, change: Change) {
  const past = learned(quiet(random));
  return judgeJointWindow({ state: NO_JOINT, startMs: 0, window: draw(random, change), past, limits: LIMITS })
    .judgement;
}

function learned(windows: readonly PastWindow[]): JointPast {
  return learnJointPast({ id: 'past', frozen: false, windows });
}

function quiet(random: Random): PastWindow[] {
  return Array.from({ length: 28 }, () => draw(random, {}));
}

function draw(random: Random, change: Change, size = 1_000): PastWindow {
  const rows = jointRows({ random, rows: size, columns: COLUMNS, ...change });
  for (const row of rows) row[2] = (row[2] ?? 0) * (change.spread ?? 1) + (change.shift ?? 0);
  const scorers = basis.axes.map(scorer);
  const scored = rows.map((row) => Float64Array.from(scorers, (score, at) => score(row[at] ?? 0)));
  const counts = new Map(
    bins.map((own, column) => [`c${column}`, countCodes(rows.map((row) => coder(own)(row[column] ?? 0)))]),
  );
  const components = jointComponents({
    basis,
    signature: signatureOf(scored, COLUMNS, basis.fourier),
    countsOf: (feature) => counts.get(feature),
  });
  return { season: 0, components };
}
