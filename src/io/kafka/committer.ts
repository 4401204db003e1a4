import type { Consumer as ClientConsumer } from 'kafkajs';
import type { Log } from '../../runtime/log.ts';

/** Gathers offsets and commits them together; the newest of a partition wins. */
export interface Committer {
  note(topic: string, partition: number, nextOffset: number): void;
  /** Forgets what is not committed yet: after a rebalance the partitions belong to others. */
  drop(): void;
  /** Commits what is left. */
  close(): Promise<void>;
}

/**
 * A commit here is a hint for others and a lag display: the ledger says where to resume. So a failed commit
 * is logged and forgotten, and nothing waits for one.
 */
export function createCommitter(args: { consumer: ClientConsumer; log: Log; everyMs: number }): Committer {
  const { consumer, log, everyMs } = args;
  const noted = new Map<string, { topic: string; partition: number; offset: string }>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function commit(): Promise<void> {
    const offsets = [...noted.values()];
    noted.clear();
    if (offsets.length === 0) return;
    try {
      await consumer.commitOffsets(offsets);
    } catch (cause) {
      log.debug({ cause, offsets }, 'Offsets were not committed.');
    }
  }

  function fire(): void {
    timer = undefined;
    running = running.then(commit);
  }

  return {
    note(topic, partition, nextOffset) {
      noted.set(`${topic}/${partition}`, { topic, partition, offset: String(nextOffset) });
      timer ??= setTimeout(fire, everyMs);
    },
    drop() {
      noted.clear();
    },
    async close() {
      clearTimeout(timer);
      fire();
      await running;
    },
  };
}
