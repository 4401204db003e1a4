import { DAY_MS, HALF_STEP_MS, HOUR_MS, HOURS, WEEKDAYS } from '../models/time-parts.ts';
import { concat } from './concat.ts';
import type { Graph } from './graph.ts';
import { DOUBLE, FLOAT, INT64, integerAttribute, node } from './model.ts';
import { oneHotEncoder } from './one-hot-encoder.ts';

/**
 * Hour of the day and day of the week of a time in milliseconds since 1970, as `timeParts` computes them: in double
 * precision, step by step. NaN goes through to both.
 */
export function timeFeatures(graph: Graph, input: string, form: 'numbers' | 'one-hot'): string[] {
  const number = (value: number): string => graph.doubles('number', [value]);
  const step = (operator: string, ...inputs: string[]): string => {
    const output = graph.fresh(operator.toLowerCase());
    graph.nodes.push(node({ operator, inputs, output }));
    return output;
  };
  const floorOf = (value: string, by: number): string => step('Floor', step('Div', value, number(by)));
  const time = step('Add', cast(graph, input, DOUBLE), number(HALF_STEP_MS));
  const days = floorOf(time, DAY_MS);
  const hour = step('Sub', floorOf(time, HOUR_MS), step('Mul', days, number(24)));
  const shifted = step('Add', days, number(3));
  const weekday = step('Sub', shifted, step('Mul', floorOf(shifted, 7), number(7)));
  if (form === 'numbers') return [cast(graph, concat(graph, [hour, weekday]), FLOAT)];
  return [hot(hour, HOURS), hot(weekday, WEEKDAYS)];

  /** What is no slot, because the time is missing or beyond all calendars, gets no 1. */
  function hot(value: string, slots: number): string {
    const missing = graph.fresh('is_nan');
    graph.nodes.push(node({ operator: 'IsNaN', inputs: [value], output: missing }));
    const known = step('Where', missing, number(-1), value);
    const clipped = step('Max', step('Min', known, number(slots)), number(-1));
    return oneHotEncoder(graph, cast(graph, clipped, INT64), slots);
  }
}

function cast(graph: Graph, input: string, to: number): string {
  const output = graph.fresh('cast');
  graph.nodes.push(
    node({ operator: 'Cast', inputs: [input], output, attributes: [integerAttribute('to', to)] }),
  );
  return output;
}
