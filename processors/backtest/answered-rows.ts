import type { Column, Table } from '../../src/core/windows/column.ts';
import type { ModelView } from '../panes/model-view.ts';

/** What one labelled row adds to the sums of its window, as schemas/queries/performance-pane.sql has it. */
export interface AnsweredRow {
  /** Log-loss, nats. */
  readonly loss: number;
  /** What a stream detector reads: of a number the loss without its constant. */
  readonly streamed: number;
  /** Log-loss that the answer implies while it is calibrated, nats. */
  readonly expected: number;
  /** Of yes or no the label and its probability; of classes whether the likeliest came, and its probability; of a number 0. */
  readonly y: number;
  readonly p: number;
}

/** Reads what a row was answered (`place` in the serving table) and labelled (`at`); undefined where one is no value. */
export function answeredRows(args: {
  view: ModelView;
  labels: Table;
  serving: Table;
  /** Of a model of numbers: mean squared error on its validation rows. */
  squaredError?: number;
}): (place: number, at: number) => AnsweredRow | undefined {
  const { view, serving } = args;
  const label = args.labels.columns.get(view.label);
  const prediction = serving.columns.get(view.prediction);
  switch (view.task) {
    case 'classification':
      return (place, at) => {
        const y = label?.number(at) ?? Number.NaN;
        const p = chanceOf(prediction?.number(place) ?? 0);
        const loss = y === 1 ? -Math.log(p) : -Math.log(1 - p);
        return { loss, streamed: loss, expected: entropyOf(p), y, p };
      };
    case 'multiclass': {
      const chances = chanceColumns(view, serving);
      return (place, at) => {
        const came = label?.text(at);
        if (came === null || came === undefined) return undefined;
        const all = [...chances.values()].map((column) => column.number(place) ?? 0);
        const loss = -Math.log(Math.max(Math.min(chances.get(came)?.number(place) ?? 0, 1), SMALLEST));
        const expected = all.reduce((sum, q) => sum - (q > 0 ? q * Math.log(q) : 0), 0);
        const y = prediction?.text(place) === came ? 1 : 0;
        return { loss, streamed: loss, expected, y, p: Math.max(...all, SMALLEST) };
      };
    }
    case 'regression': {
      const variance = args.squaredError ?? Number.NaN;
      const constant = Math.log(2 * Math.PI * variance) / 2;
      return (place, at) => {
        const error = (prediction?.number(place) ?? Number.NaN) - (label?.number(at) ?? Number.NaN);
        if (!Number.isFinite(error)) return undefined;
        const streamed = Math.min((error * error) / (2 * variance), LARGEST);
        return { loss: constant + streamed, streamed, expected: constant + 1 / 2, y: 0, p: 0 };
      };
    }
  }
}

/** Columns FIELD.CLASS with the probability of each class, by class. */
export function chanceColumns(view: ModelView, serving: Table): ReadonlyMap<string, Column> {
  const before = `${view.probabilities ?? ''}.`;
  return new Map(
    [...serving.columns].flatMap(([name, column]) =>
      name.startsWith(before) && column.form === 'number'
        ? [[name.slice(before.length), column] as const]
        : [],
    ),
  );
}

/** A probability that a logarithm can be taken of, as the statements on losses keep it away from 0 and 1. */
export function chanceOf(p: number): number {
  return Math.max(Math.min(p, 1 - SMALLEST), SMALLEST);
}

/** Log-loss that a prediction implies while it is calibrated, nats. */
export function entropyOf(chance: number): number {
  return -chance * Math.log(chance) - (1 - chance) * Math.log(1 - chance);
}

const SMALLEST = 1e-15;
const LARGEST = 2_048;
