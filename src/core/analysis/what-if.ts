import type { LabelTask } from '../contract/label-task.ts';
import type { Dataset } from '../models/dataset.ts';
import { type FeatureValue, featureValue, replaceColumn } from '../models/replace-column.ts';

import { likeliestClasses } from '../performance/class-scores.ts';
import { type MeanAnswer, meanAnswer } from '../performance/mean-answer.ts';

/** One feature set to a value, or a numeric one moved or scaled, in all rows or in those where a field has a value. */
export interface Change {
  readonly feature: string;
  readonly how: 'set' | 'add' | 'multiply';
  readonly value: FeatureValue;
  readonly where?: { readonly field: string; readonly value: string };
}

/** What predictions do when the rows change. */
export interface WhatIf {
  /** Rows whose value is another one now. */
  readonly changed: number;
  /** Rows that were scored. */
  readonly n: number;
  /** Mean prediction of all rows, before and after: 0 to 1, of classes that of each, or a number. */
  readonly before: MeanAnswer;
  readonly after: MeanAnswer;
  /** Rows whose probability crossed one half upwards and downwards; of numbers those that rose and fell. */
  readonly up?: number;
  readonly down?: number;
  /** Of classes the rows that are said to be another one now, the most frequent turn first. */
  readonly turned?: readonly { readonly from: string; readonly to: string; readonly rows: number }[];
  /** Row by row, in the order given; of classes one after the other in each row. */
  readonly predictions: readonly { readonly before: number; readonly after: number }[];
}

/**
 * Reads `feature=value`, `feature=null`, `feature+=5`, `feature-=5` or `feature*=1.1`, each with `:field=value`
 * behind it for some rows only. Undefined for anything else.
 */
export function parseChange(text: string): Change | undefined {
  const match = /^(\w+)(=|\+=|-=|\*=)([^:]*)(?::(\w+)=(.*))?$/.exec(text);
  const [, feature, operator, given = '', field, at] = match ?? [];
  if (feature === undefined || operator === undefined) return undefined;
  const where = field === undefined ? {} : { where: { field, value: at ?? '' } };
  const number = given.trim() === '' ? Number.NaN : Number(given);
  if (operator === '=') {
    const value = given === 'null' ? null : Number.isNaN(number) ? given : number;
    return { feature, how: 'set', value, ...where };
  }
  if (!Number.isFinite(number)) return undefined;
  if (operator === '*=') return { feature, how: 'multiply', value: number, ...where };
  return { feature, how: 'add', value: operator === '-=' ? -number : number, ...where };
}

/** The rows with the changes made one after the other, and how many rows have another value; else what is wrong. */
export function changeRows(
  rows: Dataset,
  changes: readonly Change[],
):
  | { readonly status: 'ok'; readonly rows: Dataset; readonly changed: number }
  | { readonly status: 'bad'; readonly why: string } {
  let changedRows = rows;
  const touched = new Set<number>();
  for (const change of changes) {
    const problem = problemOf(rows, change);
    if (problem !== undefined) return { status: 'bad', why: problem };
    const before = changedRows;
    const { where } = change;
    const next = replaceColumn(before, change.feature, (row, had) => {
      if (where !== undefined && `${featureValue(rows, where.field, row)}` !== where.value) return had;
      const value = changedValue(change, had);
      if (!Object.is(value, had)) touched.add(row);
      return value;
    });
    changedRows = next ?? before;
  }
  return { status: 'ok', rows: changedRows, changed: touched.size };
}

/**
 * Scores the rows before and after the changes. `score` is called twice and answers what the task asks for: a number per row,
 * or one per class.
 */
export async function whatIf(args: {
  rows: Dataset;
  changes: readonly Change[];
  score: (rows: Dataset) => Promise<ArrayLike<number>>;
  /** What the label asks for; yes or no unless given. */
  task?: LabelTask;
}): Promise<
  { readonly status: 'ok'; readonly result: WhatIf } | { readonly status: 'bad'; readonly why: string }
> {
  const { rows, task = { kind: 'classification' } } = args;
  if (rows.rows === 0) return { status: 'bad', why: 'there are no rows to change' };
  const changed = changeRows(rows, args.changes);
  if (changed.status === 'bad') return changed;
  const before = Array.from(await args.score(rows));
  const after = Array.from(await args.score(changed.rows));
  const predictions = before.map((value, row) => ({ before: value, after: after[row] ?? value }));
  const classes = task.kind === 'multiclass' ? task.classes : undefined;
  const width = classes?.length ?? 1;
  return {
    status: 'ok',
    result: {
      changed: changed.changed,
      n: rows.rows,
      before: meanAnswer({ scores: before, width }, classes),
      after: meanAnswer({ scores: after, width }, classes),
      ...(classes === undefined
        ? crossings(predictions, task.kind === 'regression')
        : { turned: turnsOf(before, after, classes) }),
      predictions,
    },
  };
}

function crossings(
  predictions: WhatIf['predictions'],
  isNumber: boolean,
): { readonly up: number; readonly down: number } {
  const moved = (from: number, to: number): boolean => (isNumber ? from < to : from < HALF && to >= HALF);
  return {
    up: predictions.filter(({ before, after }) => moved(before, after)).length,
    down: predictions.filter(({ before, after }) => moved(after, before)).length,
  };
}

function turnsOf(
  before: readonly number[],
  after: readonly number[],
  classes: readonly string[],
): NonNullable<WhatIf['turned']> {
  const width = classes.length;
  const now = likeliestClasses({ scores: after, width });
  const turns = new Map<string, { from: string; to: string; rows: number }>();
  for (const [row, was] of likeliestClasses({ scores: before, width }).entries()) {
    const [from, to] = [classes[was], classes[now[row] ?? -1]];
    if (from === undefined || to === undefined || from === to) continue;
    const key = JSON.stringify([from, to]);
    const turn = turns.get(key) ?? { from, to, rows: 0 };
    turns.set(key, turn);
    turn.rows += 1;
  }
  return [...turns.values()].sort((a, b) => b.rows - a.rows);
}

function problemOf(rows: Dataset, change: Change): string | undefined {
  const numeric = rows.numeric.some(({ name }) => name === change.feature);
  const names = [...rows.numeric, ...rows.categorical].map(({ name }) => name);
  if (!names.includes(change.feature))
    return `there is no feature ${change.feature}; there are ${names.join(', ')}`;
  if (change.where !== undefined && !names.includes(change.where.field))
    return `there is no feature ${change.where.field}; there are ${names.join(', ')}`;
  if (!numeric && change.how !== 'set') return `${change.feature} is a category and can only be set`;
  if (numeric && typeof change.value === 'string')
    return `${change.feature} is a number and ${change.value} is none`;
  return undefined;
}

/** A missing value stays missing when it is moved or scaled. */
function changedValue(change: Change, had: FeatureValue): FeatureValue {
  if (change.how === 'set') return change.value;
  if (typeof had !== 'number' || typeof change.value !== 'number') return had;
  return change.how === 'add' ? had + change.value : had * change.value;
}

/** Probabilities from here on count as a yes. */
const HALF = 0.5;
