import type { LabelTask } from '../contract/label-task.ts';
import { addClasses, classesResult, type StreamedClasses, startClasses } from './streamed-classes.ts';
import { addNumbers, numbersResult, type StreamedNumbers, startNumbers } from './streamed-numbers.ts';
import {
  addScores,
  type ScoredBlock,
  type ScoresResult,
  type StreamedScores,
  scoresResult,
  startScores,
} from './streamed-scores.ts';

/** What is kept of all rows so far, by what the model answers. Plain data that `addTaskScores` changes. */
export type TaskScores =
  | { readonly kind: 'classification'; readonly state: StreamedScores }
  | { readonly kind: 'multiclass'; readonly state: StreamedClasses }
  | { readonly kind: 'regression'; readonly state: StreamedNumbers };

/** Nothing read yet. */
export function startTaskScores({ task, seed }: { task: LabelTask; seed: number }): TaskScores {
  switch (task.kind) {
    case 'classification':
      return { kind: task.kind, state: startScores({ seed }) };
    case 'multiclass':
      return { kind: task.kind, state: startClasses({ classes: task.classes, seed }) };
    case 'regression':
      return { kind: task.kind, state: startNumbers({ seed }) };
  }
}

/** Takes in a block of rows; of classes its predictions are one number per class, row after row. */
export function addTaskScores(scores: TaskScores, block: ScoredBlock): void {
  if (scores.kind === 'classification') addScores(scores.state, block);
  else if (scores.kind === 'multiclass') addClasses(scores.state, block);
  else addNumbers(scores.state, block);
}

/** Metrics of all rows that were taken in. */
export function taskScoresResult(scores: TaskScores): ScoresResult {
  switch (scores.kind) {
    case 'classification':
      return scoresResult(scores.state);
    case 'multiclass':
      return classesResult(scores.state);
    case 'regression':
      return numbersResult(scores.state);
  }
}
