import type { Pair, Value } from '../fingerprints/pair.ts';
import type { FeatureKind } from '../fingerprints/pair-context.ts';
import { type Random, randomBelow } from '../random.ts';

/** A made-up feature whose law is known, to inject transforms into. */
export interface MadeFeature {
  readonly name: string;
  readonly kind: FeatureKind;
  readonly unit: string;
  /** Step of its grid; 0 for texts. Jitter is told in it. */
  readonly step: number;
  draw(random: Random): Value;
  /** The value one hour before; a fresh draw unless the feature moves slowly. */
  before?(random: Random, value: number): number;
}

/** Made-up examples with all features, training and serving still equal; three earlier values each. */
export function madeTable(args: { random: Random; rows: number }): Record<string, readonly Pair[]> {
  const { random } = args;
  const table: Record<string, Pair[]> = Object.fromEntries(MADE_FEATURES.map(({ name }) => [name, []]));
  for (let row = 0; row < args.rows; row += 1) {
    const values = MADE_FEATURES.map((feature) => ({ feature, value: feature.draw(random) }));
    for (const { feature, value } of values) {
      const others = Object.fromEntries(
        values
          .filter(({ feature: other }) => other !== feature && COMPANIONS.includes(other.name))
          .map(({ feature: other, value: own }) => [other.name, { training: own, serving: own }]),
      );
      const pair: Pair = {
        id: `id-${row}`,
        training: value,
        serving: value,
        others,
        earlier: history({ random, feature, value }),
        eventTimeMs: 1_700_000_000_000 + row * 1_000,
      };
      table[feature.name]?.push(pair);
    }
  }
  return table;
}

function history(args: { random: Random; feature: MadeFeature; value: Value }): Pair['earlier'] & object {
  const { random, feature } = args;
  let value = args.value;
  return [1, 2, 3].map((hours) => {
    value =
      feature.before !== undefined && typeof value === 'number'
        ? feature.before(random, value)
        : feature.draw(random);
    return { agoMs: hours * 3_600_000, value };
  });
}

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function toStep(x: number, step: number): number {
  return step === 0 ? x : Number((Math.round(x / step) * step).toPrecision(15));
}

/** Of a list, rank k with a chance that falls as 1 / k. */
function byRank<T>(random: Random, values: readonly T[]): T | undefined {
  return values[Math.min(values.length - 1, Math.floor((values.length + 1) ** random() - 1))];
}

function word(random: Random): string {
  const length = 3 + randomBelow(random, 6);
  const letters = Array.from({ length }, () => LETTERS[randomBelow(random, LETTERS.length)] ?? 'a');
  return letters.join('');
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
const LETTERS = [...'aabcdeeefghiiklmnooprsstuüéñçö'];
const CARRIERS = [...'AA AS B6 DL EV F9 FL HA MQ OO UA US VX WN YV 9E'.split(' ')];
const CITIES = Array.from(
  { length: 100 },
  (_, at) => `${'BCDFGHJKLM'[at % 10]}${'aeiou'[at % 5]}${'nrstlm'[at % 6]} ${at}`,
);
const PLANS = ['free', 'basic', 'plus', 'team', 'enterprise', 'trial'];

export const MADE_FEATURES: readonly MadeFeature[] = [
  {
    name: 'amount',
    kind: 'numeric',
    unit: '',
    step: 0.01,
    draw: (random) => toStep(Math.exp(3 + 1.2 * normal(random)), 0.01),
  },
  {
    name: 'temperature',
    kind: 'numeric',
    unit: 'degF',
    step: 0.1,
    draw: (random) => toStep(55 + 18 * normal(random), 0.1),
  },
  {
    name: 'count',
    kind: 'numeric',
    unit: '',
    step: 1,
    draw: (random) => Math.floor(-4 * Math.log(1 - random())),
  },
  {
    name: 'nearly-constant',
    kind: 'numeric',
    unit: '',
    step: 0.01,
    draw: (random) => toStep(100 + 0.2 * normal(random), 0.01),
  },
  {
    name: 'distance',
    kind: 'numeric',
    unit: 'mi',
    step: 1,
    draw: (random) => toStep(80 + 2_400 * random() ** 2, 1),
  },
  {
    name: 'real',
    kind: 'numeric',
    unit: '',
    step: 0,
    draw: (random) => 20 + 5 * normal(random),
  },
  {
    name: 'walk',
    kind: 'numeric',
    unit: '',
    step: 0.01,
    draw: (random) => toStep(500 + 60 * normal(random), 0.01),
    before: (random, value) => toStep(value + 3 * normal(random), 0.01),
  },
  {
    name: 'with-nulls',
    kind: 'numeric',
    unit: '',
    step: 0.1,
    draw: (random) => (random() < 0.3 ? null : toStep(30 + 10 * normal(random), 0.1)),
  },
  {
    name: 'seen-at',
    kind: 'timestamp',
    unit: '',
    step: 1_000,
    draw: (random) => toStep(1_700_000_000_000 + 2_592_000_000 * random(), 1_000),
  },
  {
    name: 'carrier',
    kind: 'categorical',
    unit: '',
    step: 0,
    draw: (random) => byRank(random, CARRIERS) ?? null,
  },
  { name: 'city', kind: 'categorical', unit: '', step: 0, draw: (random) => byRank(random, CITIES) ?? null },
  {
    name: 'plan',
    kind: 'categorical',
    unit: '',
    step: 0,
    draw: (random) => (random() < 0.15 ? null : (byRank(random, PLANS) ?? null)),
  },
  {
    name: 'full-name',
    kind: 'text',
    unit: '',
    step: 0,
    draw: (random) => `${capital(word(random))} ${capital(word(random))}`,
  },
  {
    name: 'note',
    kind: 'text',
    unit: '',
    step: 0,
    draw: (random) =>
      random() < 0.1
        ? null
        : ` ${word(random)}  ${word(random)} ${Math.floor(1_000 * random())} ${word(random)}`,
  },
];

/** Features that stand beside a pair as the others of its example. */
const COMPANIONS: readonly string[] = [
  'amount',
  'temperature',
  'distance',
  'walk',
  'carrier',
  'city',
  'full-name',
];
