import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { AvroDefinition } from '../../src/core/avro/definition.ts';
import {
  END_HOUR,
  FAULTY_SCHEMAS,
  HOUR,
  START,
  TOY_SCHEMAS,
  type ToyRow,
  TRAINING_HOURS,
  toyRows,
  within,
} from '../../src/core/evaluation/toy/toy-rows.ts';
import { binCalibration } from '../../src/core/performance/bin-calibration.ts';
import { eventId } from '../../src/core/uuid.ts';
import { openClickHouse } from '../../src/io/clickhouse/client.ts';
import { createDatabase, migrate } from '../../src/io/clickhouse/migrate.ts';
import { openKafka } from '../../src/io/kafka/kafka.ts';
import { openCodec } from '../../src/io/registry/codec.ts';
import { openRegistry } from '../../src/io/registry/registry.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { modelTopic, retrainRequests } from '../../topics/index.ts';
import { until } from './until.ts';

/** Where a toy loop runs: the shared stack or one of its own. */
export interface Systems {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly clickhouse: { readonly url: string; readonly username: string; readonly password: string };
}

/** A database, topics and contracts of one test's own, with the toy model's records on the topics. */
export async function openToyLoop(args: {
  systems: Systems;
  name: string;
  after: (clean: () => Promise<void>) => void;
  /** Environment of the processors. */
  env: NodeJS.ProcessEnv;
  /** A port offset at which a processor's health endpoint is free. */
  freeOffset: () => Promise<number>;
  /** Lines of the configuration; quiet partitions hold time back for two seconds unless it says otherwise. */
  settings?: string;
  /** Lines of the model's stanza beside the usual ones, each indented by four. */
  modelSettings?: string;
  /** More of the retrain policy, in YAML; each of them ends with a comma. */
  retrain?: string;
  endHour?: number;
}) {
  const { systems, name, after } = args;
  const home = mkdtempSync(join(tmpdir(), 'driftwatch-toy-'));
  const config = join(home, 'driftwatch.yaml');
  writeFileSync(config, configText(args));
  const kafka = openKafka({ brokers: systems.brokers, clientId: 'toy', log: silentLog });
  const registry = openRegistry({ url: systems.registryUrl });
  const codec = openCodec({ registry });
  await createDatabase({ ...systems.clickhouse, database: name });
  const clickhouse = openClickHouse({ ...systems.clickhouse, database: name });
  await migrate({ clickhouse });
  after(async () => {
    await kafka.close();
    await clickhouse.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });
  const topics = {
    training: modelTopic({ model: name, stream: 'training', partitions: 2 }),
    serving: modelTopic({ model: name, stream: 'serving', partitions: 2 }),
    labels: modelTopic({ model: name, stream: 'labels', partitions: 2 }),
  };
  await kafka.createTopics(Object.values(topics));
  const register = (
    subject: string,
    definition: AvroDefinition,
    compatibility: 'BACKWARD' | 'NONE' = 'BACKWARD',
  ) => registry.register({ subject, definition, compatibility });
  const ids = {
    training: await register(topics.training.subject, TOY_SCHEMAS.training),
    serving: await register(topics.serving.subject, TOY_SCHEMAS.serving),
    labels: await register(topics.labels.subject, TOY_SCHEMAS.labels),
    missing: await register(topics.serving.subject, FAULTY_SCHEMAS.missing),
    text: await register(`${name}-edge-value`, FAULTY_SCHEMAS.text, 'NONE'),
  };
  const producer = await kafka.producer();
  after(() => producer.close());

  /** Logs the rows of some hours, in order. */
  async function log(rows: readonly ToyRow[]): Promise<number> {
    const messages: { topic: string; key: string; value: Buffer }[] = [];
    for (const row of rows) {
      const { id, eventTimeMs, x, z: size, c, g, y, p } = row;
      const features = { x, z: size, c, g };
      const at = { id, event_time: eventTimeMs };
      messages.push({
        topic: topics.training.name,
        key: id,
        value: codec.encode(ids.training, TOY_SCHEMAS.training, { ...at, ...features, y }),
      });
      if (row.hour < TRAINING_HOURS) continue;
      messages.push({
        topic: topics.serving.name,
        key: id,
        value: servingValue(row, { prediction: p, model_version: 'v1' }),
      });
      const labelled = { id, event_time: eventTimeMs + HOUR / 2, y };
      messages.push({
        topic: topics.labels.name,
        key: id,
        value: codec.encode(ids.labels, TOY_SCHEMAS.labels, labelled),
      });
    }
    for (let at = 0; at < messages.length; at += 3_000) await producer.send(messages.slice(at, at + 3_000));
    return messages.length;
  }

  function servingValue(row: ToyRow, own: { prediction: number; model_version: string }): Buffer {
    const { id, eventTimeMs, x, z: size, c, g, hour } = row;
    const seen = within(hour, 'unit') && g === 'b' ? x * 100 : x;
    const value = { id, event_time: eventTimeMs, x: seen, z: size, c, g, ...own };
    const index = Number(id.split('-')[1]);
    if (within(hour, 'missing') && index % 4 === 0) {
      const { c: _gone, ...rest } = value;
      return codec.encode(ids.missing, FAULTY_SCHEMAS.missing, rest);
    }
    if (within(hour, 'text') && index % 10 === 0) {
      return codec.encode(ids.text, FAULTY_SCHEMAS.text, { ...value, z: `${size} mm` });
    }
    return codec.encode(ids.serving, TOY_SCHEMAS.serving, value);
  }

  /** Registers v1 as trained on the rows of the training hours, once they are stored. */
  async function registerVersion(rows: readonly ToyRow[]): Promise<void> {
    const marks = await kafka.watermarks(topics.training.name);
    const losses = rows
      .filter((row) => row.hour < TRAINING_HOURS)
      .map((row) => -Math.log(row.y === 1 ? row.p : 1 - row.p));
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    await clickhouse.insert('model_versions', [
      {
        model: name,
        version: 'v1',
        request_id: '00000000-0000-4000-8000-000000000001',
        status: 'accepted',
        reasons: [],
        parent: '',
        created: new Date(START + TRAINING_HOURS * HOUR).toISOString(),
        sha256: '',
        uri: '',
        snapshot_sha256: '',
        snapshot_rows: losses.length,
        window_start: new Date(START).toISOString(),
        window_end: new Date(START + TRAINING_HOURS * HOUR).toISOString(),
        topic: topics.training.name,
        partitions: marks.map(({ partition }) => partition),
        first_offsets: marks.map(({ low }) => low),
        end_offsets: marks.map(({ high }) => high),
        log_loss_before: null,
        log_loss_after: mean,
        validation_rows: losses.length,
        baseline_log_loss: mean,
        baseline_log_loss_sd: 0.5,
        config: '{}',
        metrics: JSON.stringify({ calibration: binCalibration(trainedOn(rows)) }),
      },
    ]);
  }

  /** Environment in which a command of driftwatch finds these systems. */
  const env = {
    ...args.env,
    KAFKA_BROKERS: systems.brokers.join(','),
    SCHEMA_REGISTRY_URL: systems.registryUrl,
    CLICKHOUSE_URL: systems.clickhouse.url,
    CLICKHOUSE_USER: systems.clickhouse.username,
    CLICKHOUSE_PASSWORD: systems.clickhouse.password,
  };

  /** Asks for a training on the training hours, as a person would. */
  async function askForTraining(nth: number): Promise<void> {
    const schema = await registry.latest(retrainRequests.subject);
    if (schema === undefined) throw new Error('No processor has registered the records yet.');
    const requestId = eventId('retrain-request', name, nth);
    const value = codec.encode(schema.id, schema.definition, {
      request_id: requestId,
      model: name,
      incident_id: null,
      cause: `asked for the ${nth}. time`,
      requested: START + TRAINING_HOURS * HOUR + nth * MINUTE,
      train_from: START,
      train_until: START + TRAINING_HOURS * HOUR,
    });
    await producer.send([
      { topic: retrainRequests.name, key: requestId, value, headers: { ce_id: requestId } },
    ]);
  }

  /** Records about this model on one of driftwatch's own topics, each with its id. */
  async function events(topic: string): Promise<LoopEvent[]> {
    const found: LoopEvent[] = [];
    const follower = await kafka.follow({
      topic,
      async onMessage({ value, headers }) {
        if (value === null) return;
        const record = await codec.decode(value);
        if (record['model'] === name) found.push({ id: headers['ce_id'] ?? '', value: record });
      },
    });
    try {
      await follower.caughtUp;
    } finally {
      await follower.close();
    }
    return found;
  }

  /** Starts `driftwatch process` on this loop, as a user would; or behind proxies, or to be killed at a step. */
  async function startProcessor(how: Start = {}): Promise<Processor> {
    const offset = await args.freeOffset();
    return { ...start('process', offset, how), url: `http://127.0.0.1:${8086 + offset}` };
  }

  /** Starts `driftwatch train` on this loop. */
  function startTrainer(how: Start = {}): Program {
    return start('train', 0, how);
  }

  function start(command: 'process' | 'train', offset: number, how: Start): Program {
    const log = openSync(join(home, `${command}.log`), 'a');
    const child = spawn(
      process.execPath,
      [MAIN, command, '--home', home, '--config', config, '--port-offset', String(offset)],
      {
        env: {
          ...env,
          NODE_COMPILE_CACHE: join(tmpdir(), 'driftwatch-compile-cache'),
          KAFKA_BROKERS: how.broker ?? env.KAFKA_BROKERS,
          CLICKHOUSE_URL: how.clickhouseUrl ?? env.CLICKHOUSE_URL,
          DRIFTWATCH_CRASH_AT: how.crashAt ?? '',
        },
        stdio: ['ignore', 'pipe', log],
      },
    );
    closeSync(log);
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-200);
    });
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    children.add(child);
    void exited.then(() => children.delete(child));
    after(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    return { child, exited, killedAt: () => /killed at (\S+)/.exec(said)?.[1] };
  }

  /** Waits until everything on the topics is stored and judged by this processor. */
  async function settled(processor: Processor, deadlineMs = 150_000): Promise<void> {
    const highs = new Map<string, number>();
    for (const { name: topic } of Object.values(topics)) {
      for (const { partition, high } of await kafka.watermarks(topic))
        highs.set(`${topic}/${partition}`, high);
    }
    let seen: unknown;
    try {
      await until('the processor to have judged everything', () => isSettled(processor), deadlineMs);
    } catch (cause) {
      const state = JSON.stringify(seen);
      throw new Error(`${String(cause)}\nprogress: ${state}\nlog: ${lastWords(home)}`, { cause });
    }

    async function isSettled({ child, url }: Processor): Promise<boolean> {
      if (child.exitCode !== null) throw new Error(`the processor ended with ${child.exitCode}`);
      seen = await fetch(`${url}/progress`).then(
        (response) => response.json(),
        () => undefined,
      );
      const read = PROGRESS.safeParse(seen);
      if (!read.success) return false;
      const floors = new Map(read.data.partitions.map((one) => [`${one.topic}/${one.partition}`, one.floor]));
      return (
        [...highs].every(([key, high]) => (floors.get(key) ?? 0) >= high) &&
        read.data.models.every(({ idle }) => idle)
      );
    }
  }

  return {
    name,
    home,
    env,
    clickhouse,
    kafka,
    topics,
    ids,
    producer,
    rows: toyRows(1, args.endHour ?? END_HOUR),
    log,
    registerVersion,
    askForTraining,
    events,
    startProcessor,
    startTrainer,
    settled,
  };
}

