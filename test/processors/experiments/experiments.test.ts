import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gainOfLabel, SEQUENCE_DEFAULTS } from '../../../src/core/experiments/confidence-sequence.ts';
import { addLabel, experimentGain, startExperiment } from '../../../src/core/experiments/experiment.ts';
import { rowLogLoss } from '../../../src/core/performance/row-log-loss.ts';
import { classLosses } from '../../../src/core/performance/row-loss.ts';
import type { Outbox } from '../../../src/runtime/outbox.ts';
import { type MachineRow, machineContract, machineRows } from '../../fixtures/machines.ts';
import { GRADES, type OtherTask, type TaskRow, taskContract, taskRows } from '../../fixtures/tasks.ts';
import { TESTED_FROM, type TestedKind, testedWorld } from '../../fixtures/tested-world.ts';
import { until } from '../../fixtures/until.ts';

const DAY = 86_400_000;
const START = TESTED_FROM;

test('a better version takes its step, is promoted on the labels, and a successor repeats nothing', async (t) => {
  const world = await testedWorld(t, MACHINES, { shadow: false, steps: [0.3] });
  const first = await world.start('first');
  await first.look();
  await until('the step is on the topic', async () => (await world.traffic()).length === 1);
  const [step] = await world.traffic();
  assert.deepEqual(
    [step?.['action'], step?.['split_versions'], step?.['split_weights']],
    ['step', ['v1', 'v2'], [0.7, 0.3]],
  );
  await until('the step is read', () => first.known(world.model).run !== undefined);

  // A server that takes the step up late: until then the champion answers everything.
  const rows = machineRows({ rows: 2_400, fromMs: START + 1_000, days: 12, seed: 4 });
  await world.serve(rows, (row) =>
    row.eventTimeMs < START + 2 * DAY ? 'v1' : (world.assigned(row, 0.3) ?? 'v1'),
  );
  world.reach(START + 2 * DAY);
  await first.look();
  assert.equal((await world.traffic()).length, 1, 'the stage has only begun');
  world.reach(START + 14 * DAY);
  await first.look();
  await until('the promotion is on the topic', async () => (await world.traffic()).length === 2);
  const promoted = (await world.traffic())[1];
  assert.deepEqual([promoted?.['action'], promoted?.['version']], ['promote', 'v2']);
  assert.match(String(promoted?.['reasons']), /gain 0\.\d+ \[0\.\d+, 0\.\d+\] nats on \d+ labels/);
  await until('it is read', () => first.known(world.model).traffic.champions.at(-1) === 'v2');
  await first.look();

  const decisions = await world.decisions();
  assert.deepEqual(
    decisions.map(({ number, action, share }) => [number, action, share]),
    [
      [0, 'step', 0.3],
      [1, 'promote', 1],
    ],
  );
  const last = decisions[1];
  assert.ok((last?.gain_low ?? 0) > 0 && (last?.labels ?? 0) > 1_500 && (last?.ratio_p ?? 0) > 0.001);
  assert.equal(last?.decision_id, promoted?.['ce_id']);
  const versionOf = (row: MachineRow): string =>
    row.eventTimeMs < START + 2 * DAY ? 'v1' : (world.assigned(row, 0.3) ?? 'v1');
  const begun = rows.findIndex((row) => versionOf(row) === 'v2');
  let defined = startExperiment({ options: SEQUENCE_DEFAULTS });
  for (const row of rows.slice(begun)) {
    const arm = versionOf(row) === 'v2' ? 'challenger' : 'champion';
    const loss = rowLogLoss(predicted(row, arm === 'challenger'), row.failed);
    defined = addLabel(defined, { arm, share: 0.3, loss, expected: 0.5, delayMs: 0 });
  }
  const labels = rows.length - begun;
  assert.equal(last?.labels, labels);
  const seen = experimentGain(defined, { answers: labels, ripe: [labels] });
  assert.ok(seen.status === 'ok');
  for (const [stored, meant] of [
    [last?.gain, seen.gain],
    [last?.gain_low, seen.low],
    [last?.gain_high, seen.high],
  ]) {
    assert.ok(Math.abs((stored ?? 0) - (meant ?? 0)) < 1e-9, `SQL says ${stored}, the definition ${meant}`);
  }
  await first.stop();
  const second = await world.start('second');
  await second.look();
  await second.look();
  assert.equal((await world.traffic()).length, 2);
  assert.equal((await world.decisions()).length, 2);
});

