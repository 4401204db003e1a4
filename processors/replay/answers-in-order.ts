import type { LabelTask } from '../../src/core/contract/label-task.ts';
import type { Dataset } from '../../src/core/models/dataset.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import { scoresByClass } from '../../src/core/performance/class-scores.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Scorer } from '../../src/io/onnx-runtime/scorer.ts';
import { OUTPUTS } from '../train/measure.ts';

/**
 * Asks a scorer about rows: one number per row, or the probabilities of the task's classes in their order, row after row.
 * Throws CONTRACT_INVALID for a model that answers another task.
 */
export function answersInOrder(
  scorer: Scorer,
  task: LabelTask,
): (rows: Dataset) => Promise<ArrayLike<number>> {
  const { output, width, classes } = scorer.info;
  if (output !== OUTPUTS[task.kind]) {
    throw new DriftwatchError({
      code: 'CONTRACT_INVALID',
      message: `The version answers with "${output}", and the label asks for "${OUTPUTS[task.kind]}".`,
      next: 'Name a version that was trained since the label changed.',
    });
  }
  const score = (rows: Dataset): Promise<Float32Array> => scorer.score(columnsOfDataset(rows, scorer.inputs));
  if (task.kind !== 'multiclass') return score;
  const own = classes ?? task.classes.slice(0, width);
  return async (rows) => scoresByClass(await score(rows), own, task.classes);
}
