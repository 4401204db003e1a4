import { tryFingerprint } from '../core/evaluation/fingerprint-case.ts';
import { MADE_FEATURES, madeTable } from '../core/evaluation/fingerprint-examples.ts';
import { INJECTIONS, type Injection, NOISES } from '../core/evaluation/fingerprint-injections.ts';
import type { Fingerprint } from '../core/fingerprints/name-fingerprint.ts';
import { nameFingerprint } from '../core/fingerprints/name-fingerprint.ts';
import { seededRandom } from '../core/random.ts';
import { DriftwatchError } from '../errors.ts';
import { type Rate, rateOf } from './bench-output.ts';

export interface BenchFingerprintsFlags {
  readonly seed: number;
  readonly runs: number;
  readonly json: boolean;
  readonly misses: boolean;
  readonly size?: string;
}

/**
 * `driftwatch bench fingerprints`: every transform put into made-up examples, and how often its name comes
 * back first; then differences without a cause, and examples without a difference, and how often they get one.
 */
export function benchFingerprints(flags: BenchFingerprintsFlags): void {
  if (flags.runs < 1)
    throw new DriftwatchError({
      code: 'CONFIG_INVALID',
      message: `--runs ${flags.runs} tries nothing.`,
      next: 'Give 1 or more.',
    });
  const sizes = SIZES.filter(({ said }) => flags.size === undefined || said === flags.size);
  if (sizes.length === 0)
    throw new DriftwatchError({
      code: 'CONFIG_INVALID',
      message: `--size ${flags.size} is none of the sizes.`,
      next: `Give one of: ${SIZES.map(({ said }) => said).join(', ')}.`,
    });
  const misses = new Map<string, number>();
  const rights = new Map<string, { hits: number; n: number; tied: number; skipped: number }>();
  const noises = new Map<string, { hits: number; n: number }>();
  const clean = { hits: 0, n: 0 };
  for (let run = 0; run < flags.runs; run += 1) {
    const seed = flags.seed * 1_000_003 + run;
    const table = madeTable({ random: seededRandom(seed), rows: ROWS });
    const random = seededRandom(seed + 500_000);
    for (const feature of MADE_FEATURES) {
      const examples = table[feature.name] ?? [];
      clean.n += 1;
      const answer = nameFingerprint({ pairs: [], matching: examples.slice(0, 300), kind: feature.kind });
      if (answer.status === 'named') clean.hits += 1;
      for (const size of sizes) {
        const common = {
          random,
          feature,
          examples,
          share: size.share,
          ...('ids' in size ? { ids: size.ids } : {}),
        };
        for (const injection of INJECTIONS.filter(({ features }) => features.includes(feature.name))) {
          const tried = tryFingerprint({ ...common, prepare: injection.prepare, unrelated: UNRELATED });
          const key = JSON.stringify([injection.expected, size.said, groupOf(feature.kind)]);
          const counted = rights.get(key) ?? { hits: 0, n: 0, tied: 0, skipped: 0 };
          rights.set(key, counted);
          if (tried.status === 'insufficient') {
            counted.skipped += 1;
            continue;
          }
          counted.n += 1;
          const { fingerprint } = tried;
          if (isRight(fingerprint, injection)) counted.hits += 1;
          else {
            if (isTied(fingerprint, injection)) counted.tied += 1;
            if (!('ids' in size) || size.ids >= 20) {
              const miss = `${injection.expected} in ${feature.name}, ${size.said} (${tried.ids} ids): ${saidOf(fingerprint)}`;
              misses.set(miss, (misses.get(miss) ?? 0) + 1);
            }
          }
        }
        for (const noise of NOISES.filter(({ features }) => features.includes(feature.name))) {
          const tried = tryFingerprint({ ...common, prepare: noise.prepare, unrelated: 0 });
          if (tried.status === 'insufficient') continue;
          const key = JSON.stringify([noise.name, size.said]);
          const counted = noises.get(key) ?? { hits: 0, n: 0 };
          noises.set(key, counted);
          counted.n += 1;
          if (tried.fingerprint.status !== 'named') continue;
          counted.hits += 1;
          const miss = `noise (${noise.name}) in ${feature.name}, ${size.said}: ${saidOf(tried.fingerprint)}`;
          misses.set(miss, (misses.get(miss) ?? 0) + 1);
        }
      }
    }
  }
  print({ flags, sizes, rights, noises, clean, misses });
}

function isRight(fingerprint: Fingerprint, injection: Injection): boolean {
  if (fingerprint.status !== 'named') return false;
  return fingerprint.name === injection.expected;
}

function isTied(fingerprint: Fingerprint, injection: Injection): boolean {
  return (
    fingerprint.status === 'named' && fingerprint.alsoPossible.some(({ name }) => name === injection.expected)
  );
}

function groupOf(kind: string): string {
  if (kind === 'numeric' || kind === 'timestamp') return 'numeric';
  return kind === 'categorical' ? 'category' : 'string';
}

