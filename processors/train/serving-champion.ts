import { z } from 'zod';
import { championOf, versionNumber } from './choose-version.ts';
import type { TrainableModel, TrainPorts } from './ports.ts';
import type { DecidedVersion } from './release.ts';

/**
 * The version that a challenger must beat: the one that answers. Of a model whose versions are tested on live traffic
 * that is the champion of the newest decision, or the first version before any; of the others the newest accepted one
 * that was not rolled back.
 */
export async function servingChampion(
  { clickhouse }: Pick<TrainPorts, 'clickhouse'>,
  { contract: { model }, tested }: TrainableModel,
  known: readonly DecidedVersion[],
): Promise<DecidedVersion | undefined> {
  const accepted = known.filter(({ status }) => status === 'accepted');
  if (accepted.length < 2) return accepted[0];
  if (tested === true) {
    const [row] = await clickhouse.rows('experiment-champion', { model }, z.object({ champion: z.string() }));
    const oldest = accepted.toSorted((a, b) => versionNumber(a.version) - versionNumber(b.version))[0];
    return accepted.find(({ version }) => version === row?.champion) ?? oldest;
  }
  const back = await clickhouse.rows('rolled-back', { model }, z.object({ version: z.string() }));
  return championOf(accepted.filter(({ version }) => !back.some((one) => one.version === version)));
}
