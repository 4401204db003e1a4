import type { VersionRow } from '../reader.ts';

/** The version that serves: the newest accepted one. Undefined before the first release. */
export function championOf(versions: readonly VersionRow[]): VersionRow | undefined {
  return versions.filter(({ status }) => status === 'accepted').at(-1);
}
