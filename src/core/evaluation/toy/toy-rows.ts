import type { AvroDefinition, AvroField } from '../../avro/definition.ts';
import { type Random, seededRandom } from '../../random.ts';

/**
 * A small model whose truth is known: P(y = 1) = 1 / (1 + exp(-(1.5 x + 0.5 [c = red] - 0.5))). Hours of event
 * time are its panes. Between known hours one thing at a time goes wrong.
 */
export const HOUR = 3_600_000;
export const START = Date.UTC(2024, 0, 1);
export const TRAINING_HOURS = 48;
export const END_HOUR = 120;
export const ROWS_PER_HOUR = 200;

/** First hour, inclusive, and last, exclusive, of each fault. */
export const FAULT_HOURS = {
  /** Serving logs x times 100 for g = b. */
  unit: [66, 70],
  /** A producer's schema has no c. */
  missing: [74, 77],
  /** A producer writes z as text under a subject of its own. */
  text: [78, 80],
  /** z moves by one standard deviation, in training and serving. */
  shift: [84, 100],
  /** Labels turn into their opposite. */
  flip: [104, 120],
} as const;

export interface ToyRow {
  readonly id: string;
  readonly hour: number;
  readonly eventTimeMs: number;
  readonly x: number;
  readonly z: number;
  readonly c: string;
  readonly g: string;
  readonly y: number;
  /** Probability that the true relation gives: the model is perfect. */
  readonly p: number;
}

/** All examples before an hour in order of event time, the same for the same seed. */
export function toyRows(seed: number, endHour: number = END_HOUR): ToyRow[] {
  const random = seededRandom(seed);
  const rows: ToyRow[] = [];
  for (let hour = 0; hour < endHour; hour += 1) {
    for (let i = 0; i < ROWS_PER_HOUR; i += 1) {
      const eventTimeMs = START + hour * HOUR + Math.floor((i * HOUR) / ROWS_PER_HOUR);
      rows.push(toyRow({ random, hour, eventTimeMs, id: `e${hour}-${i}` }));
    }
  }
  return rows;
}

function toyRow(args: { random: Random; hour: number; eventTimeMs: number; id: string }): ToyRow {
  const { random, hour } = args;
  const x = normal(random);
  const z = 5 + 2 * normal(random) + (within(hour, 'shift') ? 2 : 0);
  const colour = random();
  const c = colour < 0.6 ? 'red' : colour < 0.9 ? 'green' : 'blue';
  const g = random() < 0.5 ? 'a' : 'b';
  const p = 1 / (1 + Math.exp(-(1.5 * x + (c === 'red' ? 0.5 : 0) - 0.5)));
  const truth = random() < p ? 1 : 0;
  const y = within(hour, 'flip') ? 1 - truth : truth;
  return { id: args.id, hour, eventTimeMs: args.eventTimeMs, x, z, c, g, y, p };
}

export function within(hour: number, fault: keyof typeof FAULT_HOURS): boolean {
  const [from, until] = FAULT_HOURS[fault];
  return hour >= from && hour < until;
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const id: AvroField = { name: 'id', type: 'string', role: 'id' };
const time: AvroField = {
  name: 'event_time',
  type: { type: 'long', logicalType: 'timestamp-millis' },
  role: 'event-time',
};
const number = (name: string): AvroField => ({
  name,
  type: ['null', 'double'],
  default: null,
  role: 'feature',
  kind: 'numeric',
  tolerance: { absolute: 1e-9, relative: 0 },
});
const category = (name: string): AvroField => ({
  name,
  type: ['null', 'string'],
  default: null,
  role: 'feature',
  kind: 'categorical',
});
const features = [
  number('x'),
  // Only z that has moved goes beyond it.
  { ...number('z'), range: { min: -20, max: 13.5 } },
  category('c'),
  { ...category('g'), domain: ['a', 'b'] },
];
const label: AvroField = { name: 'y', type: 'int', role: 'label', kind: 'boolean' };
const record = (name: string, fields: AvroField[]): AvroDefinition => ({
  type: 'record',
  name,
  namespace: 'toy',
  fields,
});

const servingFields: AvroField[] = [
  id,
  time,
  ...features,
  { name: 'prediction', type: 'double', role: 'prediction', kind: 'numeric' },
  { name: 'model_version', type: 'string', role: 'version' },
];

export const TOY_SCHEMAS = {
  training: record('Training', [id, time, ...features, label]),
  serving: record('Serving', servingFields),
  labels: record('Label', [id, time, label]),
} as const;

/** Schemas of producers that never heard of our attributes. */
export const FAULTY_SCHEMAS = {
  missing: record('Serving', plain(['c'])),
  text: record(
    'Serving',
    plain([]).map((field) => (field.name === 'z' ? { name: 'z', type: 'string' } : field)),
  ),
} as const;

function plain(without: readonly string[]): AvroField[] {
  return servingFields
    .filter(({ name }) => !without.includes(name))
    .map(({ name, type }) => ({ name, type }));
}
