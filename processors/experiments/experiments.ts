import { beginRollout, moveRollout } from '../../src/core/experiments/rollout.ts';
import { eventId } from '../../src/core/uuid.ts';
import { DriftwatchError, sentence } from '../../src/errors.ts';
import type { Batch, Message } from '../../src/io/kafka/port.ts';
import { type ReleaseRecord, readReleaseRecord } from '../../src/runtime/release-record.ts';
import { versionNumber } from '../train/choose-version.ts';
import { type KnownReleases, NOTHING_RELEASED, takeRecord } from './known-releases.ts';
import type { ExperimentPorts, FollowedModel, TestedModel, TopicTimes } from './ports.ts';
import { noteChange, recordDecision, resumeDecision } from './record-decision.ts';
import { takeLook } from './take-look.ts';
import { trafficRow } from './traffic-row.ts';

export interface RunningExperiments {
  /** Looks at every model now, instead of at the next tick; for tests. Resolves when it has been decided. */
  look(): Promise<void>;
  /** What model-releases says of a model, as far as it has been read. */
  known(model: string): KnownReleases;
  /** Whether this process decides, and has read model-releases to its end. */
  leads(): boolean;
  stop(): Promise<void>;
}

/**
 * Tests accepted versions on live traffic. Follows model-releases from its beginning as the one member of a group that
 * owns it, begins an experiment for the newest version that waits, looks at it again and again, and puts every step,
 * promotion and rollback on model-releases. State is on the topic alone: a successor reads it and goes on. Without a
 * version to test it asks ClickHouse nothing. What a person changed is written to experiment_decisions as well, and who
 * answers after each record to traffic_states, where the view model_aliases reads it.
 */
