import type { Dataset } from './dataset.ts';

/** Undoes what a broken producer did to a numeric feature, where it did. */
export interface Repair {
  readonly feature: string;
  readonly transform: RepairName;
  /** Rows to repair: those where a field has a value. All when absent. */
  readonly where?: { readonly field: string; readonly value: string };
}

export const REPAIRS = {
  celsius_to_fahrenheit: (value: number) => value * 1.8 + 32,
  fahrenheit_to_celsius: (value: number) => (value - 32) / 1.8,
  kelvin_to_celsius: (value: number) => value - 273.15,
  kelvin_to_fahrenheit: (value: number) => (value - 273.15) * 1.8 + 32,
  kilometres_to_miles: (value: number) => value / 1.609344,
  miles_to_kilometres: (value: number) => value * 1.609344,
  metres_to_feet: (value: number) => value / 0.3048,
  feet_to_metres: (value: number) => value * 0.3048,
  seconds_to_minutes: (value: number) => value / 60,
  minutes_to_seconds: (value: number) => value * 60,
  thousand: (value: number) => value * 1_000,
  thousandth: (value: number) => value / 1_000,
  negate: (value: number) => -value,
  zero_to_null: (value: number) => (value === 0 ? Number.NaN : value),
} as const satisfies Readonly<Record<string, (value: number) => number>>;

export type RepairName = keyof typeof REPAIRS;

/** Reads `FEATURE=NAME` or `FEATURE=NAME:FIELD=VALUE`; undefined for anything else. */
export function parseRepair(text: string): Repair | undefined {
  const match = /^(\w+)=(\w+)(?::(\w+)=(.*))?$/.exec(text);
  const [, feature, name, field, value] = match ?? [];
  const transform = REPAIR_NAMES.find((known) => known === name);
  if (feature === undefined || transform === undefined) return undefined;
  return { feature, transform, ...(field === undefined ? {} : { where: { field, value: value ?? '' } }) };
}

/** The rows with the repair applied, and how many of them have another value now. Null stays null. */
export function repairRows(
  dataset: Dataset,
  repair: Repair,
): { readonly dataset: Dataset; readonly changed: number } | undefined {
  const column = dataset.numeric.find(({ name }) => name === repair.feature);
  const { where } = repair;
  const place = where && dataset.categorical.find(({ name }) => name === where.field);
  if (column === undefined || (where !== undefined && place === undefined)) return undefined;
  let changed = 0;
  const values = column.values.map((value, row) => {
    if (Number.isNaN(value) || (where !== undefined && place?.values[row] !== where.value)) return value;
    const repaired = REPAIRS[repair.transform](value);
    if (repaired !== value) changed += 1;
    return repaired;
  });
  const numeric = dataset.numeric.map((one) => (one === column ? { name: one.name, values } : one));
  return { dataset: { ...dataset, numeric }, changed };
}

const REPAIR_NAMES: readonly RepairName[] = [
  'celsius_to_fahrenheit',
  'fahrenheit_to_celsius',
  'kelvin_to_celsius',
  'kelvin_to_fahrenheit',
  'kilometres_to_miles',
  'miles_to_kilometres',
  'metres_to_feet',
  'feet_to_metres',
  'seconds_to_minutes',
  'minutes_to_seconds',
  'thousand',
  'thousandth',
  'negate',
  'zero_to_null',
];
