import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../src/core/random.ts';
import { freeOffset } from '../embedded/ports.ts';
import { startStack } from '../embedded/start-stack.ts';
import { countOf, type Fault, faultPlan } from './faults.ts';
import { keepEvidence } from './keep-evidence.ts';
import { missingFrom, type Outcome, outcomeOf } from './outcome.ts';
import { type Came, disturbed, scriptOf, undisturbed } from './round.ts';
import { openToyLoop } from './toy-loop.ts';

export interface ChaosReport {
  readonly seed: number;
  readonly faults: number;
  /** The same rows, each time with other faults, under a name and with topics and tables of their own. */
  readonly rounds: number;
  /** Faults of each kind that came, as they came. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Labelled steps at which a process was killed, and how often. */
  readonly steps: Readonly<Record<string, number>>;
  /** Kills whose occasion did not come in time and that were done all the same; not among `kinds`. */
  readonly replaced: Readonly<Record<string, number>>;
  readonly messages: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly windows: number;
  readonly windows_differing: number;
  /** Windows whose verdict was corrected on the way; the correction is what is compared. */
  readonly windows_revised: number;
  readonly alerts: number;
  readonly alerts_missing: number;
  readonly alerts_extra: number;
  readonly alerts_duplicated: number;
  readonly recovery_ms: { readonly p50: number; readonly p99: number; readonly n: number };
  readonly seconds: number;
  /** The first few differences, `-` from the undisturbed run and `+` from the other. */
  readonly differences: readonly string[];
  /** Of rounds that ended differently: what was written about their windows, by whom and when. */
  readonly evidence: readonly string[];
}

/**
 * Runs the toy model's rows on a real stack of its own, once undisturbed and then round after round with faults,
 * and compares what each round ends with with the undisturbed run. Everything started is stopped again. When the
 * time is up, no further round is begun and the one under way begins no further fault: the report is of what came.
 */
