import type { Field } from '../contract/contract.ts';
import { type Column, numberColumn } from './column.ts';

/**
 * What is watched of values whose own distribution says nothing: every timestamp is later than those before it,
 * every note is another one, no two embeddings are equal. Each profile is a number or a category of its own,
 * named after its field, `seen_at:hour`.
 *
 * timestamp: hour of the day and weekday, both UTC, and its age at the event time in seconds.
 * text: length in characters (code points), and the class of its characters, of which `null-like` are texts such as
 * "", "N/A", "none". embedding: number of dimensions, Euclidean norm, and its direction as projections on four fixed
 * orthogonal vectors of plus and minus ones (Walsh functions), divided by the norm; a move across all four is missed.
 * Norm and projections are axes of the joint signature too, which sees how directions go together, with each other and
 * with other features: an embedding that was turned in space.
 *
 * Any other kind is watched as it is: no profiles.
 */
export function profilesOf({ kind }: Field): readonly Profile[] {
  return kind === 'timestamp' || kind === 'text' || kind === 'embedding' ? PROFILES[kind] : [];
}

export interface Profile {
  readonly as: string;
  readonly kind: 'numeric' | 'categorical';
  readonly unit?: string;
  /** Categories kept apart. */
  readonly top?: number;
}

const PROFILES = {
  timestamp: [
    { as: 'hour', kind: 'categorical', top: 24 },
    { as: 'weekday', kind: 'categorical' },
    { as: 'age', kind: 'numeric', unit: 's' },
  ],
  text: [
    { as: 'length', kind: 'numeric', unit: 'characters' },
    { as: 'characters', kind: 'categorical' },
  ],
  embedding: [
    { as: 'size', kind: 'numeric' },
    { as: 'norm', kind: 'numeric' },
    { as: 'mean', kind: 'numeric' },
    { as: 'first', kind: 'numeric' },
    { as: 'second', kind: 'numeric' },
    { as: 'third', kind: 'numeric' },
  ],
} as const satisfies Partial<Record<Field['kind'], readonly Profile[]>>;

/**
 * A profile of a column in memory, with the values of schemas/queries/parts/profile-columns.sql. Undefined where the
 * table has not what it needs: an age without event times, an embedding that is no column of lists.
 */
export function profileColumn(args: {
  field: Field;
  as: string;
  column: Column;
  eventTime: Column | undefined;
}): Column | undefined {
  const { field, as, column, eventTime } = args;
  const name = `${field.name}:${as}`;
  const seconds = (row: number) => secondsOf(column.number(row), column, field);
  const texts = (text: (row: number) => string | null): Column => ({
    name,
    form: 'text',
    number: () => null,
    text,
  });
  const numbers = (number: (row: number) => number | null): Column => ({
    ...numberColumn({ name, form: 'number', values: [], missing: [] }),
    number,
    text: (row) => {
      const value = number(row);
      return value === null ? null : String(value);
    },
  });
  const ofSeconds = (say: (value: number) => string) =>
    texts((row) => {
      const value = seconds(row);
      return value === null ? null : say(value);
    });
  switch (as) {
    case 'hour':
      return ofSeconds((value) =>
        String(Math.floor((value - Math.floor(value / DAY) * DAY) / HOUR)).padStart(2, '0'),
      );
    case 'weekday':
      // 1 January 1970 was a Thursday.
      return ofSeconds((value) => WEEKDAYS[modulo(Math.floor(value / DAY) + 3, 7)] ?? '');
    case 'age':
      return eventTime === undefined
        ? undefined
        : numbers((row) => {
            const [now, value] = [eventTime.number(row), seconds(row)];
            return now === null || value === null ? null : now - value;
          });
    case 'length':
      return numbers((row) => {
        const text = column.text(row);
        return text === null ? null : [...text].length;
      });
    case 'characters':
      return texts((row) => {
        const text = column.text(row);
        return text === null ? null : characterClass(text);
      });
    case 'size':
    case 'norm':
    case 'mean':
    case 'first':
    case 'second':
    case 'third': {
      const { list } = column;
      if (list === undefined) return undefined;
      return numbers((row) => embeddingProfile(as, list(row)));
    }
    default:
      return undefined;
  }
}

/** The direction is that of the vector divided by its norm; NaN for a vector of zeros, and for none. */
function embeddingProfile(as: keyof typeof WALSH | 'size' | 'norm', items: ArrayLike<number>): number {
  if (as === 'size') return items.length;
  let squares = 0;
  for (let at = 0; at < items.length; at += 1) squares += (items[at] ?? 0) * (items[at] ?? 0);
  const norm = Math.sqrt(squares);
  if (as === 'norm') return norm;
  let sum = 0;
  for (let at = 0; at < items.length; at += 1)
    sum += isOdd(at & WALSH[as]) ? -(items[at] ?? 0) : (items[at] ?? 0);
  return sum / norm;
}

/** Whether an odd number of the bits are set. */
function isOdd(bits: number): boolean {
  let odd = false;
  for (let left = bits; left !== 0; left &= left - 1) odd = !odd;
  return odd;
}

/** Bits of the place that turn the sign. */
const WALSH = { mean: 0, first: 1, second: 6, third: 27 } as const;

/** How many of its units a second has and how many seconds a unit, for a stored timestamp. */
export function secondsScale({ avro }: Pick<Field, 'avro'>): {
  readonly times: number;
  readonly per: number;
} {
  if (avro === 'date') return { times: DAY, per: 1 };
  if (avro === 'local-timestamp-micros') return { times: 1, per: 1e6 };
  // A long or a local timestamp is in milliseconds; ClickHouse's own times and an int are in seconds.
  return { times: 1, per: avro === 'long' || avro === 'local-timestamp-millis' ? 1000 : 1 };
}

/** Class of a text's characters, the first that fits. */
export function characterClass(text: string): string {
  const plain = text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()).replaceAll(/^ +| +$/g, '');
  if (NULL_LIKE.test(plain)) return 'null-like';
  return CLASSES.find(([pattern]) => pattern.test(text))?.[1] ?? 'beyond ASCII';
}

function secondsOf(value: number | null, column: Column, field: Field): number | null {
  if (value === null || column.form === 'time') return value;
  const { times, per } = secondsScale(field);
  return (value * times) / per;
}

function modulo(x: number, by: number): number {
  return x - Math.floor(x / by) * by;
}

const HOUR = 3_600;
const DAY = 86_400;
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const NULL_LIKE = /^(null|nil|none|nan|n\/?a|undefined|unknown|missing|[-?]*)$/;
const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/^[0-9]+$/, 'digits'],
  [/^[-+]?[0-9]*[.,]?[0-9]+([eE][-+]?[0-9]+)?$/, 'number'],
  [/^[a-z]+$/, 'small letters'],
  [/^[A-Z]+$/, 'capitals'],
  [/^[A-Za-z ]+$/, 'letters'],
  [/^[A-Za-z0-9 _-]+$/, 'letters and digits'],
  [/^[\x20-\x7e]*$/, 'printable ASCII'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
  [/[\x00-\x08\x0e-\x1f\x7f]/, 'control characters'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
  [/^[\x00-\x7f]*$/, 'lines'],
];