/** A record on one of driftwatch's own topics. */
export interface LoopEvent {
  readonly id: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export type ToyLoop = Awaited<ReturnType<typeof openToyLoop>>;

export interface Program {
  readonly child: ChildProcess;
  /** Resolves when it is gone and has said its last. */
  readonly exited: Promise<void>;
  /** The labelled step at which it killed itself, as it was told to. */
  killedAt(): string | undefined;
}

export interface Processor extends Program {
  readonly url: string;
}

export interface Start {
  readonly broker?: string;
  readonly clickhouseUrl?: string;
  readonly crashAt?: string;
}

function configText(args: {
  name: string;
  settings?: string;
  modelSettings?: string;
  retrain?: string;
}): string {
  const { name, settings = 'idle_after: 2s', modelSettings = '', retrain = '' } = args;
  return `
database: ${name}
${settings}
models:
  ${name}:
    partitions: 2
    segments: [g]
    pane: 1h
    season: none
    label_delay: 2h
    trailing: 20
    minimum_rows: 50
    minimum_windows: 12
    close_after: 4
    group_within: 3h
    retrain: { ${retrain}validation: 12h, minimum_rows: 1000 }
${modelSettings}
`;
}

/** Processors that run now: none outlives this process. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** The end of a program's log, for a failure's message. */
export function lastWords(home: string, program: 'process' | 'train' = 'process'): string {
  return readFileSync(join(home, `${program}.log`), 'utf8').slice(-2_000);
}

const MINUTE = 60_000;
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PROGRESS = z.object({
  partitions: z.array(z.object({ topic: z.string(), partition: z.number(), floor: z.number() })),
  models: z.array(z.object({ idle: z.boolean() })),
});

/** What v1 would have answered to the rows it is trained on, and what they were. */
function trainedOn(rows: readonly ToyRow[]): { predictions: number[]; labels: number[] } {
  const trained = rows.filter(({ hour }) => hour < TRAINING_HOURS);
  return { predictions: trained.map(({ p }) => p), labels: trained.map(({ y }) => y) };
}
