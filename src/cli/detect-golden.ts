import { readFileSync } from 'node:fs';
import type { CommandContext } from '@stricli/core';
import { z } from 'zod';
import { NOT_FOLLOWED, PEERS, peerAgreement } from '../core/evaluation/peer-agreement.ts';
import { DriftwatchError, sentence } from '../errors.ts';

/** Holds every detector against a file of other libraries' alarms and prints one JSON object. */
export async function detectGolden(
  this: CommandContext,
  _flags: Readonly<Record<never, never>>,
  file: string,
): Promise<Error | undefined> {
  try {
    const result = compareFile(file);
    this.process.stdout.write(`${JSON.stringify(result)}\n`);
    if (result.failures.length === 0) return undefined;
    return new Error(`${result.failures.length} of ${result.checked} comparisons differ from ${file}.`);
  } catch (error) {
    return new Error(sentence(error), { cause: error });
  }
}

function compareFile(file: string) {
  const sequences = decode(file);
  const rows = sequences.flatMap(({ id, data, libraries }) =>
    PEERS.flatMap((peer) => {
      const theirs = libraries[peer.library]?.[peer.theirs];
      return theirs === undefined ? [] : [{ id, peer, theirs, ...peerAgreement(peer, data, theirs) }];
    }),
  );
  return {
    cases: sequences.length,
    checked: rows.length,
    first_alarms_equal: rows.filter((row) => row.firstEqual).length,
    all_alarms_equal: rows.filter((row) => row.allEqual).length,
    failures: rows
      .filter((row) => !row.agrees)
      .map(({ id, peer, theirs, ours }) => ({
        id,
        library: peer.library,
        detector: peer.theirs,
        expected: theirs.slice(0, 10),
        found: ours.slice(0, 10),
      })),
    notes: PEERS.flatMap(({ library, theirs, note }) =>
      note === undefined ? [] : [`${library} ${theirs}: ${note}`],
    ),
    not_followed: NOT_FOLLOWED,
  };
}

function decode(file: string) {
  const parsed = FILE.safeParse(readJson(file));
  if (!parsed.success) {
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message: `${file} is not a file of detector alarms: ${z.prettifyError(parsed.error)}.`,
      next: 'Expected is {bits: {name: {data, river, moa}}, reals: {...}}; see test/golden/detectors/README.md.',
    });
  }
  return [...Object.entries(parsed.data.bits), ...Object.entries(parsed.data.reals)].map(([id, entry]) => ({
    id,
    data: typeof entry.data === 'string' ? Array.from(entry.data, Number) : entry.data,
    libraries: libraries(entry.river, entry.moa),
  }));
}

type Alarms = Readonly<Record<string, readonly number[]>> | undefined;

function libraries(river: Alarms, moa: Alarms): Readonly<Record<string, Alarms>> {
  return { river, moa };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new DriftwatchError({
      code: 'FILE_UNREADABLE',
      message: `Could not read ${file} as JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      next: 'Check the path and the content.',
      cause,
    });
  }
}

const INDICES = z.array(z.number());
const ALARMS = z.record(
  z.string(),
  z.union([INDICES, z.object({ drift: INDICES }).transform(({ drift }) => drift)]),
);
const SEQUENCE = z.object({
  data: z.union([z.string().regex(/^[01]*$/), z.array(z.number())]),
  river: ALARMS.optional(),
  moa: ALARMS.optional(),
});
const FILE = z.object({
  bits: z.record(z.string(), SEQUENCE).default({}),
  reals: z.record(z.string(), SEQUENCE).default({}),
});
