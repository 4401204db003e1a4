import type { FingerprintName } from '../fingerprints/candidate.ts';
import { isFiniteNumber, type Pair, sameValue, type Value } from '../fingerprints/pair.ts';
import { type Random, shuffledPositions } from '../random.ts';
import { type MadeFeature, normal, toStep } from './fingerprint-examples.ts';

/** A transform to put into examples, and the name it should get. */
export interface Injection {
  readonly expected: FingerprintName;
  readonly features: readonly string[];
  /** Prepares it for a feature: constants are drawn once per case. */
  prepare(args: { random: Random; feature: MadeFeature; all: readonly Pair[] }): (pair: Pair) => Pair;
}

const fresh = (pair: Pair, serving: Value): Pair => ({ ...pair, serving });
const NUMBERS = ['amount', 'temperature', 'count', 'distance', 'real', 'walk'];
const CATEGORIES = ['carrier', 'city', 'plan'];
const TEXTS = ['full-name', 'note'];
const EVERY = [...NUMBERS, ...CATEGORIES, ...TEXTS];

/** A change of numbers, with jitter of 0.3 steps before it (it is the same reading, measured again). */
function ofNumber(change: (x: number) => number): Injection['prepare'] {
  return ({ random, feature, all }) => {
    const jitter = jitterOf(random, feature, all);
    return (pair) => {
      if (!isFiniteNumber(pair.training)) return pair;
      const noisy = pair.training + jitter();
      return fresh(pair, change(noisy > 0 === pair.training > 0 ? noisy : pair.training));
    };
  };
}

/** A change of numbers, with jitter after it: what the change left is read again. */
function thenJitter(prepare: Injection['prepare']): Injection['prepare'] {
  return (args) => {
    const change = prepare(args);
    const jitter = jitterOf(args.random, args.feature, args.all);
    return (pair) => {
      const changed = change(pair);
      if (!isFiniteNumber(changed.serving) || changed.serving === pair.training) return changed;
      return fresh(changed, changed.serving + jitter());
    };
  };
}

function jitterOf(random: Random, feature: MadeFeature, all: readonly Pair[]): () => number {
  if (feature.step > 0) return () => 0.3 * feature.step * normal(random);
  const numbers = all.map(({ training }) => training).filter(isFiniteNumber);
  return () => 0.001 * deviation(numbers) * normal(random);
}

function ofText(change: (text: string) => string): Injection['prepare'] {
  return () => (pair) => (typeof pair.training === 'string' ? fresh(pair, change(pair.training)) : pair);
}

const constant =
  (value: Value): Injection['prepare'] =>
  () =>
  (pair) =>
    fresh(pair, value);

export function deviation(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x / n, 0);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2 / n, 0));
}

function quantile(pairs: readonly Pair[], share: number): number {
  const sorted = pairs
    .map(({ training }) => training)
    .filter(isFiniteNumber)
    .sort((a, b) => a - b);
  return sorted[Math.floor(share * sorted.length)] ?? 0;
}

function codesOf(all: readonly Pair[]): string[] {
  const codes = new Set(all.map(({ training }) => training).filter((code) => typeof code === 'string'));
  return [...codes].sort();
}

/** Every code stands for another category, at random: one cycle through all of them. */
const permute: Injection['prepare'] = ({ random, all }) => {
  const codes = codesOf(all);
  const order = [...shuffledPositions(random, codes.length)].map((at) => codes[at] ?? '');
  const target = new Map<Value, Value>(order.map((code, at) => [code, order[(at + 1) % order.length] ?? '']));
  return (pair) => fresh(pair, target.get(pair.training) ?? pair.training);
};

/** The next category in alphabetical order, as when one encoder knows one more. */
const moveOn: Injection['prepare'] = ({ all }) => {
  const codes = codesOf(all);
  return (pair) =>
    typeof pair.training === 'string'
      ? fresh(pair, codes[(codes.indexOf(pair.training) + 1) % codes.length] ?? '')
      : pair;
};

/** The whole record of another example. */
const joinWrongly: Injection['prepare'] = ({ random, all }) => {
  return (pair) => {
    const other = all[Math.floor(random() * all.length)] ?? pair;
    const others = Object.fromEntries(
      Object.entries(pair.others ?? {}).map(([name, { training }]) => [
        name,
        { training, serving: other.others?.[name]?.training ?? null },
      ]),
    );
    return { ...pair, serving: other.training, others };
  };
};

const swapWith =
  (names: readonly string[]): Injection['prepare'] =>
  ({ random, feature }) => {
    const possible = names.filter((name) => name !== feature.name);
    const name = possible[Math.floor(random() * possible.length)] ?? '';
    return (pair) => fresh(pair, pair.others?.[name]?.training ?? null);
  };