test('a worse version is rolled back while it only shadows, and has answered nobody', async (t) => {
  const world = await testedWorld(t, MACHINES, { shadow: true, steps: [0.2] }, { better: 'v1' });
  const running = await world.start('only');
  await running.look();
  await until('it shadows', () => running.known(world.model).run !== undefined);
  assert.deepEqual(running.known(world.model).traffic.shadows, ['v2']);
  const rows = machineRows({ rows: 1_200, fromMs: START + 1_000, days: 6, seed: 4 });
  await world.serve(rows, () => 'v1');
  await world.shadow(rows, 'v2');
  world.reach(START + 8 * DAY);
  await running.look();
  await until('it is rolled back', async () => (await world.traffic()).length === 2);
  const [begun, back] = await world.traffic();
  assert.deepEqual([begun?.['action'], begun?.['shadows']], ['shadow', ['v2']]);
  assert.deepEqual([back?.['action'], back?.['version']], ['roll back', 'v1']);
  await until('it is read', () => running.known(world.model).traffic.experiment === undefined);
  await running.look();
  assert.equal((await world.traffic()).length, 2, 'a version that was rolled back is not tested again');
});

test('a decision that was written and not published is published as it was written', async (t) => {
  const world = await testedWorld(t, MACHINES, { shadow: false, steps: [0.3] });
  let away = true;
  const flaky: Outbox = {
    ...world.loop.outbox,
    async put(events) {
      if (away) throw new Error('killed');
      await world.loop.outbox.put(events);
    },
  };
  const first = await world.start('first', flaky);
  await first.look();
  assert.deepEqual([(await world.decisions()).length, (await world.traffic()).length], [1, 0]);
  await first.stop();
  away = false;
  world.reach(START + 5 * DAY);
  const second = await world.start('second', flaky);
  await second.look();
  await until('it is published', async () => (await world.traffic()).length === 1);
  assert.equal((await world.traffic())[0]?.['holds_from'], START + 1, 'as decided, not as it would be now');
  assert.equal((await world.decisions()).length, 1);
});

test('what a person changed is written down once, and ends what was under way', async (t) => {
  const world = await testedWorld(t, MACHINES, { shadow: false, steps: [0.3] });
  const first = await world.start('first');
  await first.look();
  await until('the step is read', () => first.known(world.model).run !== undefined);
  await world.rollback(first.known(world.model).traffic.experiment ?? '');
  await until('it is read', () => first.known(world.model).traffic.experiment === undefined);
  await first.look();
  await first.stop();
  const second = await world.start('second');
  await second.look();
  assert.deepEqual(
    (await world.decisions()).map(({ action, challenger, reasons }) => [action, challenger, reasons]),
    [
      ['step', 'v2', ['v2 answers 30 % of the ids: a version was accepted']],
      ['roll back', 'v2', ['a person rolled back']],
    ],
  );
  assert.deepEqual(
    second.known(world.model).accepted.map(({ version, rolledBackMs }) => [version, rolledBackMs]),
    [['v2', START + 5]],
  );
  assert.equal((await world.traffic()).length, 2);
});

