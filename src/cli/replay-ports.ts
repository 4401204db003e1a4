import { join } from 'node:path';
import { loadContracts } from '../../processors/load-contracts.ts';
import type { Contracts, ReplayPorts } from '../../processors/replay/ports.ts';
import { DriftwatchError } from '../errors.ts';
import { openModelStore } from '../io/files/model-store.ts';
import { readServedRows } from '../io/files/read-served-rows.ts';
import { openScorer } from '../io/onnx-runtime/open-scorer.ts';
import { openRegistry } from '../io/registry/registry.ts';
import type { Settings } from './settings.ts';
import { verifyingKey } from './signing-keys.ts';
import { withClickHouse } from './wire.ts';

/** Runs some work with the ports of a replay and the contracts of one model, and closes what it opened. */
export async function withReplayPorts<T>(
  settings: Settings,
  model: string,
  work: (ports: ReplayPorts, contracts: Contracts) => Promise<T>,
): Promise<T> {
  const registry = openRegistry({
    url: settings.registryUrl,
    cacheDirectory: join(settings.home, 'schemas'),
  });
  return withClickHouse(settings, async (clickhouse) => {
    const contracts = await loadContracts({ registry, model });
    const store = openModelStore({ directory: settings.store, verifyingKey: verifyingKey() });
    return work({ clickhouse, store, openScorer, readRows: readServedRows }, contracts);
  });
}

/** The model that a flag names, or the only one that is configured. Throws CONFIG_INVALID. */
export function chosenModel(settings: Settings, wanted: string | undefined): string {
  const models = Object.keys(settings.config.models);
  const [only] = models;
  const chosen = wanted ?? (models.length === 1 ? only : undefined);
  if (chosen !== undefined && models.includes(chosen)) return chosen;
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: wanted === undefined ? 'There are several models.' : `There is no model "${wanted}".`,
    next: `Name one with --model: ${models.join(', ')}.`,
  });
}

/** A flag that names one model. */
export const MODEL_FLAG = {
  kind: 'parsed',
  parse: String,
  brief: 'Model; may be left out when there is one',
  placeholder: 'name',
  optional: true,
} as const;

/** ISO 8601 text as milliseconds since 1970; a date alone is its midnight in UTC. */
export function instantFlag(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new SyntaxError(`Expected a date such as 2013-03-01 and received ${text}.`);
  return ms;
}
