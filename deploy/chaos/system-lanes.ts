import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import type { Field } from './field.ts';
import { ended } from './processor-lane.ts';
import type { Program } from './toy-loop.ts';

/** A fault and how many of all faults come before it in the plan. */
export interface Placed {
  readonly fault: Fault;
  readonly place: number;
}

/** Answers that never come, and connections that break: one after the other, each waited out. */
export async function networkLane(field: Field, faults: readonly Placed[], alone: () => boolean) {
  for (const { fault, place } of faults) {
    if (!(await itsTurn(field, place, alone))) return;
    const { kafkaProxy, insertProxy } = field;
    if (fault.kind === 'cut-connections') {
      await field.feed();
      await sleep(fault.afterMs / 10);
      kafkaProxy.cut();
      insertProxy.cut();
      await field.struck({ fault, happened: true });
      continue;
    }
    const proxy = fault.kind === 'lost-produce-answer' ? kafkaProxy : insertProxy;
    const lost = new Promise<boolean>((done) => proxy.loseNext(() => done(true)));
    await field.feed();
    // One that never comes is no fault.
    if (!(await Promise.race([lost, sleep(PATIENCE_MS).then(() => false)]))) continue;
    const recovered = field.struck({ fault, happened: true });
    await field.feed();
    await recovered;
  }
}

/** Broker and ClickHouse, killed in the middle of what they do, and started again. */
export async function systemLane(field: Field, faults: readonly Placed[], alone: () => boolean) {
  const { stack, kafkaProxy, insertProxy } = field;
  for (const { fault, place } of faults) {
    if (!(await itsTurn(field, place, alone))) return;
    const isBroker = fault.kind === 'broker';
    const busy = new Promise<boolean>((seen) => {
      if (isBroker) kafkaProxy.onNextProduce(() => seen(true));
      else insertProxy.onNextInsert(() => seen(true));
    });
    await field.feed();
    // Only the processors' own messages are to be in doubt.
    const goOn = isBroker ? await field.hold() : () => undefined;
    const happened = await Promise.race([busy, sleep(PATIENCE_MS).then(() => false)]);
    await sleep('delayMs' in fault ? fault.delayMs : 0);
    process.kill(isBroker ? stack.pids.kafka : stack.pids.clickhouse, 'SIGKILL');
    const recovered = field.struck({ fault, happened });
    await (isBroker ? stack.restartKafka() : stack.restartClickHouse());
    goOn();
    await field.feed();
    await recovered;
  }
}

/** One trainer after the other, each killed; the one that stays is returned. */
export async function trainerLane(
  field: Field,
  faults: readonly Placed[],
  alone: () => boolean,
): Promise<Program> {
  for (const { fault, place } of faults) {
    if (fault.kind !== 'trainer' || !(await itsTurn(field, place, alone))) break;
    const trainer = field.startTrainer(fault.step === '' ? undefined : `${fault.step}:1:0`);
    await field.feed();
    const patience = fault.step === '' ? STARTED_MS + fault.afterMs : PATIENCE_MS;
    await Promise.race([trainer.exited, sleep(patience)]);
    const step = trainer.killedAt();
    const happened = fault.step === '' ? trainer.child.exitCode === null : step !== undefined;
    await ended(trainer, 'SIGKILL');
    const recovered = field.struck({ fault, happened, ...(step === undefined ? {} : { step }) });
    await field.feed();
    await recovered;
  }
  return field.startTrainer();
}

/** Waits until about as many faults have come as the plan has before this one; false when time is up. */
async function itsTurn(field: Field, place: number, alone: () => boolean): Promise<boolean> {
  while (field.count() < place - AHEAD && !alone()) {
    if (field.isOver()) return false;
    await sleep(50);
  }
  return !field.isOver();
}

/** How far a lane may run ahead of the plan. */
const AHEAD = 4;
const PATIENCE_MS = 20_000;
/** What a trainer needs to begin with a request, about. */
const STARTED_MS = 1_500;
