import { z } from 'zod';
import type { RolloutLook, RolloutMove } from '../../src/core/experiments/rollout.ts';
import type { TrafficAction, TrafficChange } from '../../src/core/experiments/traffic.ts';
import { eventId } from '../../src/core/uuid.ts';
import { instant } from '../../src/io/clickhouse/columns.ts';
import { readReleaseRecord, trafficRecord } from '../../src/runtime/release-record.ts';
import type { ExperimentPorts } from './ports.ts';

/** A decision about a challenger, before it is on model-releases. */
export interface Decided {
  readonly model: string;
  readonly experiment: string;
  /** Decisions of this experiment before it. */
  readonly number: number;
  readonly challenger: string;
  readonly move: Exclude<RolloutMove, { readonly action: 'wait' }>;
  readonly look?: RolloutLook;
  /** Event time that the labels had reached. */
  readonly decidedMs: number;
}

/**
 * Writes a decision and publishes it: the row first, the event second, both under one id made from the experiment and
 * its number, so that whoever comes after a crash publishes what was written and not something else.
 */
export async function recordDecision(
  ports: Pick<ExperimentPorts, 'clickhouse' | 'outbox' | 'onStep'>,
  topic: string,
  decided: Decided,
): Promise<void> {
  const { clickhouse } = ports;
  const written = await writtenDecision(clickhouse, decided);
  if (written === undefined) {
    await clickhouse.insert('experiment_decisions', [rowOf(decided)]);
    await ports.onStep?.('decision-written');
  }
  const { change, reasons } = decided.move;
  await publishDecision(ports, topic, {
    ...decided,
    ...(written ?? { change, reasons, decidedMs: decided.decidedMs }),
  });
}

/** Writes down what a person decided, once it is on model-releases; a decision of an experiment is there already. */
export async function noteChange(
  clickhouse: ExperimentPorts['clickhouse'],
  about: Omit<Decided, 'move' | 'look'> & { readonly id: string } & Omit<Written, 'decidedMs'>,
): Promise<void> {
  const { change, reasons, id, ...rest } = about;
  if (id === idOf(about)) return;
  // A row that is there keeps the time it was written at: what came after it came after it.
  if ((await writtenDecision(clickhouse, about)) !== undefined) return;
  const { action } = change;
  const move = { action, change, reasons };
  await clickhouse.insert('experiment_decisions', [{ ...rowOf({ ...rest, move }), decision_id: id }]);
}

/** Publishes a decision that was written and may not have been published; false when there is none. */
export async function resumeDecision(
  ports: Pick<ExperimentPorts, 'clickhouse' | 'outbox'>,
  topic: string,
  about: Pick<Decided, 'model' | 'experiment' | 'number'>,
): Promise<boolean> {
  const written = await writtenDecision(ports.clickhouse, about);
  if (written === undefined) return false;
  await publishDecision(ports, topic, { ...about, ...written });
  return true;
}

interface Written {
  readonly change: TrafficChange;
  readonly reasons: readonly string[];
  readonly decidedMs: number;
}

async function publishDecision(
  { outbox }: Pick<ExperimentPorts, 'outbox'>,
  topic: string,
  { model, change, reasons, decidedMs, ...about }: Pick<Decided, 'model' | 'experiment' | 'number'> & Written,
): Promise<void> {
  const id = idOf({ model, ...about });
  await outbox.put([
    {
      eventId: id,
      topic,
      key: model,
      type: 'driftwatch.model-release',
      eventTimeMs: decidedMs,
      value: trafficRecord({ id, model, change, createdMs: decidedMs, reasons }),
    },
  ]);
  await outbox.publish();
}

async function writtenDecision(
  clickhouse: ExperimentPorts['clickhouse'],
  { model, experiment, number }: Pick<Decided, 'model' | 'experiment' | 'number'>,
): Promise<Written | undefined> {
  const [row] = await clickhouse.rows('experiment-decision', { model, experiment, number }, WRITTEN);
  if (row === undefined) return undefined;
  const read = readReleaseRecord(z.record(z.string(), z.unknown()).parse(JSON.parse(row.change)));
  if (read?.kind !== 'traffic') return undefined;
  return { change: read.change, reasons: row.reasons, decidedMs: row.decided };
}

function rowOf(
  decided: Omit<Decided, 'move'> & {
    readonly move: Pick<Decided['move'], 'change' | 'reasons'> & { readonly action: TrafficAction };
  },
): Record<string, unknown> {
  const { model, experiment, number, challenger, move, look, decidedMs } = decided;
  const { change, reasons, action } = move;
  const gain = look?.gain.status === 'ok' ? look.gain : undefined;
  const lacks = look?.gain.status === 'insufficient' ? look.gain : undefined;
  const total = change.versions.reduce((sum, { weight }) => sum + weight, 0);
  const own = change.versions.find(({ version }) => version === challenger)?.weight ?? 0;
  const share = change.champion === challenger ? 1 : total > 0 ? own / total : 0;
  const id = idOf(decided);
  return {
    decision_id: id,
    model,
    experiment,
    number,
    action,
    champion: change.champion,
    challenger,
    share,
    decided: new Date(decidedMs).toISOString(),
    reasons,
    gain: gain?.gain ?? null,
    gain_low: gain?.low ?? null,
    gain_high: gain?.high ?? null,
    labels: gain?.n ?? lacks?.have ?? 0,
    need: lacks?.need ?? 0,
    ratio_p: look === undefined || look.ratio.n === 0 ? null : look.ratio.pValue,
    change: JSON.stringify(trafficRecord({ id, model, change, createdMs: decidedMs, reasons })),
  };
}

function idOf({ model, experiment, number }: Pick<Decided, 'model' | 'experiment' | 'number'>): string {
  return eventId('experiment-decision', model, experiment, number);
}

const WRITTEN = z.object({ decided: instant, reasons: z.array(z.string()), change: z.string() });
