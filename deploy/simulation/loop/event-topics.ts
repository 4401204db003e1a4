import { DriftwatchError } from '../../../src/errors.ts';
import type { Kafka, Outgoing, Producer, Sent } from '../../../src/io/kafka/port.ts';
import type { Machine } from '../machine.ts';
import type { World } from '../world.ts';

/** Topics that driftwatch writes to, with exclusive producers as the broker keeps them apart. */
export interface EventTopics {
  /** What is on the topic, in order. */
  on(topic: string): readonly string[];
  /** The part of Kafka that an outbox needs, as one process sees it. */
  open(machine: Machine): Pick<Kafka, 'producer' | 'follow'>;
}

/**
 * A request is checked when it arrives: one of a producer that was shut out meanwhile is refused, whenever it was
 * sent. Transactions are whole or not at all, so a send is one event here; its answer may be lost.
 */
export function openEventTopics(world: World): EventTopics {
  const logs = new Map<string, { id: string; offset: number }[]>();
  const newest = new Map<string, number>();

  function append(messages: readonly Outgoing[]): Sent[] {
    return messages.map(({ topic, headers }) => {
      const log = logs.get(topic) ?? [];
      // A transaction takes one offset more.
      const offset = 2 * log.length;
      log.push({ id: headers?.['ce_id'] ?? '', offset });
      logs.set(topic, log);
      return { topic, partition: 0, baseOffset: offset };
    });
  }

  return {
    on: (topic) => (logs.get(topic) ?? []).map(({ id }) => id),
    open: (machine) => ({
      async producer(wanted): Promise<Producer> {
        const name = wanted?.exclusive ?? '';
        const mine = await machine.ask('a producer', (answer: (nth: number) => void) => {
          newest.set(name, (newest.get(name) ?? 0) + 1);
          answer(newest.get(name) ?? 0);
        });
        let spent = false;
        return {
          async send(messages) {
            if (spent) throw refused('its producer is done for');
            try {
              return await machine.ask('an event', (answer: (sent: readonly Sent[]) => void, refuse) => {
                if (name !== '' && newest.get(name) !== mine)
                  refuse(refused('another producer has its name'));
                else {
                  const sent = append(messages);
                  // Events are few: their answers get lost more often than others.
                  if (world.strikes(0.1)) refuse(refused('no answer came'));
                  else answer(sent);
                }
              });
            } catch (cause) {
              spent = true;
              throw cause;
            }
          },
          close: async () => undefined,
        };
      },
      async follow({ topic, from, onMessage }) {
        const read = await machine.ask(
          'a topic',
          (answer: (log: readonly { id: string; offset: number }[]) => void) =>
            answer([...(logs.get(topic) ?? [])]),
        );
        const caughtUp = (async () => {
          for (const { id, offset } of read) {
            if (offset < (from?.get(0) ?? 0)) continue;
            await onMessage({
              topic,
              partition: 0,
              offset,
              key: null,
              value: null,
              timestampMs: 0,
              headers: { ce_id: id },
            });
          }
        })();
        return { caughtUp, close: async () => undefined };
      },
    }),
  };
}

function refused(why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'BROKER_UNREACHABLE',
    message: `An event was refused: ${why}.`,
    next: 'It is read back and tried again.',
  });
}
