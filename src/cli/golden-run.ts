import { readFile } from 'node:fs/promises';
import type { CommandContext } from '@stricli/core';
import { z } from 'zod';
import { DriftwatchError, sentence } from '../errors.ts';
import { checkCase } from './golden-compare.ts';

/** Reads a file of cases, computes what the core has, prints the report; an Error makes the exit code 1. */
export async function goldenRun(
  this: CommandContext,
  _flags: Record<never, never>,
  file: string,
): Promise<Error | undefined> {
  try {
    const report = goldenReport(decodeGolden(await read(file), file).cases);
    this.process.stdout.write(`${JSON.stringify(report)}\n`);
    if (report.failures.length === 0) return undefined;
    return new Error(`${report.failures.length} of ${report.checked} values differ from those in ${file}.`);
  } catch (error) {
    return new Error(sentence(error), { cause: error });
  }
}

/** The report over cases that were read already. */
export function goldenReport(cases: readonly GoldenCase[]): GoldenReport {
  const compared = cases.flatMap((each) => checkCase(each).map((comparison) => ({ each, comparison })));
  const known = compared.filter(({ comparison }) => comparison.kind !== 'unknown');
  const failures = known.flatMap(({ each, comparison }) =>
    comparison.kind === 'differs'
      ? [
          {
            case: each.id,
            key: comparison.key,
            expected: comparison.expected,
            got: comparison.got,
            relative_error: asJsonNumber(comparison.error),
          },
        ]
      : [],
  );
  const worst = (p: boolean): number | string => {
    const errors = known.map(({ comparison: c }) => (c.kind !== 'unknown' && c.isPValue === p ? c.error : 0));
    return asJsonNumber(errors.reduce((a, b) => Math.max(a, b), 0));
  };
  return {
    cases: cases.length,
    checked: known.length,
    worst_relative_error: worst(false),
    worst_p_error: worst(true),
    failures,
    names: distinct(known.map(({ comparison }) => comparison.name)),
    unknown: distinct(
      compared.flatMap(({ comparison }) => (comparison.kind === 'unknown' ? [comparison.name] : [])),
    ),
  };
}

export interface GoldenReport {
  readonly cases: number;
  /** Values compared, including those matched by "insufficient". */
  readonly checked: number;
  readonly worst_relative_error: number | string;
  readonly worst_p_error: number | string;
  readonly failures: readonly {
    readonly case: string;
    readonly key: string;
    readonly expected: unknown;
    readonly got: unknown;
    readonly relative_error: number | string;
  }[];
  readonly names: readonly string[];
  readonly unknown: readonly string[];
}

/** Cases from the text of a file, or a sentence about what is wrong with it. */
export function decodeGolden(text: string, file: string): z.infer<typeof GOLDEN> {
  const parsed = GOLDEN.safeParse(asJson(text, file));
  if (parsed.success) return parsed.data;
  throw new DriftwatchError({
    code: 'FILE_INVALID',
    message: `${file} is not a file of cases: ${z.prettifyError(parsed.error)}`,
    next: 'Expected is {"cases": [{"id", "kind": "numeric" or "categorical", "ref", "cur", "scipy"}]}.',
  });
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message: `${file} cannot be read.`,
      next: 'Give the path of a file of cases.',
      cause,
    });
  }
}

function asJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message: `${file} is not JSON.`,
      next: 'Check that the file is complete, and that NaN and Infinity are written as strings.',
      cause,
    });
  }
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function asJsonNumber(x: number): number | string {
  return Number.isFinite(x) ? x : 'Infinity';
}

const NUMBER = z.union([z.number(), z.null(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
const CATEGORY = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const VALUES = z.record(z.string(), z.unknown());
const GOLDEN = z.object({
  cases: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        id: z.string(),
        kind: z.literal('numeric'),
        ref: z.array(NUMBER),
        cur: z.array(NUMBER),
        scipy: VALUES,
      }),
      z.object({
        id: z.string(),
        kind: z.literal('categorical'),
        ref: z.array(CATEGORY),
        cur: z.array(CATEGORY),
        scipy: VALUES,
      }),
    ]),
  ),
});

export type GoldenCase = z.infer<typeof GOLDEN>['cases'][number];