export async function runChaos(args: {
  kills: number;
  seed: number;
  cache: string;
  env: NodeJS.ProcessEnv;
  /** Last hour of event time, exclusive: up to 120, of which 48 are the training rows. */
  endHour: number;
  /** Faults of one round; the last one has what is left. */
  perRound: number;
  limitMs: number;
  /** Where a round that ended differently leaves what it takes to find out why. */
  directory: string;
  say(line: string): void;
}): Promise<ChaosReport> {
  const began = performance.now();
  const isOver = () => performance.now() - began > args.limitMs;
  const cleanups: (() => Promise<void>)[] = [];
  const after = (clean: () => Promise<void>) => cleanups.push(clean);
  try {
    const home = mkdtempSync(join(tmpdir(), 'driftwatch-chaos-'));
    after(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
    const freeBelow = () => freeOffset(12_000 + 10 * Math.floor(Math.random() * 1000));
    const stack = await startStack({
      home,
      cache: args.cache,
      portOffset: await freeBelow(),
      onProgress: args.say,
    });
    after(() => stack.stop());
    const open = (name: string) =>
      openToyLoop({
        systems: stack,
        name,
        after,
        env: args.env,
        freeOffset: freeBelow,
        settings: SETTINGS,
        retrain: RETRAIN,
        endHour: args.endHour,
      });
    const perRound = Math.min(args.perRound, args.kills);
    const calmLoop = await open('chaoscalm');
    const script = scriptOf({
      rows: calmLoop.rows,
      faults: perRound,
      requests: countOf('trainer', perRound),
    });
    await undisturbed(calmLoop, script);
    const calm = await outcomeOf({ ...calmLoop, model: calmLoop.name });
    const seconds = () => Math.round((performance.now() - began) / 1000);
    args.say(`The undisturbed run is through after ${seconds()} s`);

    const random = seededRandom(args.seed);
    const came: Came[] = [];
    const rounds: Compared[] = [];
    const evidence: string[] = [];
    for (let nth = 1; came.length < args.kills && !isOver(); nth += 1) {
      const plan = faultPlan(random, Math.min(perRound, args.kills - came.length));
      const loop = await open(`chaosround${nth}`);
      const before = came.length;
      await disturbed({
        loop,
        stack,
        script,
        plan,
        sessionMs: SESSION_MS,
        isOver,
        onCame(one) {
          came.push(one);
          args.say(lineOf(one, `${seconds()} s ${came.length}/${args.kills}`));
        },
      });
      const compared = compare(calm, await outcomeOf({ ...loop, model: loop.name }));
      rounds.push(compared);
      if (compared.differences.length > 0) {
        const { differences } = compared;
        evidence.push(...(await keepEvidence({ ...args, loop, differences })));
        args.say(`Round ${nth} ended differently:\n${evidence.join('\n')}`);
      }
      args.say(
        `Round ${nth}, ${came.length - before} faults, after ${seconds()} s: ${JSON.stringify(reportOf({ ...args, came, rounds, evidence, seconds: seconds() }))}`,
      );
    }
    return reportOf({ ...args, came, rounds, evidence, seconds: seconds() });
  } finally {
    for (const clean of cleanups.reverse()) await clean().catch(() => undefined);
  }
}

const SESSION_MS = 2_000;
/**
 * Quiet partitions hold time back: whether a window is closed for want of rows would be a question of how long a
 * fault lasts, and the undisturbed run has no such moment.
 */
const SETTINGS = `session_timeout: ${SESSION_MS / 1000}s\nidle_after: 1h`;
/** So that requests of a rule, which no incident makes, are among what has to be as without faults. */
const RETRAIN = 'rule: schedule, every: 8h, cool_down: 6h, ';

function lineOf({ fault, step, happened, recoveryMs }: Came, place: string): string {
  const wanted = 'step' in fault && fault.step !== '' ? ` (${fault.step})` : '';
  const what = happened
    ? `${fault.kind}${step === undefined ? '' : ` at ${step}`}`
    : `${fault.kind}${wanted}, replaced`;
  return `${place} ${what}: all taken in after ${Math.round(recoveryMs)} ms`;
}

interface Compared {
  readonly outcome: Outcome;
  readonly lost: number;
  readonly duplicated: number;
  readonly windows: number;
  readonly windowsDiffering: number;
  readonly alerts: number;
  readonly missing: number;
  readonly extra: number;
  readonly differences: readonly string[];
}

function compare(calm: Outcome, outcome: Outcome): Compared {
  const gone = missingFrom(outcome.history, calm.history);
  const added = missingFrom(calm.history, outcome.history);
  const missing = missingFrom(outcome.events, calm.events);
  const extra = missingFrom(calm.events, outcome.events);
  const marked = (sign: string, lines: readonly string[]) => lines.map((line) => `${sign} ${line}`);
  return {
    outcome,
    lost: outcome.lost + Math.max(0, calm.messages - outcome.messages),
    duplicated: outcome.duplicated + Math.max(0, outcome.messages - calm.messages),
    windows: calm.history.length,
    windowsDiffering: Math.max(gone.length, added.length),
    alerts: calm.events.length,
    missing: missing.length,
    extra: extra.length,
    differences: [
      ...marked('-', gone),
      ...marked('+', added),
      ...marked('-', missing),
      ...marked('+', extra),
    ],
  };
}

function reportOf(args: {
  seed: number;
  came: readonly Came[];
  rounds: readonly Compared[];
  evidence: readonly string[];
  seconds: number;
}): ChaosReport {
  const { came, rounds } = args;
  const sum = (of: (round: Compared) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const planned = came.filter(({ happened }) => happened);
  const sorted = came.map(({ recoveryMs }) => recoveryMs).toSorted((a, b) => a - b);
  const quantile = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  const replaced = came.filter(({ happened }) => !happened);
  return {
    seed: args.seed,
    faults: came.length,
    rounds: rounds.length,
    kinds: tally(planned.map(({ fault }) => fault.kind)),
    steps: tally(planned.flatMap(({ fault, step }) => (step === undefined ? [] : [nameOf(fault, step)]))),
    replaced: tally(replaced.map(({ fault }) => fault.kind)),
    messages: sum(({ outcome }) => outcome.messages),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    windows: sum(({ windows }) => windows),
    windows_differing: sum(({ windowsDiffering }) => windowsDiffering),
    windows_revised: sum(({ outcome }) => outcome.revisions),
    alerts: sum(({ alerts }) => alerts),
    alerts_missing: sum(({ missing }) => missing),
    alerts_extra: sum(({ extra }) => extra),
    alerts_duplicated: sum(({ outcome }) => outcome.eventsTwice),
    recovery_ms: { p50: quantile(0.5), p99: quantile(0.99), n: sorted.length },
    seconds: args.seconds,
    evidence: args.evidence,
    differences: rounds.flatMap(({ differences }) => differences.slice(0, 5)).slice(0, 20),
  };
}

function nameOf(fault: Fault, step: string): string {
  return fault.kind === 'trainer' ? `trainer ${step}` : step;
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