function saidOf(fingerprint: Fingerprint): string {
  if (fingerprint.status !== 'named') return fingerprint.status;
  const also = fingerprint.alsoPossible.map(({ name }) => name).join(', ');
  return `${fingerprint.name}${also === '' ? '' : ` (or ${also})`}`;
}

interface Counted {
  hits: number;
  n: number;
}

function print(args: {
  flags: BenchFingerprintsFlags;
  sizes: typeof SIZES;
  rights: ReadonlyMap<string, Counted & { tied: number; skipped: number }>;
  noises: ReadonlyMap<string, Counted>;
  clean: Counted;
  misses: ReadonlyMap<string, number>;
}): void {
  const { flags, sizes } = args;
  const rights = [...args.rights].map(([key, counted]) => {
    const [transform = '', size = '', kind = ''] = labelsOf(key);
    return { transform, size, kind, ...counted };
  });
  const noises = [...args.noises].map(([key, counted]) => {
    const [noise = '', size = ''] = labelsOf(key);
    return { noise, size, ...counted };
  });
  const transforms = [...new Set(rights.map(({ transform }) => transform))];
  const pick = (rows: readonly Counted[]): Rate => rateOf(sum(rows, 'hits'), sum(rows, 'n'));
  const byTransform = transforms.map((transform) => ({
    transform,
    ...Object.fromEntries(
      sizes.map(({ said }) => [
        said,
        pick(rights.filter((row) => row.transform === transform && row.size === said)),
      ]),
    ),
  }));
  const byKind = ['numeric', 'category', 'string'].map((kind) => ({
    kind,
    ...Object.fromEntries(
      sizes.map(({ said }) => [said, pick(rights.filter((row) => row.kind === kind && row.size === said))]),
    ),
  }));
  const all = Object.fromEntries(
    sizes.map(({ said }) => [said, pick(rights.filter((row) => row.size === said))]),
  );
  const noise = Object.fromEntries(
    sizes.map(({ said }) => [said, pick(noises.filter((row) => row.size === said))]),
  );
  const byNoise = [...new Set(noises.map((row) => row.noise))].map((name) => ({
    noise: name,
    ...Object.fromEntries(
      sizes.map(({ said }) => [said, pick(noises.filter((row) => row.noise === name && row.size === said))]),
    ),
  }));
  const clean = rateOf(args.clean.hits, args.clean.n);
  const settings = { seed: flags.seed, runs: flags.runs, rows: ROWS, unrelated: UNRELATED };
  if (flags.json) {
    const output = {
      bench: 'fingerprints',
      settings,
      all,
      byKind,
      byTransform,
      noise,
      byNoise,
      clean,
      cells: rights,
    };
    process.stdout.write(`${JSON.stringify(output)}\n`);
    return;
  }
  const head = ['', ...sizes.map(({ said }) => said)];
  const cells = (label: string, rates: Readonly<Record<string, unknown>>) => [
    label,
    ...sizes.map(({ said }) => cellOf(rates[said])),
  ];
  const table = [
    head,
    cells('all', all),
    ...byKind.map((row) => cells(row.kind, row)),
    ...byTransform.map((row) => cells(row.transform, row)),
    [''],
    cells('named on noise', noise),
    ...byNoise.map((row) => cells(row.noise, row)),
  ];
  const widths = head.map((_, at) => Math.max(...table.map((row) => (row[at] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(
    [
      `bench fingerprints: seed ${flags.seed}, ${flags.runs} tables of ${ROWS} examples; right name first, share of tries (tries)`,
      'Jitter of 0.3 steps, a fifth of the mismatching ids unrelated. 1%, 10%, 100%: of the examples changed, ids as they come, at most 300.',
      ...lines,
      '',
      `named on clean data       ${cellOf(clean)}`,
      '',
    ].join('\n'),
  );
  if (!flags.misses) return;
  const sorted = [...args.misses].sort((a, b) => b[1] - a[1]);
  process.stdout.write(
    `${sorted.map(([miss, count]) => `${String(count).padStart(5)}  ${miss}`).join('\n')}\n`,
  );
}

function labelsOf(key: string): string[] {
  const labels: unknown = JSON.parse(key);
  return Array.isArray(labels) ? labels.map(String) : [];
}

function cellOf(rate: unknown): string {
  if (typeof rate !== 'object' || rate === null || !('share' in rate) || !('n' in rate)) return '';
  return rate.n === 0 ? '-' : `${Number(rate.share).toFixed(3)} (${rate.n})`;
}

function sum(rows: readonly Counted[], key: keyof Counted): number {
  return rows.reduce((total, row) => total + row[key], 0);
}

const ROWS = 2_000;
const UNRELATED = 0.2;
const SIZES: readonly ({ said: string; share: number } | { said: string; share: number; ids: number })[] = [
  { said: '5 ids', share: 0.1, ids: 5 },
  { said: '10 ids', share: 0.1, ids: 10 },
  { said: '20 ids', share: 0.1, ids: 20 },
  { said: '100 ids', share: 0.3, ids: 100 },
  { said: '1%', share: 0.01 },
  { said: '10%', share: 0.1 },
  { said: '100%', share: 1 },
];
