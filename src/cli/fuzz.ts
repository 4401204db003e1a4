import { buildCommand, type CommandContext } from '@stricli/core';
import { sentence } from '../errors.ts';
import { type FuzzReport, runFuzz } from './fuzz-run.ts';

interface FuzzFlags {
  readonly messages: number;
  readonly seed: number;
  readonly json: boolean;
}

/** `driftwatch fuzz`: hostile messages through the code that decides what becomes of each. */
export const command = buildCommand<FuzzFlags, [], CommandContext>({
  docs: {
    brief: 'Malformed and hostile messages through ingest, held against an independent reader',
    fullDescription: [
      'Makes messages of every hostile family from a seed, schemas included, and hands them to the code that',
      'classifies, walks and plans a batch. What became of each is held against how it was made, or against an',
      'independent reader and avsc. Prints per family how many were sent, became rows and dead letters; how many',
      'were wrong, how often the code threw, the most processor time between two turns of the event loop (of each',
      'family alone and of all mixed), and how much the memory grew after the first tenth.',
      '',
      `Exit status 1 when one was wrong, the code threw, or the event loop stood still for 250 ms.`,
    ].join('\n'),
  },
  parameters: {
    flags: {
      messages: wholeFlag('Messages in all', '100000'),
      seed: wholeFlag('Seed: the same seed makes the same messages on any machine', '1'),
      json: { kind: 'boolean', brief: 'Print one JSON object instead of a table', default: false },
    },
  },
  async func(this: CommandContext, flags: FuzzFlags): Promise<Error | undefined> {
    try {
      const report = await runFuzz(flags);
      process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : table(report));
      const { wrong, crashes, stall_ms_p100 } = report;
      if (wrong === 0 && crashes === 0 && stall_ms_p100 < MOST_STALL_MS) return undefined;
      return new Error(
        `${wrong} wrong, ${crashes} crashes, ${stall_ms_p100} ms of stall; expected 0, 0 and under ${MOST_STALL_MS}.`,
      );
    } catch (error) {
      return new Error(sentence(error));
    }
  },
});

const MOST_STALL_MS = 250;

function table(report: FuzzReport): string {
  const lines = Object.entries(report.families).map(
    ([name, { sent, rows, dead_letters }]) =>
      `  ${name.padEnd(18)} ${String(sent).padStart(9)} ${String(rows).padStart(9)} ${String(dead_letters).padStart(13)} ${String(report.stall_ms[name] ?? 0).padStart(8)}`,
  );
  const { messages, wrong, crashes, stall_ms_p100, rss_growth_mb, first } = report;
  return [
    `  ${'family'.padEnd(18)} ${'sent'.padStart(9)} ${'rows'.padStart(9)} ${'dead letters'.padStart(13)} ${'stall ms'.padStart(8)}`,
    ...lines,
    '',
    `  ${messages} messages, ${wrong} wrong, ${crashes} crashes, stall ${stall_ms_p100} ms, memory +${rss_growth_mb} MB`,
    ...first.map((text) => `  ${text}`),
    '',
  ].join('\n');
}

function wholeFlag(brief: string, value: string) {
  return { kind: 'parsed', parse: wholeNumber, brief, default: value } as const;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SyntaxError(`Expected a whole number and received ${text}.`);
}
