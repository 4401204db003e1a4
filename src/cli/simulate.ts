import { buildCommand, type CommandContext } from '@stricli/core';
import { MUTANTS } from '../../deploy/simulation/mutants.ts';
import { type Mutate, type Run, simulate } from '../../deploy/simulation/simulate.ts';
import { sentence } from '../errors.ts';

interface SimulateFlags {
  readonly runs: number;
  readonly seed: number;
  readonly mutants: boolean;
  readonly json: boolean;
}

/** `driftwatch simulate`: the real ingest on simulated systems, thousands of times. */
export const command = buildCommand<SimulateFlags, [], CommandContext>({
  docs: {
    brief: 'Ingest on a simulated Kafka, ClickHouse, registry and clock, with crashes at every await',
    fullDescription: [
      "Each run has a seed, --seed and the ones after it. Ingest's own code runs on simulated systems: processes",
      'die at one of their awaits, sleep beyond their session and wake, requests and answers get lost or come',
      'late, partitions move. Checked at every step: no floor passes a message that is nowhere, none goes back,',
      'no older epoch writes over a newer one, nothing is committed beyond its floor; and at the end that every',
      'message is in exactly one place. A failing run prints its seed: `--runs 1 --seed S` is the same run.',
      '',
      'With --mutants, bugs are planted one at a time, and each must be found.',
      '',
      'Exit status 1 when a run fails, or a planted bug is not found.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      runs: wholeFlag('Runs; with --mutants the most per planted bug', '1000'),
      seed: wholeFlag('Seed of the first run', '1'),
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

async function search(flags: SimulateFlags): Promise<Error | undefined> {
  const began = performance.now();
  const totals = { runs: 0, messages: 0, deaths: 0, sleeps: 0, rebalances: 0, failures: 0 };
  const failed: { seed: number; why: readonly string[] }[] = [];
  for (let i = 0; i < flags.runs; i += 1) {
    const run = await simulate({ seed: flags.seed + i });
    add(totals, run);
    if (run.failures.length > 0) failed.push({ seed: flags.seed + i, why: run.failures.slice(0, 3) });
    if (failed.length >= 5) break;
  }
  const report = {
    ...totals,
    seed: flags.seed,
    seconds: Math.round((performance.now() - began) / 1000),
    failed,
  };
  process.stdout.write(`${flags.json ? JSON.stringify(report) : JSON.stringify(report, null, 2)}\n`);
  return failed.length === 0
    ? undefined
    : new Error(`Runs failed; the first has seed ${failed[0]?.seed ?? 0}.`);
}

function add(
  totals: {
    runs: number;
    messages: number;
    deaths: number;
    sleeps: number;
    rebalances: number;
    failures: number;
  },
  run: Run,
): void {
  totals.runs += 1;
  totals.messages += run.messages;
  totals.deaths += run.deaths;
  totals.sleeps += run.sleeps;
  totals.rebalances += run.rebalances;
  totals.failures += run.failures.length > 0 ? 1 : 0;
}

async function plant(flags: SimulateFlags): Promise<Error | undefined> {
  const rows: { mutant: string; caught: boolean; runs: number; why: string }[] = [];
  for (const { name, mutate } of MUTANTS) rows.push({ mutant: name, ...(await firstFailure(flags, mutate)) });
  if (flags.json) process.stdout.write(`${JSON.stringify({ seed: flags.seed, mutants: rows })}\n`);
  else {
    for (const { mutant, caught, runs, why } of rows)
      process.stdout.write(
        `  ${mutant.padEnd(36)} ${caught ? 'found' : 'MISSED'} ${`after ${runs} runs`.padStart(16)}  ${why}\n`,
      );
  }
  const missed = rows.filter(({ caught }) => !caught);
  return missed.length === 0
    ? undefined
    : new Error(`Not found: ${missed.map(({ mutant }) => mutant).join(', ')}.`);
}

/** Runs seeds until one fails; also what `--mutants` is tested by. */
export async function firstFailure(
  flags: { runs: number; seed: number },
  mutate: Mutate,
): Promise<{ caught: boolean; runs: number; why: string }> {
  for (let i = 0; i < flags.runs; i += 1) {
    const { failures } = await simulate({ seed: flags.seed + i, mutate });
    if (failures.length > 0) return { caught: true, runs: i + 1, why: failures[0] ?? '' };
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
