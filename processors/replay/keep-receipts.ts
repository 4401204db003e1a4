import { z } from 'zod';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { KnownReleases } from '../experiments/known-releases.ts';
import type { TopicTimes } from '../experiments/ports.ts';
import { computeReceipts, type ReceiptRow } from './compute-receipts.ts';
import type { Contracts, ReplayPorts } from './ports.ts';

/** Writes the receipt of each release as soon as its labels are there. */
export interface ReceiptKeeper {
  /** Writes what has become due; asks for the time only while a receipt is outstanding. */
  look(model: string, known: KnownReleases): Promise<readonly ReceiptRow[]>;
}

/**
 * A release gets its receipt when labels have got so far in event time that those of its first `windowMs` have come: once,
 * and at the end of what there was when it was rolled back. Receipts that are there after a restart are left alone.
 */
export function openReceiptKeeper(args: {
  ports: ReplayPorts;
  models: ReadonlyMap<string, { readonly contracts: Contracts; readonly labelDelayMs: number }>;
  times: (topics: readonly string[]) => Promise<ReadonlyMap<string, TopicTimes>>;
  windowMs: number;
  log: Log;
}): ReceiptKeeper {
  const { ports, log, windowMs } = args;
  const written = new Map<string, Set<string>>();

  async function writtenOf(model: string): Promise<Set<string>> {
    const known = written.get(model);
    if (known !== undefined) return known;
    const rows = await ports.clickhouse.rows('receipts-of', { model }, RECEIPT);
    const made = new Set(
      rows.filter(({ verdict }) => verdict !== 'insufficient').map(({ version }) => version),
    );
    written.set(model, made);
    return made;
  }

  return {
    async look(model, { accepted }) {
      const followed = args.models.get(model);
      if (followed === undefined || accepted.length === 0) return [];
      const done = await writtenOf(model);
      const open = accepted.filter(({ version }) => !done.has(version));
      if (open.length === 0) return [];
      const { contracts, labelDelayMs } = followed;
      const reached = (await args.times([contracts.labels.topic])).get(contracts.labels.topic)?.reachedMs;
      if (reached === undefined) return [];
      const due = open.filter(
        ({ answersFromMs = Number.POSITIVE_INFINITY, rolledBackMs = Number.POSITIVE_INFINITY }) =>
          reached >= Math.min(answersFromMs + windowMs, rolledBackMs) + labelDelayMs,
      );
      const receipts: ReceiptRow[] = [];
      for (const { version } of due) {
        const [receipt] = await computeReceipts({ ports, contracts, windowMs, only: version });
        done.add(version);
        if (receipt === undefined) continue;
        receipts.push(receipt);
        const { verdict, reason } = receipt;
        log.info({ event: 'receipt.written', model, version, verdict, reason }, 'A release has its receipt');
      }
      return receipts;
    },
  };
}

/** How long after its first answer a release is measured. */
export const RECEIPT_WINDOW_MS = 28 * 86_400_000;
const RECEIPT = z.object({ version: z.string(), verdict: z.string(), labels: count });