export const INJECTIONS: readonly Injection[] = [
  { expected: 'unit', features: NUMBERS, prepare: ofNumber((x) => x * 100) },
  { expected: 'unit', features: ['amount', 'distance', 'walk', 'real'], prepare: ofNumber((x) => x / 1_000) },
  { expected: 'unit', features: ['distance'], prepare: ofNumber((x) => x * 1.609344) },
  { expected: 'unit', features: ['temperature'], prepare: ofNumber((x) => ((x - 32) * 5) / 9) },
  {
    expected: 'offset',
    features: [...NUMBERS, 'nearly-constant'],
    prepare: (args) => {
      const by =
        (0.5 + 1.5 * args.random()) *
        deviation(args.all.map(({ training }) => training).filter(isFiniteNumber));
      const shift = args.feature.step > 0 ? Math.max(args.feature.step, toStep(by, args.feature.step)) : by;
      return ofNumber((x) => x + shift)(args);
    },
  },
  {
    expected: 'time zone',
    features: ['seen-at'],
    prepare: (args) => {
      const hours = [-8, -5, -4, 1, 2, 5.5, 9][Math.floor(args.random() * 7)] ?? 1;
      return ofNumber((x) => x + hours * 3_600_000)(args);
    },
  },
  {
    expected: 'stale',
    features: EVERY,
    prepare: thenJitter(() => (pair) => fresh(pair, pair.earlier?.[0]?.value ?? null)),
  },
  { expected: 'default-filled', features: [...NUMBERS, 'with-nulls'], prepare: thenJitter(constant(-1)) },
  { expected: 'default-filled', features: NUMBERS, prepare: thenJitter(constant(0)) },
  {
    expected: 'default-filled',
    features: ['amount', 'temperature', 'walk'],
    prepare: thenJitter((args) => constant(quantile(args.all, 0.5))(args)),
  },
  { expected: 'default-filled', features: [...CATEGORIES, ...TEXTS], prepare: constant('unknown') },
  { expected: 'missing', features: EVERY, prepare: constant(null) },
  {
    expected: 'null to zero',
    features: ['with-nulls', 'plan', 'note'],
    prepare:
      ({ feature }) =>
      (pair) =>
        pair.training === null ? fresh(pair, feature.kind === 'numeric' ? 0 : '') : pair,
  },
  {
    expected: 'zero to null',
    features: ['count'],
    prepare: () => (pair) => (pair.training === 0 ? fresh(pair, null) : pair),
  },
  {
    expected: 'truncation',
    features: ['amount', 'temperature', 'walk', 'real'],
    prepare: thenJitter(ofAll(Math.floor)),
  },
  {
    expected: 'truncation',
    features: ['distance', 'walk'],
    prepare: thenJitter(ofAll((x) => Math.floor(x / 10) * 10)),
  },
  { expected: 'truncation', features: ['carrier'], prepare: ofText((text) => text.slice(0, 1)) },
  { expected: 'truncation', features: ['full-name', 'note'], prepare: ofText((text) => text.slice(0, 8)) },
  {
    expected: 'rounding',
    features: ['amount', 'temperature', 'walk', 'real'],
    prepare: thenJitter(ofAll(Math.round)),
  },
  {
    expected: 'rounding',
    features: ['distance', 'walk'],
    prepare: thenJitter(ofAll((x) => Math.round(x / 10) * 10)),
  },
  {
    expected: 'case',
    features: ['city', 'full-name', 'note'],
    prepare: ofText((text) => text.toUpperCase()),
  },
  {
    expected: 'case',
    features: ['carrier', 'full-name', 'city'],
    prepare: ofText((text) => text.toLowerCase()),
  },
  { expected: 'unicode', features: ['full-name', 'note'], prepare: ofText((text) => text.normalize('NFD')) },
  {
    expected: 'unicode',
    features: ['full-name', 'note'],
    prepare: ofText((text) => text.normalize('NFD').replaceAll(/\p{M}/gu, '')),
  },
  { expected: 'whitespace', features: ['note'], prepare: ofText((text) => text.trim()) },
  {
    expected: 'whitespace',
    features: ['carrier', 'city', 'plan', 'full-name'],
    prepare: ofText((text) => `${text} `),
  },
  {
    expected: 'whitespace',
    features: ['full-name', 'city', 'note'],
    prepare: ofText((text) => text.replaceAll(/\s+/gu, '')),
  },
  { expected: 'code permutation', features: ['carrier', 'plan'], prepare: permute },
  { expected: 'code permutation', features: CATEGORIES, prepare: moveOn },
  {
    expected: 'swapped columns',
    features: NUMBERS,
    prepare: swapWith(['amount', 'temperature', 'distance', 'walk']),
  },
  {
    expected: 'swapped columns',
    features: ['carrier', 'full-name', 'note', 'plan'],
    prepare: swapWith(['carrier', 'city', 'full-name']),
  },
  {
    expected: 'clipped',
    features: ['amount', 'temperature', 'distance', 'walk', 'real'],
    prepare: thenJitter((args) => {
      const bound = quantile(args.all, 0.7);
      return ofAll((x) => Math.min(x, bound))(args);
    }),
  },
  { expected: 'log', features: ['amount', 'distance', 'walk', 'real'], prepare: ofNumber(Math.log) },
  { expected: 'log', features: ['amount', 'count', 'distance'], prepare: ofNumber((x) => Math.log1p(x)) },
  {
    expected: 'standardised',
    features: NUMBERS,
    prepare: (args) => {
      const numbers = args.all.map(({ training }) => training).filter(isFiniteNumber);
      const mean = numbers.reduce((sum, x) => sum + x / numbers.length, 0);
      const sd = deviation(numbers);
      return ofNumber((x) => (x - mean) / sd)(args);
    },
  },
  { expected: 'wrong join', features: EVERY, prepare: joinWrongly },
];

