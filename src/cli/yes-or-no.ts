import type { Task } from '../core/models/model.ts';
import { DriftwatchError } from '../errors.ts';

/** Refuses models that answer anything but the probability of label 1. Throws CONFIG_INVALID with what asks for it. */
export function onlyYesOrNo(what: string, model: string, task: Task = 'classification'): void {
  if (task === 'classification') return;
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `${what} is for models with a label of kind boolean; ${model} is for ${task}.`,
    next: 'README.md says what works for which kind of label.',
  });
}
