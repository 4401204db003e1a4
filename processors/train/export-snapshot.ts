import type { TrainableModel, TrainPorts } from './ports.ts';
import type { SnapshotFields, SnapshotPlan } from './snapshot-plan.ts';

/** A snapshot as a file. `uri` is relative to the model store. */
export interface Snapshot {
  readonly path: string;
  readonly uri: string;
  readonly sha256: string;
}

/** The query behind every snapshot, named in manifests. */
export const SNAPSHOT_QUERY = 'snapshot-export';

/** Rows of the plan as a Parquet file in the store, named by its hash. The same plan gives the same bytes. */
export async function exportSnapshot(args: {
  ports: Pick<TrainPorts, 'clickhouse' | 'store'>;
  model: TrainableModel;
  plan: SnapshotPlan;
  fields: Extract<SnapshotFields, { status: 'ok' }>;
}): Promise<Snapshot> {
  const { ports, model, plan, fields } = args;
  const body = await ports.clickhouse.bytes(SNAPSHOT_QUERY, {
    table: model.table,
    columns: fields.columns,
    label: fields.label,
    from_ms: plan.fromMs,
    until_ms: plan.untilMs,
    partitions: plan.partitions,
    first_offsets: plan.firstOffsets,
    end_offsets: plan.endOffsets,
  });
  return ports.store.putSnapshot(plan.model, body);
}
