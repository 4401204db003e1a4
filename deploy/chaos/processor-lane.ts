import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import type { Field } from './field.ts';
import type { Processor } from './toy-loop.ts';

/**
 * One processor after the other, each with its fault, until the list that the lanes share is empty; then one that
 * stays, which is returned. A lane always has a processor that works while it waits: the next one starts at once,
 * and its fault comes when everything is taken in again after the last one.
 */
export async function processorLane(field: Field, faults: Fault[]): Promise<Processor> {
  let recovered: Promise<void> = Promise.resolve();
  for (let fault = faults.shift(); fault !== undefined && !field.isOver(); fault = faults.shift()) {
    const processor = await standing(field, recovered, crashAt(fault));
    recovered = (await strike(field, fault, processor)).recovered;
  }
  return standing(field, recovered);
}

interface Begun {
  /** Resolves when everything is taken in again. */
  readonly recovered: Promise<void>;
}

/** Does a fault to a processor, which is gone afterwards. */
async function strike(field: Field, fault: Fault, processor: Processor): Promise<Begun> {
  if (fault.kind === 'processor-at-step') return atStep(field, fault, processor);
  await field.feed();
  await sleep('afterMs' in fault ? fault.afterMs : 0);
  if (fault.kind === 'zombie') {
    processor.child.kill('SIGSTOP');
    const recovered = field.struck({ fault, happened: true });
    await field.feed();
    await sleep(1.5 * field.sessionMs + fault.sleepMs);
    processor.child.kill('SIGCONT');
    // It goes on with what it had in hand, as if nothing had been, before it hears that it is out.
    await sleep(AWAKE_MS);
    await ended(processor, 'SIGKILL');
    return { recovered };
  }
  const leaving = ended(processor, fault.kind === 'rebalance' ? 'SIGTERM' : 'SIGKILL');
  const recovered = field.struck({ fault, happened: true });
  await field.feed();
  await leaving;
  return { recovered };
}

type AtStep = Extract<Fault, { kind: 'processor-at-step' }>;

function crashAt(fault: Fault): string | undefined {
  if (fault.kind !== 'processor-at-step') return undefined;
  const rare = fault.rare === undefined ? '' : `,${fault.rare}:1:0`;
  return `SIGUSR2,${fault.step}:${fault.nth}:${fault.delayMs}${rare},${fault.otherwise}:${OTHERWISE_NTH}:0`;
}

async function atStep(field: Field, fault: AtStep, processor: Processor): Promise<Begun> {
  processor.child.kill('SIGUSR2');
  await field.feed();
  await Promise.race([processor.exited, sleep(PATIENCE_MS)]);
  const step = processor.killedAt();
  await ended(processor, 'SIGKILL');
  const happened = step !== undefined;
  const recovered = field.struck({ fault, happened, ...(happened ? { step } : {}) });
  await field.feed();
  return { recovered };
}

/** A processor that works when `recovered` resolves, started again for as long as what it needs is away. */
async function standing(field: Field, recovered: Promise<void>, crash?: string): Promise<Processor> {
  for (;;) {
    const processor = await field.start(crash);
    const gone = processor.exited.then(() => true);
    await Promise.race([gone, joined(processor)]);
    if (!(await Promise.race([gone, recovered.then(() => false)]))) return processor;
    await sleep(RESTART_MS);
  }
}

/** Resolves when the processor has partitions, or has had time enough. */
async function joined(processor: Processor): Promise<void> {
  const until = performance.now() + READY_MS;
  while (isRunning(processor) && performance.now() < until) {
    if (await hasPartitions(processor)) return;
    await sleep(100);
  }
}

export async function ended(processor: Pick<Processor, 'child' | 'exited'>, how: NodeJS.Signals) {
  processor.child.kill(how);
  await processor.exited;
}

function isRunning({ child }: Pick<Processor, 'child'>): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function hasPartitions({ url }: Processor): Promise<boolean> {
  const answer = await fetch(`${url}/progress`).then(
    (response) => response.text(),
    () => '',
  );
  return answer.includes('"floor"');
}

/** How long a step may take to be reached before a plain kill replaces it. */
const PATIENCE_MS = 10_000;
/** Batches that a processor takes before it gives up waiting for a rarer step. */
const OTHERWISE_NTH = 12;
const READY_MS = 10_000;
const RESTART_MS = 500;
const AWAKE_MS = 1_000;
