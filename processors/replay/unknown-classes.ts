import type { LabelTask } from '../../src/core/contract/label-task.ts';
import type { ScorerInfo } from '../../src/io/onnx-runtime/scorer.ts';

/**
 * What labels came that a version of classes does not know, in sentences: classes that joined the contract after it was
 * trained, which it gives no probability and whose rows count as the dearest there are; and texts that are no class of
 * the contract, whose rows count nowhere else.
 */
export function sayUnknownClasses(args: {
  task: LabelTask;
  info: Pick<ScorerInfo, 'classes' | 'width'>;
  /** Rows by the place of their class among those of the task. */
  came: ReadonlyMap<number, number>;
  /** Rows by a label that is none of them. */
  foreign: ReadonlyMap<string, number>;
}): string[] {
  const { task, info, came, foreign } = args;
  if (task.kind !== 'multiclass') return [];
  const own = new Set(info.classes ?? task.classes.slice(0, info.width));
  const joined = task.classes.flatMap((name, at): [string, number][] => {
    const rows = came.get(at) ?? 0;
    return rows === 0 || own.has(name) ? [] : [[name, rows]];
  });
  return [
    ...(joined.length === 0
      ? []
      : [
          `The version was trained without ${named(joined)}: it gives such rows no probability, and they count as wrong.`,
        ]),
    ...(foreign.size === 0
      ? []
      : [
          `Labels that are no class of the contract are not counted: ${named([...foreign].toSorted(byRows))}.`,
        ]),
  ];
}

function named(classes: readonly (readonly [string, number])[]): string {
  const words = classes.slice(0, MOST).map(([name, rows]) => `${name} (${rows} rows)`);
  return words.join(', ') + (classes.length > MOST ? ` and ${classes.length - MOST} others` : '');
}

function byRows([a, n]: readonly [string, number], [b, m]: readonly [string, number]): number {
  return m - n || (a < b ? -1 : 1);
}

const MOST = 10;
