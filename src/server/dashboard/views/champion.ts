import type { VersionRow } from '../reader.ts';

/**
 * The version that answers what is not split, as model-releases says. Where nobody has read that topic yet, the newest
 * accepted version that was not rolled back. Undefined before the first release.
 */
export function championOf(versions: readonly VersionRow[]): VersionRow | undefined {
  const champion = versions.find(({ aliases }) => aliases.includes('champion'));
  return champion ?? versions.filter(({ status, rolledBack }) => status === 'accepted' && !rolledBack).at(-1);
}
