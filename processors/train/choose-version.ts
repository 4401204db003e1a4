/** A version as ClickHouse has it, decided. */
export interface KnownVersion {
  readonly version: string;
  readonly requestId: string;
  readonly status: 'accepted' | 'rejected';
}

/**
 * The version that answers a request: the one it has already, else one more than the largest. Rejected
 * trainings use up a number too, so that a version is never two things.
 */
export function chooseVersion(known: readonly KnownVersion[], requestId: string): string {
  const mine = known.find((version) => version.requestId === requestId);
  if (mine !== undefined) return mine.version;
  return `v${1 + Math.max(0, ...known.map((version) => versionNumber(version.version)))}`;
}

/** The newest accepted version: what a challenger must beat. */
export function championOf<V extends KnownVersion>(known: readonly V[]): V | undefined {
  return known
    .filter((version) => version.status === 'accepted')
    .reduce<V | undefined>(
      (best, next) => (best === undefined || isNewer(next, best) ? next : best),
      undefined,
    );
}

/** 7 for v7; 0 for a text that is no version. */
export function versionNumber(version: string): number {
  return VERSION.test(version) ? Number(version.slice(1)) : 0;
}

function isNewer(a: KnownVersion, b: KnownVersion): boolean {
  return versionNumber(a.version) > versionNumber(b.version);
}

const VERSION = /^v[1-9][0-9]{0,14}$/;
