import type { CommandContext } from '@stricli/core';
import { z } from 'zod';
import { type Detector, runDetector } from '../core/detector.ts';
import { detectorByName } from '../core/detectors/by-name.ts';
import { DETECTORS } from '../core/detectors/index.ts';
import { atRateOf } from '../core/evaluation/at-rate-of.ts';
import { prefixLedger } from '../core/evaluation/prefix-ledger.ts';
import { reportCard, type StreamResult } from '../core/evaluation/report-card.ts';
import { type ErrorStream, freshStreams } from '../core/evaluation/streams.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { readLines } from '../io/files/read-lines.ts';
import type { DetectErrorsFlags } from './detect.ts';
import { cardAsText, rivalAsText } from './detect-card.ts';

/** Runs the named detectors over a file of error streams and prints alarms and report card. */
export function detectErrors(
  this: CommandContext,
  flags: DetectErrorsFlags,
  file: string,
): Promise<Error | undefined> {
  return score(this, flags, errorStreams(file));
}

/** The same over streams made from a seed. */
export function detectFresh(
  this: CommandContext,
  flags: DetectErrorsFlags & { runs: number; seed: number },
): Promise<Error | undefined> {
  return score(this, flags, freshStreams({ runs: flags.runs, seed: flags.seed }));
}

async function score(
  context: CommandContext,
  flags: DetectErrorsFlags,
  streams: AsyncIterable<ErrorStream> | Iterable<ErrorStream>,
): Promise<Error | undefined> {
  const { stdout } = context.process;
  try {
    const detectors = flags.detector.flatMap(named);
    const ledger = prefixLedger();
    const results: StreamResult[] = [];
    const kept: ErrorStream[] = [];
    for await (const one of streams) {
      const { stream, seed, driftAt, bits } = one;
      if (flags.atRateOf !== undefined) kept.push(one);
      const counted = ledger.claim(bits, driftAt ?? bits.length);
      for (const { name, detector } of detectors) {
        const { alarms } = runDetector(detector, bits);
        stdout.write(`${JSON.stringify({ stream, seed, detector: name, alarms })}\n`);
        results.push({ stream, detector: name, driftAt, length: bits.length, alarms, counted });
      }
    }
    const card = reportCard(results);
    const rival = flags.atRateOf === undefined ? undefined : detectorByName(flags.atRateOf);
    const compared = rival === undefined ? undefined : atRateOf({ streams: kept, rival });
    if (flags.json) stdout.write(`${JSON.stringify({ card, at_rate_of: compared })}\n`);
    else stdout.write(`${cardAsText(card)}${compared === undefined ? '' : rivalAsText(compared)}`);
    return undefined;
  } catch (error) {
    return new Error(sentence(error), { cause: error });
  }
}

/** Detectors behind one part of --detector, under the name that was asked for. */
function named(text: string): { name: string; detector: Detector }[] {
  if (text === 'all') {
    return DETECTORS.filter((d) => d.reads !== 'evidence').map((detector) => ({
      name: detector.name,
      detector,
    }));
  }
  const detector = detectorByName(text);
  if (detector.reads !== 'evidence') return [{ name: text, detector }];
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `${detector.name} reads p-values or e-values, not error bits.`,
    next: 'Name another detector; shiryaev-roberts is the same idea on bits.',
  });
}

async function* errorStreams(file: string): AsyncGenerator<ErrorStream> {
  for await (const { line, number } of readLines(file)) {
    const { stream, seed, drift_at, bits } = decodeLine(line, file, number);
    yield { stream, seed, driftAt: drift_at, bits: Uint8Array.from(bits, (c) => (c === '1' ? 1 : 0)) };
  }
}

function decodeLine(line: string, file: string, number: number): z.infer<typeof LINE> {
  const parsed = LINE.safeParse(asJson(line));
  if (parsed.success) return parsed.data;
  throw new DriftwatchError({
    code: 'FILE_INVALID',
    message: `Line ${number} of ${file} is not an error stream: ${parsed.error.issues.map((issue) => issue.message).join('; ')}.`,
    next: 'Expected is {"stream": text, "seed": number, "drift_at": index or null, "bits": "0101..."}.',
  });
}

/** Text that is no JSON is told by the schema's own sentence. */
function asJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const LINE = z
  .object({
    stream: z.string(),
    seed: z.union([z.number(), z.string()]),
    drift_at: z.number().int().nonnegative().nullable(),
    bits: z.string().regex(/^[01]+$/, 'bits must be a string of 0 and 1'),
  })
  .refine((value) => value.drift_at === null || value.drift_at < value.bits.length, {
    message: 'drift_at lies beyond the end of bits',
  });
