import { aliasesOf } from '../../src/core/experiments/aliases.ts';
import type { Traffic } from '../../src/core/experiments/traffic.ts';
import type { ReleaseRecord } from '../../src/runtime/release-record.ts';

/** The row of traffic_states for a record of model-releases: who answers after it. Undefined while nobody does. */
export function trafficRow(
  traffic: Traffic,
  record: ReleaseRecord,
  offset: number,
): Record<string, unknown> | undefined {
  const aliased = aliasesOf(traffic);
  if (aliased.length === 0) return undefined;
  const { model, createdMs } = record.kind === 'release' ? record.release : record;
  return {
    model,
    aliases: aliased.map(({ alias }) => alias),
    versions: aliased.map(({ version }) => version),
    shares: aliased.map(({ share }) => share),
    experiment: traffic.experiment ?? '',
    decided: new Date(createdMs).toISOString(),
    _offset: offset,
  };
}
