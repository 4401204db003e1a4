import { aliasesOf, isAlias, versionUnder } from '../../core/experiments/aliases.ts';
import type { LoadedVersions } from './loaded-versions.ts';
import type { TrafficControl } from './traffic-control.ts';

/**
 * The version that a request names: itself, or the one under an alias. An alias of none or of several stays as it is,
 * and is then not found.
 */
export function namedVersion(args: {
  model: string;
  version: string | undefined;
  versions: Pick<LoadedVersions, 'current'>;
  traffic: Pick<TrafficControl, 'of'>;
}): string | undefined {
  const { model, version, versions, traffic } = args;
  if (version === undefined || !isAlias(version)) return version;
  if (version === 'champion') return versions.current() ?? version;
  const under = versionUnder(version, aliasesOf(traffic.of(model)));
  return under.status === 'ok' ? under.version : version;
}
