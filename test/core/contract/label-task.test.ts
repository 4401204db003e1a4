import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerProblem, labelTask, modelTask } from '../../../src/core/contract/label-task.ts';
import { machineContract } from '../../fixtures/machines.ts';
import { taskContract } from '../../fixtures/tasks.ts';

const whyOf = (read: ReturnType<typeof modelTask>): string => (read.status === 'bad' ? read.why : 'ok');

test('the kind of a label says what is asked for, and a category needs its classes', () => {
  const task = (label: Parameters<typeof labelTask>[0]) => labelTask(label);
  assert.deepEqual(task({ name: 'y', kind: 'boolean' }), { status: 'ok', task: { kind: 'classification' } });
  assert.deepEqual(task({ name: 'y', kind: 'numeric' }), { status: 'ok', task: { kind: 'regression' } });
  const classes = { kind: 'multiclass', classes: ['b', 'a'] };
  assert.deepEqual(task({ name: 'y', kind: 'categorical', domain: ['b', 'a'] }), {
    status: 'ok',
    task: classes,
  });
  assert.match(
    whyOf(task({ name: 'y', kind: 'categorical' })),
    /^the label y is categorical and needs its classes/,
  );
  assert.match(whyOf(task({ name: 'y', kind: 'categorical', domain: ['b'] })), /it has 1$/);
  assert.match(whyOf(task({ name: 'y', kind: 'timestamp' })), /nothing can be trained on/);
});

test('three contracts must agree on what is asked, and the serving one must have room for the answer', () => {
  const of = (serving: 'multiclass' | 'regression', labels = serving) => ({
    training: taskContract('m', 'training', serving),
    serving: taskContract('m', 'serving', serving),
    labels: taskContract('m', 'labels', labels),
  });
  assert.equal(whyOf(modelTask(of('multiclass'))), 'ok');
  assert.equal(whyOf(modelTask(of('regression'))), 'ok');
  const yesOrNo = {
    training: machineContract('m', 'training'),
    serving: machineContract('m', 'serving'),
    labels: machineContract('m', 'labels'),
  };
  assert.deepEqual(modelTask(yesOrNo), { status: 'ok', task: { kind: 'classification' } });
  assert.equal(
    whyOf(modelTask(of('multiclass', 'regression'))),
    'the label is categorical in training.m-value and numeric in labels.m-value',
  );
  const { serving } = yesOrNo;
  assert.equal(
    whyOf(modelTask({ ...of('multiclass'), serving })),
    'the prediction prediction is numeric, and the label asks for a categorical one',
  );
  const classed = taskContract('m', 'serving', 'multiclass');
  assert.match(answerProblem(classed, { kind: 'regression' }) ?? '', /asks for a numeric one$/);
  const fields = classed.fields.filter(({ role }) => role !== 'probabilities');
  const classes = { kind: 'multiclass', classes: ['a', 'b'] } as const;
  assert.match(
    answerProblem({ ...classed, fields }, classes) ?? '',
    /no field with role probabilities, a map/,
  );
  const texts = classed.fields.map((field) =>
    field.role === 'probabilities' ? { ...field, avro: 'map<string>' } : field,
  );
  assert.match(
    answerProblem({ ...classed, fields: texts }, classes) ?? '',
    /must be a map of doubles, not map<string>/,
  );
});