export async function startExperiments(args: {
  ports: ExperimentPorts;
  models: ReadonlyMap<string, FollowedModel>;
  /** Called at every look with what is known of a model. */
  onLook?: (model: string, known: KnownReleases) => Promise<void>;
  releases: string;
  groupId: string;
  /** Wall time between two looks, milliseconds. */
  everyMs: number;
  sessionTimeoutMs?: number;
}): Promise<RunningExperiments> {
  const { ports, models } = args;
  const { kafka, clock, log } = ports;
  const stopping = new AbortController();
  const states = new Map<string, KnownReleases>();
  const begun = new Map<string, number>();
  /** Numbers of the newest decisions, by experiment, that were looked for in the database, and that were published. */
  const settled = new Map<string, number>();
  const published = new Map<string, number>();
  /** Rows of traffic_states that are not written yet, by offset. */
  const rows = new Map<number, Record<string, unknown>>();
  let leads = false;
  /** Whether what a predecessor left in the outbox is published and marked: it may have ended its experiment with it. */
  let swept = false;
  let end = 0;
  let position = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function onBatch(batch: Batch): Promise<void> {
    for (const message of batch.messages) {
      // A batch that failed half way comes again as a whole: a record counts once.
      if (message.offset < position) continue;
      await take(message);
      position = message.offset + 1;
    }
    if (rows.size > 0) await ports.clickhouse.insert('traffic_states', [...rows.values()]);
    rows.clear();
    position = batch.nextOffset;
  }

  async function take({ value, offset }: Message): Promise<void> {
    const record = await decodeRecord(ports, value, offset);
    if (record === undefined) return;
    const name = record.kind === 'release' ? record.release.model : record.model;
    const model = models.get(name);
    if (model === undefined) return;
    if (record.kind === 'traffic') await note(name, record);
    const rollout = model.test === undefined ? 'at once' : 'tested';
    const known = takeRecord(knownOf(name), record, rollout);
    states.set(name, known);
    const row = trafficRow(known.traffic, record, offset);
    if (row !== undefined) rows.set(offset, row);
  }

  function knownOf(model: string): KnownReleases {
    return states.get(model) ?? NOTHING_RELEASED;
  }

  /** A change that a person made becomes a row as well. */
  async function note(model: string, record: ReleaseRecord & { kind: 'traffic' }): Promise<void> {
    const known = knownOf(model);
    const { id, change, reasons, createdMs } = record;
    const before = known.traffic.champions.at(-1) ?? '';
    const left = before === change.champion ? '' : before;
    const experiment = change.experiment ?? id;
    await noteChange(ports.clickhouse, {
      id,
      model,
      experiment,
      number: known.numbers.get(experiment) ?? 0,
      challenger: known.run?.challenger ?? left,
      change,
      reasons,
      decidedMs: createdMs,
    });
  }

  async function lookAt(name: string, model: TestedModel): Promise<void> {
    const known = knownOf(name);
    const champion = known.traffic.champions.at(-1);
    if (champion === undefined) return;
    const begins = candidate(name, known, champion);
    const { run } = known;
    // What a person split is a person's to end.
    const experiment = known.traffic.experiment ?? begins?.experiment;
    const challenger = known.traffic.experiment === undefined ? begins?.challenger : run?.challenger;
    if (experiment === undefined || challenger === undefined) return;
    if (experiment !== experimentOf(name, challenger)) return;
    const number = known.numbers.get(experiment) ?? 0;
    const about = { model: name, experiment, number };
    if ((settled.get(experiment) ?? -1) < number) {
      const resumed = await resumeDecision(ports, args.releases, about);
      settled.set(experiment, number);
      if (resumed) {
        published.set(experiment, number);
        return;
      }
    } else if ((published.get(experiment) ?? -1) >= number) {
      await ports.outbox.publish();
      return;
    }
    const times = await timesOf(model);
    if (times === undefined) return;
    const fromMs = times.serving.furthestMs + 1;
    const decidedMs = times.labels.reachedMs;
    const look =
      known.traffic.experiment === undefined || run === undefined
        ? undefined
        : await takeLook({
            clickhouse: ports.clickhouse,
            model,
            run,
            nowMs: decidedMs - model.disorderMs,
            begun,
          });
    const { plan } = model;
    const move =
      look === undefined || run === undefined
        ? beginRollout({ plan, experiment, champion, challenger, fromMs })
        : moveRollout({ plan, run, look, fromMs });
    if (move.action === 'wait') return;
    await recordDecision(ports, args.releases, {
      ...about,
      challenger,
      move,
      decidedMs,
      ...(look === undefined ? {} : { look }),
    });
    published.set(experiment, number);
    log.info({ event: 'experiment.decided', ...about, action: move.action, reasons: move.reasons }, DECIDED);
  }

  async function timesOf({
    view,
  }: TestedModel): Promise<{ serving: TopicTimes; labels: TopicTimes } | undefined> {
    const { topics } = view;
    const times = await ports.times([topics.serving, topics.labels]);
    const [serving, labels] = [times.get(topics.serving), times.get(topics.labels)];
    // Before the first label the answers say how far time is.
    return serving === undefined ? undefined : { serving, labels: labels ?? serving };
  }

  function look(): Promise<void> {
    const mine = turn.then(async () => {
      await sweep();
      for (const [name, model] of models) {
        if (stopping.signal.aborted || !leads || position < end) return;
        try {
          if (model.test !== undefined) await lookAt(name, model.test);
          await args.onLook?.(name, knownOf(name));
        } catch (error) {
          log.warn({ event: 'experiment.waiting', model: name, why: sentence(error) }, 'A look failed');
        }
      }
    });
    turn = mine;
    return mine;
  }

  async function sweep(): Promise<void> {
    if (swept || stopping.signal.aborted || !leads || position < end) return;
    try {
      await ports.outbox.publish();
      swept = true;
    } catch (error) {
      log.warn({ event: 'experiment.waiting', why: sentence(error) }, 'The outbox waits');
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look();
      await clock.sleep(args.everyMs, stopping.signal);
    }
  }

  const consumer = await kafka.consume({
    groupId: args.groupId,
    topics: [args.releases],
    fromBeginning: true,
    ...(args.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: args.sessionTimeoutMs }),
    onBatch,
    async onAssigned({ topic, partition }) {
      for (const map of [states, begun, settled, published, rows]) map.clear();
      const mark = (await kafka.watermarks(topic)).find((one) => one.partition === partition);
      [position, end, leads, swept] = [mark?.low ?? 0, mark?.high ?? 0, true, false];
      return position;
    },
    async onRevoked() {
      leads = false;
    },
  });
  const running = run();
  return {
    look,
    known: knownOf,
    leads: () => leads && position >= end,
    async stop() {
      stopping.abort();
      await running;
      await consumer.close();
    },
  };
}

/** The newest accepted version, when it does not answer yet and has not been tested. */
function candidate(
  model: string,
  { newest, ended }: KnownReleases,
  champion: string,
): { challenger: string; experiment: string } | undefined {
  if (newest === undefined || versionNumber(newest) <= versionNumber(champion)) return undefined;
  const experiment = experimentOf(model, newest);
  return ended.has(experiment) ? undefined : { challenger: newest, experiment };
}

/** One experiment per version. */
function experimentOf(model: string, challenger: string): string {
  return eventId('experiment', model, challenger);
}

async function decodeRecord(
  { decode, log }: ExperimentPorts,
  value: Buffer | null,
  offset: number,
): Promise<ReleaseRecord | undefined> {
  if (value === null) return undefined;
  try {
    return readReleaseRecord(await decode(value));
  } catch (error) {
    if (error instanceof DriftwatchError && error.code === 'REGISTRY_UNREACHABLE') throw error;
    log.error({ event: 'experiment.unreadable', offset, why: sentence(error) }, 'A release cannot be read');
    return undefined;
  }
}

const DECIDED = 'A challenger is decided on';
