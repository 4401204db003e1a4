import { setTimeout as sleep } from 'node:timers/promises';
import { OUTBOX_STEPS } from '../../src/runtime/outbox.ts';
import type { Stack } from '../embedded/start-stack.ts';
import { startDropProxy } from './drop-proxy.ts';
import type { Fault } from './faults.ts';
import type { Processor } from './toy-loop.ts';
import { until } from './until.ts';

/** What a fault needs of the run it is done to. */
export interface Victims {
  readonly stack: Stack;
  start(how?: { broker?: string; crashAt?: string }): Promise<Processor>;
  /** Logs the next half of the rows that belong to this fault. */
  feed(): Promise<void>;
  /** Everything logged so far is accounted for in the ledger, whoever did it. */
  caughtUp(): Promise<void>;
  settled(processor: Processor): Promise<void>;
}

export interface Injected {
  /** The processor that is left. */
  readonly main: Processor;
  /** Whether it happened as planned: a step that nothing came to is replaced by a plain kill. */
  readonly happened: boolean;
  /** From the fault until everything was accounted for. */
  readonly recoveryMs: number;
}

/** How the processor must have been started for a fault to come, where that matters. */
export function crashAt(fault: Fault | undefined, stack: Stack): string | undefined {
  if (fault?.kind === 'processor-at-step') return `${fault.step}:1:${fault.delayMs}:0`;
  if (fault?.kind === 'clickhouse') return `classified:1:${fault.delayMs}:${stack.pids.clickhouse}`;
  return undefined;
}

/** Does a fault while rows come in, and waits until everything has been taken in again. */
export async function inject(args: {
  fault: Fault;
  main: Processor;
  next: Fault | undefined;
  victims: Victims;
}): Promise<Injected> {
  const { fault, main, victims } = args;
  const { stack } = victims;

  /** A processor that is ready for the next fault. */
  function successor(): Promise<Processor> {
    // ClickHouse's process is another one after this fault, perhaps: only the processor's own death is set.
    const next = args.next?.kind === 'processor-at-step' ? crashAt(args.next, stack) : undefined;
    return victims.start(next === undefined ? {} : { crashAt: next });
  }

  async function recovered(since: number, left: Processor, happened = true): Promise<Injected> {
    await victims.feed();
    await victims.caughtUp();
    return { main: left, happened, recoveryMs: performance.now() - since };
  }

  switch (fault.kind) {
    case 'processor': {
      await victims.feed();
      await sleep(fault.afterMs);
      await killed(main);
      return recovered(performance.now(), await successor());
    }
    case 'processor-at-step': {
      await victims.feed();
      // Events are rare: all rows of this fault are needed to make one likely.
      if (OUTBOX_STEPS.some((step) => step === fault.step)) await victims.feed();
      const done = victims.settled(main).then(
        () => 'settled',
        () => 'died',
      );
      const how = await Promise.race([main.exited.then(() => 'died'), done]);
      await killed(main);
      return recovered(performance.now(), await successor(), how === 'died');
    }
    case 'clickhouse': {
      const { pids } = stack;
      const victim = pids.clickhouse;
      await victims.feed();
      let happened = true;
      await until('ClickHouse to be killed', () => !lives(victim), 15_000).catch(() => {
        happened = false;
        process.kill(victim, 'SIGKILL');
      });
      const since = performance.now();
      await stack.restartClickHouse();
      return recovered(since, main, happened);
    }
    case 'broker': {
      await victims.feed();
      await sleep(fault.afterMs);
      const since = performance.now();
      process.kill(stack.pids.kafka, 'SIGKILL');
      await stack.restartKafka();
      return recovered(since, main);
    }
    case 'zombie': {
      await victims.feed();
      await sleep(fault.afterMs);
      const since = performance.now();
      main.child.kill('SIGSTOP');
      // The heir is not set to die: it has to hold out against the sleeper.
      const heir = await victims.start();
      await victims.caughtUp();
      const recoveryMs = performance.now() - since;
      await victims.settled(heir);
      main.child.kill('SIGCONT');
      await victims.feed();
      await victims.caughtUp();
      await killed(main);
      await victims.caughtUp();
      return { main: heir, happened: true, recoveryMs };
    }
    case 'dropped-answers': {
      const proxy = await startDropProxy({ broker: stack.brokers[0] ?? '', every: 2 });
      try {
        await left(main);
        const behind = await victims.start({ broker: proxy.broker });
        await victims.feed();
        await victims.caughtUp();
        const since = performance.now();
        await victims.feed();
        await victims.settled(behind);
        const happened = proxy.dropped() > 0;
        await left(behind);
        return recovered(since, await successor(), happened);
      } finally {
        await proxy.close();
      }
    }
    case 'rebalance': {
      const second = await victims.start();
      await victims.feed();
      await until('the second processor to have partitions', () => hasPartitions(second), 60_000);
      await victims.feed();
      const since = performance.now();
      await left(second);
      return recovered(since, main);
    }
  }
}

export async function killed(processor: Processor): Promise<void> {
  processor.child.kill('SIGKILL');
  await processor.exited;
}

/** Asks it to go, which it does with its partitions handed back. */
export async function left(processor: Processor): Promise<void> {
  processor.child.kill('SIGTERM');
  await processor.exited;
}

async function hasPartitions({ url, child }: Processor): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  const answer = await fetch(`${url}/progress`).then(
    (response) => response.text(),
    () => '',
  );
  return answer.includes('"floor"');
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
