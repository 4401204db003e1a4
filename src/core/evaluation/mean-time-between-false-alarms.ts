import { insufficient, type WithInterval } from './evaluated.ts';
import { poissonInterval } from './false-alarm-rate.ts';

/**
 * Mean time between false alarms, in elements: elements where nothing had changed divided by the alarms
 * among them, with the 95% interval from the Poisson one of the count. Without any alarm only a lower
 * bound is known, so the value is insufficient: it needs one alarm.
 */
export function meanTimeBetweenFalseAlarms(alarms: number, elements: number): WithInterval {
  if (alarms === 0) return insufficient(1, 0);
  const { low, high } = poissonInterval(alarms);
  return {
    status: 'ok',
    value: elements / alarms,
    low: elements / high,
    high: low === 0 ? null : elements / low,
    n: elements,
  };
}
