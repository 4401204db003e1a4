import type { Contract, Stream } from '../../src/core/contract/contract.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { ModelStore } from '../../src/io/files/model-store.ts';
import type { ExampleFields, Examples } from '../../src/io/files/read-snapshot.ts';
import type { OpenScorerArgs } from '../../src/io/onnx-runtime/open-scorer.ts';
import type { Scorer } from '../../src/io/onnx-runtime/scorer.ts';

/** What a replay needs of the world. */
export interface ReplayPorts {
  readonly clickhouse: ClickHouse;
  readonly store: Pick<ModelStore, 'readVersion'>;
  readonly openScorer: (args: OpenScorerArgs) => Promise<Scorer>;
  readonly readRows: (body: Uint8Array, fields: ExampleFields) => Promise<Examples>;
}

/** The contracts of one model. */
export type Contracts = Readonly<Record<Stream, Contract>>;
