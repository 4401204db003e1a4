import { execFileSync } from 'node:child_process';
import { buildCommand, type CommandContext } from '@stricli/core';
import { LOOP_MUTANTS } from '../../deploy/simulation/loop/loop-mutants.ts';
import { simulateLoop } from '../../deploy/simulation/loop/simulate-loop.ts';
import { MUTANTS } from '../../deploy/simulation/mutants.ts';
import { simulate } from '../../deploy/simulation/simulate.ts';
import { sentence } from '../errors.ts';
import { CODE_VERSION } from './wire.ts';

interface SimulateFlags {
  readonly runs: number;
  readonly seed: number;
  readonly only: Scenario | undefined;
  readonly mutants: boolean;
  readonly json: boolean;
}

/** `driftwatch simulate`: the real processors on simulated systems, thousands of times. */
export const command = buildCommand<SimulateFlags, [], CommandContext>({
  docs: {
    brief: 'Processors on a simulated Kafka, ClickHouse, registry and clock, with crashes at every await',
    fullDescription: [
      'Each run has a seed, --seed and the ones after it, and one of two scenarios (--only runs one of them):',
      '',
      "ingest  Ingest's own code. Checked at every step: no floor passes a message that is nowhere, none goes back",
      '        under one owner, no older epoch writes over a newer one, nothing is committed beyond its floor; and at',
      '        the end that every message is in exactly one place.',
      'loop    Ingest, stream clock, panes, verdicts, incidents and outbox up to the alert on its topic. Checked at',
      '        every step: stream time and progress never go back; and at the end that drift_history is that of an',
      '        undisturbed run of the same messages, and every event is on its topic once.',
      '',
      'In both, processes die at one of their awaits, sleep beyond their session and wake, requests and answers get',
      'lost or come late, partitions move, rows come late. A failing run prints its seed and the commit:',
      '`--only SCENARIO --runs 1 --seed S` there is the same run.',
      '',
      'With --mutants, bugs are planted one at a time, and each must be found.',
      '',
      'Exit status 1 when a run fails, or a planted bug is not found.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      runs: wholeFlag('Runs of each scenario; with --mutants the most per planted bug', '1000'),
      seed: wholeFlag('Seed of the first run', '1'),
      only: { kind: 'enum', values: ['ingest', 'loop'], brief: 'One scenario', optional: true },
      mutants: { kind: 'boolean', brief: 'Plant bugs, and print which were found', default: false },
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  async func(this: CommandContext, flags: SimulateFlags): Promise<Error | undefined> {
    try {
      return await (flags.mutants ? plant(flags) : search(flags));
    } catch (error) {
      return new Error(sentence(error));
    }
  },
});

type Scenario = 'ingest' | 'loop';
type Run = { readonly failures: readonly string[] } & Readonly<Record<string, unknown>>;
type Once = (seed: number) => Promise<Run>;

const SCENARIOS: readonly { readonly name: Scenario; readonly once: Once }[] = [
  { name: 'ingest', once: async (seed) => ({ ...(await simulate({ seed })) }) },
  { name: 'loop', once: async (seed) => ({ ...(await simulateLoop({ seed })) }) },
];

function plainOf(scenario: Scenario): Once {
  return SCENARIOS.find(({ name }) => name === scenario)?.once ?? (async () => ({ failures: [] }));
}

async function search(flags: SimulateFlags): Promise<Error | undefined> {
  const began = performance.now();
  const totals: Record<string, Record<string, number>> = {};
  const failed: { scenario: Scenario; seed: number; why: readonly string[] }[] = [];
  for (const { name, once } of SCENARIOS) {
    if (flags.only !== undefined && flags.only !== name) continue;
    const sums: Record<string, number> = { runs: 0, failures: 0 };
    totals[name] = sums;
    for (let seed = flags.seed; seed < flags.seed + flags.runs && failed.length < 5; seed += 1) {
      const { failures, ...figures } = await once(seed);
      sums['runs'] = (sums['runs'] ?? 0) + 1;
      for (const [figure, value] of Object.entries(figures))
        sums[figure] = (sums[figure] ?? 0) + Number(value);
      if (failures.length === 0) continue;
      sums['failures'] = (sums['failures'] ?? 0) + 1;
      failed.push({ scenario: name, seed, why: failures.slice(0, 3) });
    }
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const report = { seed: flags.seed, commit: commit(), ...totals, seconds, failed };
  process.stdout.write(`${flags.json ? JSON.stringify(report) : JSON.stringify(report, null, 2)}\n`);
  const [first] = failed;
  if (first === undefined) return undefined;
  return new Error(
    `Runs failed. The first again: simulate --only ${first.scenario} --runs 1 --seed ${first.seed}, at commit ${report.commit}.`,
  );
}

/** What the same seed means depends on the code. */
function commit(): string {
  try {
    const args = ['describe', '--always', '--dirty'];
    return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return `version ${CODE_VERSION}`;
  }
}

/** Every planted bug with the scenario that has to find it. */
const PLANTED: readonly { readonly scenario: Scenario; readonly name: string; readonly once: Once }[] = [
  ...MUTANTS.map(({ name, mutate }) => ({
    scenario: 'ingest' as const,
    name,
    once: async (seed: number) => ({ ...(await simulate({ seed, mutate })) }),
  })),
  ...LOOP_MUTANTS.map(({ name, mutate }) => ({
    scenario: 'loop' as const,
    name,
    once: async (seed: number) => ({ ...(await simulateLoop({ seed, mutate })) }),
  })),
];

async function plant(flags: SimulateFlags): Promise<Error | undefined> {
  const rows: { scenario: Scenario; mutant: string; caught: boolean; runs: number; why: string }[] = [];
  for (const { scenario, name, once } of PLANTED) {
    if (flags.only !== undefined && flags.only !== scenario) continue;
    const row = { scenario, mutant: name, ...(await firstFailure(flags, once, plainOf(scenario))) };
    rows.push(row);
    if (!flags.json) process.stdout.write(lineOf(row));
  }
  if (flags.json) process.stdout.write(`${JSON.stringify({ seed: flags.seed, mutants: rows })}\n`);
  const missed = rows.filter(({ caught }) => !caught);
  return missed.length === 0
    ? undefined
    : new Error(`Not found: ${missed.map(({ mutant }) => mutant).join(', ')}.`);
}

function lineOf(row: {
  scenario: string;
  mutant: string;
  caught: boolean;
  runs: number;
  why: string;
}): string {
  const found = row.caught ? 'found ' : 'MISSED';
  const why = row.why.length > 110 ? `${row.why.slice(0, 110)} ...` : row.why;
  return `  ${row.scenario.padEnd(7)}${row.mutant.padEnd(38)}${found} ${`after ${row.runs} runs`.padStart(15)}  ${why}\n`;
}

/** Runs seeds until one fails that does not without the bug (`plain`); also what `--mutants` is tested by. */
export async function firstFailure(
  flags: { runs: number; seed: number },
  once: Once,
  plain: Once,
): Promise<{ caught: boolean; runs: number; why: string }> {
  for (let i = 0; i < flags.runs; i += 1) {
    const { failures } = await once(flags.seed + i);
    if (failures.length === 0 || (await plain(flags.seed + i)).failures.length > 0) continue;
    return { caught: true, runs: i + 1, why: failures[0] ?? '' };
  }
  return { caught: false, runs: flags.runs, why: '' };
}

function wholeFlag(brief: string, value: string) {
  return { kind: 'parsed', parse: wholeNumber, brief, default: value } as const;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SyntaxError(`Expected a whole number and received ${text}.`);
}
