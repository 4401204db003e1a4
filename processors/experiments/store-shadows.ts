import { z } from 'zod';
import { DriftwatchError, sentence } from '../../src/errors.ts';
import type { Batch, Consumer, Control } from '../../src/io/kafka/port.ts';
import { shadowPredictions } from '../../topics/index.ts';
import type { ExperimentPorts } from './ports.ts';

/**
 * Stores shadow-predictions in ClickHouse. Rows carry their offsets, and a repeated one replaces itself, so a batch that
 * comes again after a crash changes nothing. A record that cannot be read is skipped with its place in the log: it is
 * nobody's answer.
 */
export function storeShadows(args: {
  ports: Pick<ExperimentPorts, 'kafka' | 'clickhouse' | 'decode' | 'log'>;
  groupId: string;
  topic?: string;
}): Promise<Consumer> {
  const { kafka, clickhouse, decode, log } = args.ports;

  async function onBatch(batch: Batch, control: Control): Promise<void> {
    const rows: Record<string, unknown>[] = [];
    for (const { value, partition, offset } of batch.messages) {
      if (value === null) continue;
      const read = await decode(value).then(
        (record) => RECORD.safeParse(record),
        (error: unknown) => {
          if (error instanceof DriftwatchError && error.code === 'REGISTRY_UNREACHABLE') throw error;
          return { success: false as const, error };
        },
      );
      if (!read.success) {
        const why = sentence(read.error);
        log.warn({ event: 'shadow.unreadable', partition, offset, why }, 'A shadow prediction is skipped');
        continue;
      }
      const event_time = new Date(read.data.event_time).toISOString();
      rows.push({ ...read.data, event_time, _partition: partition, _offset: offset });
    }
    control.signal.throwIfAborted();
    await clickhouse.insert('shadow_predictions', rows);
    control.commit(batch.nextOffset);
  }

  return kafka.consume({
    groupId: args.groupId,
    topics: [args.topic ?? shadowPredictions.name],
    fromBeginning: true,
    onBatch,
  });
}

const RECORD = z.object({
  model: z.string(),
  version: z.string(),
  example_id: z.string(),
  event_time: z.number().min(0).max(4_102_444_800_000),
  prediction: z.number(),
  // Absent in records from before there were models of classes.
  classes: z.array(z.string()).default([]),
  probabilities: z.array(z.number()).default([]),
});
