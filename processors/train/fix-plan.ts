import { z } from 'zod';
import { fieldOf } from '../../src/core/contract/model-inputs.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { RetrainRequest, TrainableModel, TrainPorts } from './ports.ts';
import { planSnapshot, type SnapshotPlan } from './snapshot-plan.ts';

/**
 * The plan that the request has already, or one over what is stored now, written to training_jobs before
 * anything is read: an attempt that starts over reads the same rows and produces the same version.
 */
export async function fixPlan(args: {
  ports: Pick<TrainPorts, 'clickhouse'>;
  model: TrainableModel;
  request: RetrainRequest;
  version: string;
}): Promise<SnapshotPlan> {
  const { ports, model, request, version } = args;
  const wanted = { model: request.model, request_id: request.requestId };
  const [kept] = await ports.clickhouse.rows('training-job', wanted, JOB);
  if (kept !== undefined) return { requestId: request.requestId, model: request.model, ...kept };
  const { topic } = model.contract;
  const label = fieldOf(model.contract, 'label')?.name;
  const window = { fromMs: request.trainFromMs, untilMs: request.trainUntilMs };
  const ranges =
    label === undefined
      ? []
      : await ports.clickhouse.rows(
          'snapshot-ranges',
          { topic, table: model.table, label, from_ms: window.fromMs, until_ms: window.untilMs },
          RANGE,
        );
  const plan = planSnapshot({
    requestId: request.requestId,
    model: request.model,
    version,
    topic,
    ...window,
    ranges,
  });
  await ports.clickhouse.insert('training_jobs', [rowOf(plan)]);
  return plan;
}

function rowOf(plan: SnapshotPlan): Record<string, unknown> {
  return {
    request_id: plan.requestId,
    model: plan.model,
    version: plan.version,
    topic: plan.topic,
    window_start: new Date(plan.fromMs).toISOString(),
    window_end: new Date(plan.untilMs).toISOString(),
    partitions: plan.partitions,
    first_offsets: plan.firstOffsets,
    end_offsets: plan.endOffsets,
    rows: plan.rows,
    schema_ids: plan.schemaIds,
  };
}

const JOB = z
  .object({
    version: z.string(),
    topic: z.string(),
    window_start: instant,
    window_end: instant,
    partitions: z.array(count),
    first_offsets: z.array(count),
    end_offsets: z.array(count),
    rows: count,
    schema_ids: z.array(count),
  })
  .transform((row) => ({
    version: row.version,
    topic: row.topic,
    fromMs: row.window_start,
    untilMs: row.window_end,
    partitions: row.partitions,
    firstOffsets: row.first_offsets,
    endOffsets: row.end_offsets,
    rows: row.rows,
    schemaIds: row.schema_ids,
  }));

const RANGE = z
  .object({
    partition: count,
    first_offset: count,
    end_offset: count,
    rows: count,
    schema_ids: z.array(count),
  })
  .transform((row) => ({
    partition: row.partition,
    firstOffset: row.first_offset,
    endOffset: row.end_offset,
    rows: row.rows,
    schemaIds: row.schema_ids,
  }));
