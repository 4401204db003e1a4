import { type Challenger, experimentRows } from '../core/evaluation/experiment-rows.ts';
import { runExperiment } from '../core/evaluation/run-experiment.ts';
import { EXPECTED_ERROR_LOSS, errorSequence } from '../core/experiments/bounded-error.ts';
import { SEQUENCE_DEFAULTS } from '../core/experiments/confidence-sequence.ts';
import type { Task } from '../core/models/model.ts';
import { seededRandom } from '../core/random.ts';
import { printBench, type Rate, rateOf } from './bench-output.ts';

export interface BenchAbFlags {
  readonly seed: number;
  readonly runs: number;
  readonly gains: number;
  readonly answers: number;
  readonly label?: LabelKind;
  readonly json: boolean;
}

/** `driftwatch bench ab`: experiments without a gain, with one, and with labels whose delay depends on their class. */
export function benchAb(flags: BenchAbFlags): void {
  const { reach: _, ...defaults } = SEQUENCE_DEFAULTS;
  printBench({
    json: flags.json,
    bench: 'ab',
    settings: {
      seed: flags.seed,
      answers: flags.answers,
      looks: 'after every label',
      ...defaults,
    },
    rows: CASES.flatMap((one, index) => {
      const asked = flags.label === undefined || flags.label === LABELS[one.task ?? 'classification'];
      return asked ? [measure(one, index, flags)] : [];
    }),
  });
}

interface Case {
  readonly name: string;
  readonly challenger: Challenger;
  readonly scored: 'one' | 'both';
  /** `none`: labels come at once, so that looking begins with the first of them. */
  readonly late: 'weighted' | 'unweighted' | 'none';
  /** Of the label; 0 or 1 unless given. */
  readonly task?: Task;
  /** The challenger's share of the ids; half unless given. */
  readonly share?: number;
  /** `sure`: they err seldom and hugely. */
  readonly versions?: 'usual' | 'sure';
}

function measure(one: Case, index: number, flags: BenchAbFlags): Record<string, Rate | string | number> {
  const { task = 'classification', share = SHARE } = one;
  const judged =
    task === 'regression'
      ? {
          options: errorSequence({ lossSd: SEQUENCE_DEFAULTS.lossSd, shares: [share], scored: one.scored }),
          expected: EXPECTED_ERROR_LOSS,
        }
      : { options: SEQUENCE_DEFAULTS };
  const runs = one.challenger.kind === 'other' ? flags.gains : flags.runs;
  const ends = Array.from({ length: runs }, (_, run) => {
    const random = seededRandom(flags.seed * 1_000_000 + index * 10_000 + run);
    const row = experimentRows(random, one.challenger, task, one.versions);
    const { scored, late } = one;
    return runExperiment({ scored, late, random, row, answers: flags.answers, share, ...judged });
  });
  const decided = ends.filter(({ action }) => action !== 'go on');
  const mean = decided.reduce((sum, { labels }) => sum + labels, 0) / Math.max(1, decided.length);
  return {
    label: LABELS[task],
    case: one.name,
    share,
    'scored by': one.scored,
    'late labels': one.late,
    'true gain, nats': trueGain(one, flags.seed),
    promoted: rateOf(ends.filter(({ action }) => action === 'promote').length, runs),
    'rolled back': rateOf(ends.filter(({ action }) => action === 'roll back').length, runs),
    'mean labels to decide': decided.length === 0 ? 'none decided' : Math.round(mean),
  };
}

function trueGain({ challenger, task, versions }: Case, seed: number): number {
  if (challenger.kind !== 'other') return 0;
  const row = experimentRows(seededRandom(seed + 7), challenger, task, versions);
  let total = 0;
  for (let at = 0; at < GAIN_ROWS; at += 1) {
    const { champion, challenger: own } = row();
    total += champion - own;
  }
  return Number((total / GAIN_ROWS).toFixed(4));
}