function ofAll(change: (x: number) => number): Injection['prepare'] {
  return () => (pair) => (isFiniteNumber(pair.training) ? fresh(pair, change(pair.training)) : pair);
}

/** Differences without a cause: nothing here should get a name. */
export const NOISES: readonly {
  readonly name: string;
  readonly features: readonly string[];
  readonly prepare: Injection['prepare'];
}[] = [
  {
    name: 'fresh draw',
    features: EVERY,
    prepare:
      ({ random, feature }) =>
      (pair) =>
        fresh(pair, feature.draw(random)),
  },
  ...[0.02, 0.1, 1].map((share) => ({
    name: `plus ${share} sd`,
    features: NUMBERS,
    prepare: addNoise((sd, random) => share * sd * normal(random)),
  })),
  {
    name: 'plus 0.3 sd, off the grid',
    features: NUMBERS,
    prepare: ({ random, all }) => {
      const sd = deviation(all.map(({ training }) => training).filter(isFiniteNumber));
      return (pair) =>
        isFiniteNumber(pair.training) ? fresh(pair, pair.training + 0.3 * sd * normal(random)) : pair;
    },
  },
  {
    name: 'times 10% noise',
    features: NUMBERS,
    prepare:
      ({ random, feature }) =>
      (pair) =>
        isFiniteNumber(pair.training)
          ? fresh(pair, toStep(pair.training * (1 + 0.1 * normal(random)), feature.step))
          : pair,
  },
  {
    name: 'heavy tails',
    features: NUMBERS,
    prepare: addNoise((sd, random) => 0.2 * sd * Math.tan(Math.PI * (random() - 0.5))),
  },
  {
    name: 'shrunk and noisy',
    features: NUMBERS,
    prepare: (args) => {
      const middle = quantile(args.all, 0.5);
      return addNoise((sd, random, x) => 0.3 * (middle - x) + 0.4 * sd * normal(random))(args);
    },
  },
  {
    name: 'mixture',
    features: NUMBERS,
    prepare: (args) => {
      const near = addNoise((sd, random) => 0.05 * sd * normal(random))(args);
      return (pair) => (args.random() < 0.5 ? near(pair) : fresh(pair, args.feature.draw(args.random)));
    },
  },
  {
    name: 'typing errors',
    features: [...CATEGORIES, ...TEXTS],
    prepare: ({ random }) =>
      ofTextWith((text) => {
        const at = Math.floor(random() * text.length);
        const letter = String.fromCharCode(97 + Math.floor(26 * random()));
        return `${text.slice(0, at)}${letter}${text.slice(at + 1)}`;
      }),
  },
];

function ofTextWith(change: (text: string) => string): (pair: Pair) => Pair {
  return (pair) => (typeof pair.training === 'string' ? fresh(pair, change(pair.training)) : pair);
}

function addNoise(draw: (sd: number, random: Random, x: number) => number): Injection['prepare'] {
  return ({ random, feature, all }) => {
    const sd = deviation(all.map(({ training }) => training).filter(isFiniteNumber));
    return (pair) =>
      isFiniteNumber(pair.training)
        ? fresh(pair, toStep(pair.training + draw(sd, random, pair.training), feature.step))
        : pair;
  };
}

export function differs(pair: Pair): boolean {
  return !sameValue(pair.training, pair.serving);
}
