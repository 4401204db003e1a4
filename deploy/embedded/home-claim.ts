import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DriftwatchError } from '../../src/errors.ts';
import { requireSpace } from './disk-space.ts';
import { identify, isRunning, type ProcessRecord, signalRecorded } from './process-identity.ts';

/** The right to run a stack on a home directory, kept as `stack.json` in it. */
export interface HomeClaim {
  /** Notes the programs that run now, so that a later start can deal with what is left of them. */
  record(children: readonly ProcessRecord[]): void;
  release(): void;
}

interface ClaimFile {
  readonly launcher: ProcessRecord;
  readonly children: readonly ProcessRecord[];
}

const LEFTOVER_GRACE_MS = 12_000;
const POLL_MS = 50;

/**
 * Claims the home for this process. A claim whose launcher is dead (killed, power lost) is taken
 * over after its programs have ended; they end by themselves within seconds and are killed if not.
 * Throws DIRECTORY_LOCKED when another stack runs there, DISK_FULL below 1 GiB of free space.
 */
export async function claimHome(home: string): Promise<HomeClaim> {
  mkdirSync(home, { recursive: true });
  requireSpace(home);
  const file = join(home, 'stack.json');
  const draft = `${file}.${process.pid}`;
  const launcher = { name: 'launcher', pid: process.pid, identity: identify(process.pid) ?? 'self' };
  const write = (path: string, children: readonly ProcessRecord[]): void =>
    writeFileSync(path, `${JSON.stringify({ launcher, children } satisfies ClaimFile)}\n`);

  write(draft, []);
  try {
    while (!linked(draft, file)) await clearDeadClaim(file, home);
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    record(children) {
      write(draft, children);
      renameSync(draft, file);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** link() is atomic and refuses an existing name: of two launchers exactly one gets the home. */
function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function clearDeadClaim(file: string, home: string): Promise<void> {
  const text = readIfThere(file);
  if (text === undefined) return; // released meanwhile
  const claim = decode(text);
  if (claim !== undefined && isRunning(claim.launcher)) {
    throw new DriftwatchError({
      code: 'DIRECTORY_LOCKED',
      message: `A driftwatch stack already runs on ${home} (process ${claim.launcher.pid}).`,
      next: `Stop it with Ctrl-C or \`kill ${claim.launcher.pid}\`, or choose another directory with --home and other ports with --port-offset.`,
    });
  }
  await waitForLeftovers(claim?.children ?? []);
  // Moved away and looked at before it is deleted: another launcher may have taken over just now.
  const aside = `${file}.dead-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // another launcher was faster
  }
  if (readIfThere(aside) !== text) linked(aside, file);
  rmSync(aside, { force: true });
}

async function waitForLeftovers(children: readonly ProcessRecord[]): Promise<void> {
  const end = performance.now() + LEFTOVER_GRACE_MS;
  while (children.some(isRunning)) {
    if (performance.now() > end) for (const child of children) signalRecorded(child, 'SIGKILL');
    await pause(POLL_MS);
  }
}

function decode(text: string): ClaimFile | undefined {
  try {
    const claim = JSON.parse(text) as ClaimFile;
    return typeof claim.launcher?.pid === 'number' && Array.isArray(claim.children) ? claim : undefined;
  } catch {
    return undefined; // cut off by a crash of the machine: nothing of that boot runs any more
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
