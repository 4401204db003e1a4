import { randomBelow } from '../../src/core/random.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type {
  Assignment,
  Batch,
  ConsumeArgs,
  Consumer,
  Control,
  Kafka,
  Message,
} from '../../src/io/kafka/port.ts';
import type { Checker } from './checker.ts';
import type { Expected } from './expected.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

/** The broker that all processes share: the topic, the group, and where dead letters go. */
export interface Broker {
  open(machine: Machine): Kafka;
  /** The group notices that a member is gone or silent, after its session; or that one has come back. */
  notice(machine: Machine): void;
  /** Partitions go to other members for no reason. */
  rebalance(): void;
}

const SESSION_MS = 6_000;

export function openBroker(args: { world: World; checker: Checker; expected: Expected }): Broker {
  const { world, checker, expected } = args;
  const { topic } = checker;
  const members = new Set<Member>();
  const owners = new Map<number, Member>();
  let turn = 0;

  interface Member {
    readonly machine: Machine;
    readonly consume: ConsumeArgs;
    readonly slots: Map<number, Slot>;
    /** Slots that were taken away and may still have a batch under way. */
    readonly retired: Map<number, Promise<void>>;
  }

  function rebalance(): void {
    const present = [...members];
    turn += 1;
    for (const partition of expected.partitions) {
      const owner = present[(partition + turn) % Math.max(1, present.length)];
      if (owner !== undefined) owners.set(partition, owner);
      for (const member of present) {
        const slot = member.slots.get(partition);
        if (member === owner || slot === undefined) continue;
        // Who sleeps or lags hears of it later, and works on until then.
        const hear = () => {
          if (owners.get(partition) === member) return;
          if (member.slots.get(partition) !== slot || !member.machine.isAlive()) return;
          if (!member.machine.isAwake()) {
            world.after(50, hear);
            return;
          }
          member.slots.delete(partition);
          member.retired.set(partition, slot.revoke());
        };
        world.after(randomBelow(world.random, 100), hear);
      }
      if (owner === undefined || owner.slots.has(partition)) continue;
      world.after(randomBelow(world.random, 100), () => {
        if (!owner.machine.isAlive() || !members.has(owner) || owner.slots.has(partition)) return;
        // Another rebalance may have come in between.
        if (owners.get(partition) !== owner) return;
        owner.slots.set(
          partition,
          openSlot({ ...args, ...owner, topic, partition, before: owner.retired.get(partition) }),
        );
      });
    }
  }

  function notice(machine: Machine): void {
    world.after(SESSION_MS, () => {
      const member = [...members].find((one) => one.machine === machine);
      if (machine.isAwake() || member === undefined) return;
      members.delete(member);
      rebalance();
      const back = () => {
        if (!machine.isAlive()) return;
        if (!machine.isAwake()) {
          world.after(100, back);
          return;
        }
        // It wakes, works for a moment as if nothing had been, and then hears that it was put out.
        world.after(randomBelow(world.random, 300), () => {
          for (const [partition, slot] of member.slots) member.retired.set(partition, slot.revoke());
          member.slots.clear();
          members.add(member);
          rebalance();
        });
      };
      back();
    });
  }

  return {
    notice,
    rebalance,
    open: (machine) => ({
      producer: async () => ({
        send: (messages) =>
          machine.ask('a send', (answer) => {
            for (const { headers } of messages) checker.published(headers?.['ce_id']);
            answer([{ topic: 'dead-letters', partition: 0, baseOffset: 0 }]);
          }),
        close: async () => undefined,
      }),
      async consume(consume): Promise<Consumer> {
        members.add({ machine, consume, slots: new Map(), retired: new Map() });
        world.after(randomBelow(world.random, 100), rebalance);
        return { progress: () => [], lastFetchAtMs: () => world.now(), close: async () => undefined };
      },
      watermarks: () =>
        machine.ask('watermarks', (answer) =>
          answer(
            expected.partitions.map((partition) => ({ partition, low: 0, high: endOf(expected, partition) })),
          ),
        ),
      follow: () => Promise.reject(notSimulated('follow')),
      createTopics: () => Promise.reject(notSimulated('createTopics')),
      close: async () => undefined,
    }),
  };
}

interface Slot {
  revoke(): Promise<void>;
}

/** One assignment of a partition, with the same contract as the real consumer's: in order, one batch at a time. */
function openSlot(args: {
  world: World;
  checker: Checker;
  expected: Expected;
  machine: Machine;
  consume: ConsumeArgs;
  topic: string;
  partition: number;
  before: Promise<void> | undefined;
}): Slot {
  const { world, machine, consume, topic, partition } = args;
  const controller = new AbortController();
  const { signal } = controller;
  const { clock } = machine;
  let again = false;
  const control: Control = {
    signal,
    commit(nextOffset) {
      if (!signal.aborted) args.checker.committed(partition, nextOffset);
    },
    beginAgain() {
      again = true;
    },
  };
  const assignment: Assignment = {
    topic,
    partition,
    signal,
    beginAgain() {
      again = true;
    },
  };

  async function begin(): Promise<number | undefined> {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        return await consume.onAssigned?.(assignment);
      } catch {
        await clock.sleep(Math.min(5_000, 100 * 2 ** attempt), signal);
      }
    }
    return undefined;
  }

  async function hand(batch: Batch): Promise<void> {
    while (!signal.aborted) {
      try {
        return await consume.onBatch(batch, control);
      } catch {
        await clock.sleep(200, signal);
      }
    }
  }

  async function live(): Promise<void> {
    await args.before;
    let position = await begin();
    while (!signal.aborted && position !== undefined) {
      if (again) {
        again = false;
        position = await begin();
        continue;
      }
      const at = position;
      const messages = await machine
        .ask('a fetch', (answer: (found: Message[]) => void) =>
          answer(fetched(args.expected, partition, at, 1 + randomBelow(world.random, 9))),
        )
        .catch(() => []);
      const last = messages.at(-1);
      if (signal.aborted) return;
      if (last === undefined) {
        await clock.sleep(500, signal);
        continue;
      }
      const nextOffset = last.offset + 1;
      const highWatermark = endOf(args.expected, partition);
      await hand({ topic, partition, messages, highWatermark, nextOffset });
      position = nextOffset;
    }
  }

  const lived = live();
  return {
    async revoke() {
      controller.abort();
      await lived;
      await consume.onRevoked?.({ topic, partition });
    },
  };
}

function fetched(expected: Expected, partition: number, from: number, most: number): Message[] {
  return expected
    .of(partition)
    .filter(({ offset }) => offset >= from)
    .slice(0, most)
    .map(({ message }) => message);
}

export function endOf(expected: Expected, partition: number): number {
  return (expected.of(partition).at(-1)?.offset ?? -1) + 1;
}

function notSimulated(what: string): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The simulated Kafka does not know ${what}.`,
    next: 'Teach it in deploy/simulation/broker.ts.',
  });
}