for (const task of ['multiclass', 'regression'] as const) {
  test(`${task}: a better version is promoted on its labels, by the loss of the task`, async (t) => {
    const world = await testedWorld(t, TASKS[task], { shadow: false, steps: [0.5] });
    const running = await world.start('only');
    await running.look();
    await until('the step is read', () => running.known(world.model).run !== undefined);
    const rows = taskRows({ rows: 2_400, fromMs: START + 1_000, days: 12, seed: 4 });
    const versionOf = (row: TaskRow): string => world.assigned(row, 0.5) ?? 'v1';
    await world.serve(rows, versionOf);
    world.reach(START + 14 * DAY);
    await running.look();
    await until('it is decided', async () => (await world.traffic()).length === 2);
    const [, promoted] = await world.traffic();
    assert.deepEqual(
      [promoted?.['action'], promoted?.['version']],
      ['promote', 'v2'],
      String(promoted?.['reasons']),
    );
    const last = (await world.decisions())[1];
    const begun = rows.findIndex((row) => versionOf(row) === 'v2');
    const gains = rows.slice(begun).map((row) => {
      const arm = versionOf(row) === 'v2' ? 'challenger' : 'champion';
      return gainOfLabel({ arm, share: 0.5, loss: lossOf(task, row, arm === 'challenger'), expected: 0.5 });
    });
    assert.equal(last?.labels, gains.length);
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
    assert.ok(Math.abs((last?.gain ?? 0) - mean) < 1e-6, `SQL says ${last?.gain}, the definition ${mean}`);
  });

  test(`${task}: a worse version is rolled back while it only shadows, row by row`, async (t) => {
    const world = await testedWorld(t, TASKS[task], { shadow: true, steps: [0.2] }, { better: 'v1' });
    const running = await world.start('only');
    await running.look();
    await until('it shadows', () => running.known(world.model).run !== undefined);
    const rows = taskRows({ rows: 1_200, fromMs: START + 1_000, days: 6, seed: 4 });
    await world.serve(rows, () => 'v1');
    await world.shadow(rows, 'v2');
    world.reach(START + 8 * DAY);
    await running.look();
    await until('it is rolled back', async () => (await world.traffic()).length === 2);
    const [, back] = await world.traffic();
    assert.deepEqual([back?.['action'], back?.['version']], ['roll back', 'v1']);
    const last = (await world.decisions())[1];
    const gains = rows.map((row) => lossOf(task, row, true) - lossOf(task, row, false));
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
    assert.equal(last?.labels, rows.length);
    assert.ok(Math.abs((last?.gain ?? 0) - mean) < 1e-6, `SQL says ${last?.gain}, the definition ${mean}`);
  });
}

const MACHINES: TestedKind<MachineRow> = {
  contract: machineContract,
  features: ({ eventTimeMs: _, failed: __, ...features }) => features,
  answer: (row, good) => ({ prediction: predicted(row, good) }),
  shadow: (row, good) => ({ prediction: predicted(row, good), classes: [], probabilities: [] }),
  label: ({ failed }) => ({ failed }),
  labelDelayMs: ({ failed }) => (failed === 1 ? DAY : DAY / 100),
};

function predicted({ heat }: MachineRow, good: boolean): number {
  return good ? 1 / (1 + Math.exp(-1.5 * (heat ?? 0))) : 0.5;
}

const VARIANCE = 100;
const TASKS: Readonly<Record<OtherTask, TestedKind<TaskRow>>> = {
  multiclass: {
    ...taskFields('multiclass'),
    answer(row, good) {
      const chances = chancesOf(row, good);
      const likeliest = chances.indexOf(Math.max(...chances));
      const named = Object.fromEntries(GRADES.map((grade, at) => [grade, chances[at] ?? 0]));
      return { prediction: GRADES[likeliest], chances: named };
    },
    // The shadow knows the classes in another order.
    shadow(row, good) {
      const probabilities = chancesOf(row, good).toReversed();
      return { prediction: Math.max(...probabilities), classes: GRADES.toReversed(), probabilities };
    },
    label: ({ grade }) => ({ grade }),
  },
  regression: {
    ...taskFields('regression'),
    answer: (row, good) => ({ prediction: wearOf(row, good) }),
    shadow: (row, good) => ({ prediction: wearOf(row, good), classes: [], probabilities: [] }),
    label: ({ wear }) => ({ wear }),
    squaredError: VARIANCE,
  },
};

function taskFields(task: OtherTask) {
  return {
    contract: (model: string, stream: 'training' | 'serving' | 'labels') => taskContract(model, stream, task),
    features: ({ eventTimeMs: _, wear: __, grade: ___, ...features }: TaskRow) => features,
    labelDelayMs: ({ wear }: TaskRow) => (wear > 20 ? DAY : DAY / 100),
  };
}

function wearOf({ heat, color }: TaskRow, good: boolean): number {
  return good ? 20 * (heat ?? 0) + (color === 'red' ? 30 : 0) : 10;
}

function chancesOf(row: TaskRow, good: boolean): number[] {
  const wear = wearOf(row, true);
  const at = wear < -10 ? 0 : wear < 25 ? 1 : 2;
  return GRADES.map((_, place) => (good ? (place === at ? 0.7 : 0.15) : 1 / 3));
}

/** The loss that an experiment counts, worked out from its definition. */
function lossOf(task: OtherTask, row: TaskRow, good: boolean): number {
  if (task === 'regression') return Math.min((wearOf(row, good) - row.wear) ** 2 / (2 * VARIANCE), 8);
  const [loss = Number.NaN] = classLosses({ scores: chancesOf(row, good), width: 3 }, [
    GRADES.indexOf(row.grade),
  ]);
  return loss;
}
