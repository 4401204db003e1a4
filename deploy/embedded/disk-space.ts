import { statfsSync } from 'node:fs';
import { DriftwatchError } from '../../src/errors.ts';

const NEEDED_BYTES = 1024 ** 3;

/** Bytes that this user may still write on the disk of the path. */
export function freeBytes(path: string): number {
  const disk = statfsSync(path);
  return disk.bavail * disk.bsize;
}

/** Throws DISK_FULL when less than 1 GiB is free under the home. */
export function requireSpace(home: string, neededBytes = NEEDED_BYTES): void {
  const free = freeBytes(home);
  if (free >= neededBytes) return;
  throw new DriftwatchError({
    code: 'DISK_FULL',
    message: `Only ${gib(free)} GiB are free under ${home}; the stack needs at least ${gib(neededBytes)} GiB.`,
    next: 'Make room, or choose a home on another disk with --home.',
  });
}

function gib(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
