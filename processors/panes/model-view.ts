import type { Contract, Field } from '../../src/core/contract/contract.ts';
import { modelTask } from '../../src/core/contract/label-task.ts';
import type { Task } from '../../src/core/models/model.ts';
import { DriftwatchError } from '../../src/errors.ts';

/** The three contracts of a model, read for what panes and verdicts need. */
export interface ModelView {
  readonly model: string;
  readonly tables: { readonly training: string; readonly serving: string; readonly labels: string };
  readonly topics: { readonly training: string; readonly serving: string; readonly labels: string };
  readonly id: string;
  readonly prediction: string;
  readonly version: string;
  readonly label: string;
  /** What the model answers. */
  readonly task: Task;
  /** Field with the probability of every class, of a model of classes. */
  readonly probabilities?: string;
  /** Features of the serving contract that training has too: what can be compared. */
  readonly features: readonly ViewedFeature[];
  readonly segments: readonly string[];
}

export interface ViewedFeature {
  readonly field: Field;
  /** Field of training and serving that says which entity the value belongs to. */
  readonly entity?: string;
  readonly kind: 'numeric' | 'categorical';
}

/** Builds the view; throws CONTRACT_INVALID when the contracts do not fit together. */
export function viewModel(args: {
  training: Contract;
  serving: Contract;
  labels: Contract;
  segments: readonly string[];
}): ModelView {
  const { training, serving, labels } = args;
  const model = serving.model;
  const asked = modelTask(args);
  if (asked.status === 'bad') throw misfit(asked.why);
  const trained = new Set(training.fields.map((field) => field.name));
  const features = serving.fields
    .filter((field) => field.role === 'feature' && trained.has(field.name))
    .map((field) => ({ field, kind: binKind(field), ...entityOf(field, { training, serving }) }));
  for (const segment of args.segments) {
    if (serving.fields.some((field) => field.name === segment) && trained.has(segment)) continue;
    throw misfit(`the segment ${segment} of the configuration is not a field of both training and serving`);
  }
  return {
    model,
    tables: { training: `training_${model}`, serving: `serving_${model}`, labels: `labels_${model}` },
    topics: { training: training.topic, serving: serving.topic, labels: labels.topic },
    id: nameOf(serving, 'id'),
    prediction: nameOf(serving, 'prediction'),
    version: nameOf(serving, 'version'),
    label: nameOf(labels, 'label'),
    task: asked.task.kind,
    ...(asked.task.kind === 'multiclass' ? { probabilities: nameOf(serving, 'probabilities') } : {}),
    features,
    segments: args.segments,
  };
}

/** Numbers get quantile bins, everything else is counted value by value. */
function binKind(field: Field): 'numeric' | 'categorical' {
  return field.kind === 'numeric' || field.kind === 'timestamp' ? 'numeric' : 'categorical';
}

/** The entity that the feature names, else that of its record; training must know it as well. */
function entityOf(
  field: Field,
  { training, serving }: { training: Contract; serving: Contract },
): Pick<ViewedFeature, 'entity'> {
  const entity = field.entity ?? serving.fields.find(({ role }) => role === 'entity')?.name;
  if (entity === undefined || entity === field.name) return {};
  return training.fields.some(({ name }) => name === entity) ? { entity } : {};
}

function nameOf(contract: Contract, role: Field['role']): string {
  const field = contract.fields.find((candidate) => candidate.role === role);
  if (field !== undefined) return field.name;
  throw misfit(`${contract.subject} has no field with role ${role}`);
}

function misfit(why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `The contracts of the model do not fit together: ${why}.`,
    next: 'Mend the Avro schema (fields, roles, kinds) and register it again.',
  });
}
