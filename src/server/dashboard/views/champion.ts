import type { VersionRow } from '../reader.ts';

/** The version that serves: the newest accepted one that was not rolled back. Undefined before the first release. */
export function championOf(versions: readonly VersionRow[]): VersionRow | undefined {
  return versions.filter(({ status, rolledBack }) => status === 'accepted' && !rolledBack).at(-1);
}
