import type { Contract, Field } from './contract.ts';
import { fieldOf } from './model-inputs.ts';

/**
 * What a model answers, as the kind of its label says: `boolean` the probability of 1, `categorical` the probability of
 * each class, `numeric` a number. Classes are in the order of the label's domain, which for an enum are its symbols.
 */
export type LabelTask =
  | { readonly kind: 'classification' }
  | { readonly kind: 'regression' }
  | { readonly kind: 'multiclass'; readonly classes: readonly string[] };

export type ReadTask =
  | { readonly status: 'ok'; readonly task: LabelTask }
  | { readonly status: 'bad'; readonly why: string };

/** The task that a label field sets, or why it sets none, as a clause. */
export function labelTask(label: Pick<Field, 'name' | 'kind' | 'domain'>): ReadTask {
  switch (label.kind) {
    case 'boolean':
      return { status: 'ok', task: { kind: 'classification' } };
    case 'numeric':
      return { status: 'ok', task: { kind: 'regression' } };
    case 'categorical': {
      const classes = label.domain ?? [];
      if (classes.length >= 2 && classes.length <= MOST_CLASSES) {
        return { status: 'ok', task: { kind: 'multiclass', classes } };
      }
      const need = `its classes, 2 to ${MOST_CLASSES}, as a domain or as the symbols of an enum`;
      return bad(`the label ${label.name} is categorical and needs ${need}; it has ${classes.length}`);
    }
    default:
      return bad(`the label ${label.name} is of kind ${label.kind}, which nothing can be trained on`);
  }
}

/**
 * The task of a model, when its three contracts agree on it. A class is answered as `prediction`, a field of kind
 * categorical, with the probability of every class in a field of role `probabilities`, a map from class to number; the
 * other tasks answer with one number.
 */
export function modelTask(contracts: { training: Contract; serving: Contract; labels: Contract }): ReadTask {
  const { training, serving, labels } = contracts;
  const [asked, told] = [fieldOf(training, 'label'), fieldOf(labels, 'label')];
  if (asked === undefined || told === undefined)
    return bad('training and labels need a field with role label');
  const read = labelTask(asked);
  if (read.status === 'bad') return read;
  const other = labelTask(told);
  if (other.status === 'bad') return other;
  if (other.task.kind !== read.task.kind) {
    const kinds = `${asked.kind} in ${training.subject} and ${told.kind} in ${labels.subject}`;
    return bad(`the label is ${kinds}`);
  }
  const why = answerProblem(serving, read.task);
  return why === undefined ? read : bad(why);
}

/** Why the serving contract has no room for the answers of a task; undefined when it has. */
export function answerProblem(serving: Contract, { kind }: LabelTask): string | undefined {
  const prediction = fieldOf(serving, 'prediction');
  const probabilities = fieldOf(serving, 'probabilities');
  if (prediction === undefined) return `${serving.subject} has no field with role prediction`;
  const wanted = kind === 'multiclass' ? 'categorical' : 'numeric';
  const name = `the prediction ${prediction.name}`;
  if (prediction.kind !== wanted)
    return `${name} is ${prediction.kind}, and the label asks for a ${wanted} one`;
  if (kind !== 'multiclass') return undefined;
  if (probabilities === undefined) {
    return `${serving.subject} has no field with role probabilities, a map from class to number`;
  }
  if (MAPS.includes(probabilities.avro)) return undefined;
  return `${probabilities.name} holds probabilities and must be a map of doubles, not ${probabilities.avro}`;
}

function bad(why: string): ReadTask {
  return { status: 'bad', why };
}

/** As many as boosting takes. */
const MOST_CLASSES = 1_000;
const MAPS: readonly string[] = ['map<double>', 'map<float>'];
