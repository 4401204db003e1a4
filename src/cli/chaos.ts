import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildCommand, type CommandContext } from '@stricli/core';
import { type ChaosReport, runChaos } from '../../deploy/chaos/run-chaos.ts';
import { sentence } from '../errors.ts';

interface ChaosFlags {
  readonly kills: number;
  readonly seed: number;
  readonly cache: string;
  readonly hours: number;
  readonly evidence: string;
  readonly round: number;
  readonly minutes: number;
  readonly json: boolean;
}

/** `driftwatch chaos`: kills on real systems, and what is different afterwards. */
export const command = buildCommand<ChaosFlags, [], CommandContext>({
  docs: {
    brief: 'Kills, sleeps and lost answers on a real stack, against an undisturbed run of the same rows',
    fullDescription: [
      'Starts a stack of its own in a temporary directory and runs the toy model once undisturbed, then in rounds',
      'with faults from a seed, several at a time. Three processors and a trainer are killed with -9 at random',
      'moments and at every labelled step, stopped for longer than their session and woken, and made to leave;',
      'ClickHouse is killed in the middle of an insert and the broker in the middle of a produce request; answers',
      'to inserts and to produce requests are lost, and connections cut. Rows, drift_history, alerts, retrain',
      'requests and releases of every round are compared with those of the undisturbed run.',
      '',
      'Every fault and a report after every round go to stderr. When --minutes are over, no further fault is',
      'begun and the report is of those that came.',
      '',
      'Exit status 1 when anything but the time to recover is different.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      kills: wholeFlag('Faults', '20'),
      seed: wholeFlag('Seed of kinds, order and moments', '1'),
      cache: {
        kind: 'parsed',
        parse: String,
        brief: 'Directory of downloaded programs',
        placeholder: 'directory',
        default: '.driftwatch/cache',
      },
      evidence: {
        kind: 'parsed',
        parse: String,
        brief: 'Directory for the rows and logs of rounds that ended differently',
        placeholder: 'directory',
        default: join(tmpdir(), `driftwatch-chaos-evidence-${process.pid}`),
      },
      round: wholeFlag('Faults of a round', '100'),
      minutes: wholeFlag('Time after which no further fault is begun', '60'),
      hours: wholeFlag('Hours of event time: 48 for training, the faults spread over the others', '80'),
      json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
    },
  },
  async func(this: CommandContext, flags: ChaosFlags): Promise<Error | undefined> {
    // Leaving through exit ends the processors as well; the stack ends with its launcher anyway.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
    try {
      const report = await runChaos({
        kills: flags.kills,
        seed: flags.seed,
        cache: resolve(flags.cache),
        env: process.env,
        endHour: flags.hours,
        perRound: flags.round,
        limitMs: flags.minutes * 60_000,
        directory: resolve(flags.evidence),
        say: (line) => process.stderr.write(`${line}\n`),
      });
      process.stdout.write(
        flags.json ? `${JSON.stringify(report)}\n` : `${JSON.stringify(report, null, 2)}\n`,
      );
      return isClean(report) ? undefined : new Error('The disturbed run ended differently.');
    } catch (error) {
      return new Error(sentence(error));
    }
  },
});

function isClean(report: ChaosReport): boolean {
  const { lost, duplicated, windows_differing, alerts_missing, alerts_extra, alerts_duplicated } = report;
  return lost + duplicated + windows_differing + alerts_missing + alerts_extra + alerts_duplicated === 0;
}

function wholeFlag(brief: string, value: string) {
  return { kind: 'parsed', parse: wholeNumber, brief, default: value } as const;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SyntaxError(`Expected a whole number and received ${text}.`);
}