const other = (error: number, shift = 0): Challenger => ({ kind: 'other', error, shift });
const CASES: readonly Case[] = [
  { name: 'A/A: the same model', challenger: { kind: 'same' }, scored: 'one', late: 'weighted' },
  { name: 'A/A: twins of the same quality', challenger: { kind: 'twin' }, scored: 'one', late: 'weighted' },
  { name: 'A/A: twins of the same quality', challenger: { kind: 'twin' }, scored: 'both', late: 'weighted' },
  ...[0.7, 0.5, 0.2].flatMap((error): Case[] => [
    { name: 'better', challenger: other(error), scored: 'one', late: 'weighted' },
    { name: 'better', challenger: other(error), scored: 'both', late: 'weighted' },
  ]),
  { name: 'worse', challenger: other(1.1), scored: 'one', late: 'weighted' },
  { name: 'worse, better on early labels', challenger: other(0.8, -0.5), scored: 'both', late: 'weighted' },
  { name: 'worse, better on early labels', challenger: other(0.8, -0.5), scored: 'both', late: 'unweighted' },
  ...(['multiclass', 'regression'] as const).flatMap((task): Case[] => [
    { task, name: 'A/A: the same model', challenger: { kind: 'same' }, scored: 'one', late: 'none' },
    {
      task,
      name: 'A/A: the same model',
      challenger: { kind: 'same' },
      scored: 'one',
      late: 'none',
      share: 0.05,
    },
    {
      task,
      name: 'A/A: twins of the same quality',
      challenger: { kind: 'twin' },
      scored: 'both',
      late: 'none',
    },
    {
      task,
      name: 'A/A: twins of the same quality',
      challenger: { kind: 'twin' },
      scored: 'one',
      late: 'weighted',
    },
    { task, name: 'better', challenger: other(0.3), scored: 'one', late: 'weighted' },
    { task, name: 'better', challenger: other(0.3), scored: 'both', late: 'weighted' },
    { task, name: 'worse', challenger: other(1.2), scored: 'one', late: 'weighted' },
    { task, name: 'worse', challenger: other(1.2), scored: 'both', late: 'weighted' },
  ]),
  ...(['classification', 'multiclass'] as const).flatMap((task): Case[] => [
    ...[0.05, 0.5].flatMap((share): Case[] => [
      sure({ task, share, name: 'A/A: the same model', challenger: { kind: 'same' } }),
      sure({ task, share, name: 'A/A: twins of the same quality', challenger: { kind: 'twin' } }),
    ]),
    sure({ task, name: 'A/A: twins of the same quality', challenger: { kind: 'twin' }, scored: 'both' }),
    ...[0.05, 0.5].flatMap((share): Case[] => [
      sure({ task, share, name: 'better', challenger: other(0.003) }),
      sure({ task, share, name: 'worse', challenger: other(0.03) }),
    ]),
    sure({ task, name: 'better', challenger: other(0.003), scored: 'both' }),
    sure({ task, name: 'worse', challenger: other(0.03), scored: 'both' }),
    { task, share: 0.05, name: 'better', challenger: other(0.2), scored: 'one', late: 'weighted' },
    { task, share: 0.05, name: 'worse', challenger: other(1.2), scored: 'one', late: 'weighted' },
  ]),
  {
    name: 'A/A: the same model',
    share: 0.05,
    challenger: { kind: 'same' },
    scored: 'one',
    late: 'none',
  },
];

/** Versions that lose 8 nats on one row of a hundred and nothing on others, with labels at once. */
function sure({
  scored = 'one',
  ...one
}: Omit<Case, 'scored' | 'late' | 'versions'> & { readonly scored?: Case['scored'] }): Case {
  return { ...one, name: `${one.name}, sure and seldom wrong`, scored, late: 'none', versions: 'sure' };
}
type LabelKind = 'boolean' | 'categorical' | 'numeric';
const LABELS: Readonly<Record<Task, LabelKind>> = {
  classification: 'boolean',
  multiclass: 'categorical',
  regression: 'numeric',
};
const SHARE = 0.5;
const GAIN_ROWS = 400_000;
