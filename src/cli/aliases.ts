import { z } from 'zod';
import { ALIASES, type AliasedVersion, isAlias, versionUnder } from '../core/experiments/aliases.ts';
import { DriftwatchError } from '../errors.ts';
import type { ClickHouse } from '../io/clickhouse/client.ts';
import type { Settings } from './settings.ts';
import { withClickHouse } from './wire.ts';

/** The aliases of a model as ClickHouse has them, the champion first. */
export function readAliases(
  clickhouse: ClickHouse,
  model: string,
): Promise<(AliasedVersion & z.infer<typeof ALIASED>)[]> {
  return clickhouse.rows('model-aliases', { model }, ALIASED);
}

/** The version that a person names, by its number or by what it does now. Throws NOT_YET when an alias is of no one version. */
export async function versionNamed(settings: Settings, model: string, named: string): Promise<string> {
  if (!isAlias(named)) return named;
  const aliases = await withClickHouse(settings, (clickhouse) => readAliases(clickhouse, model));
  return underAlias(model, named, aliases);
}

/** The same with the aliases at hand. */
export function underAlias(model: string, named: string, aliases: readonly AliasedVersion[]): string {
  if (!isAlias(named)) return named;
  const under = versionUnder(named, aliases);
  if (under.status === 'ok') return under.version;
  throw new DriftwatchError({
    code: 'NOT_YET',
    message: `Of ${model} ${under.why}.`,
    next: '`driftwatch models aliases` shows what there is; a number such as v2 can be named always.',
  });
}

export const VERSION_BRIEF = `Version such as v2, or ${ALIASES.slice(0, -1).join(', ')} or ${ALIASES.at(-1)}`;
const ALIASED = z.object({
  alias: z.enum(ALIASES),
  version: z.string(),
  share: z.number(),
  experiment: z.string(),
  decided: z.string(),
});
