import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Rollout } from '../../core/experiments/traffic.ts';
import { eventId } from '../../core/uuid.ts';
import { DriftwatchError, sentence } from '../../errors.ts';
import type { ModelStore } from '../../io/files/model-store.ts';
import type { Kafka } from '../../io/kafka/port.ts';
import type { OpenScorerArgs } from '../../io/onnx-runtime/open-scorer.ts';
import type { Scorer } from '../../io/onnx-runtime/scorer.ts';
import type { Codec } from '../../io/registry/codec.ts';
import type { Log } from '../../runtime/log.ts';
import { type Release, trafficRecord } from '../../runtime/release-record.ts';
import { modelServerApp } from './app.ts';
import { followReleases } from './follow-releases.ts';
import { loadRelease } from './load-release.ts';
import { createLoadedVersions, type LoadedVersions } from './loaded-versions.ts';
import { createMetrics } from './metrics.ts';
import { openPredictionLog } from './prediction-log.ts';
import type { ServedModel } from './prediction-records.ts';
import { createReleaseCatalogue } from './release-catalogue.ts';
import type { Served } from './served.ts';
import { openShadowScoring } from './shadow-scoring.ts';
import { createTrafficControl } from './traffic-control.ts';

/** A topic of ours with the encoder of its records. */
export interface RecordTopic {
  readonly topic: string;
  readonly encode: (value: Record<string, unknown>) => Buffer;
}

export interface ModelServer {
  readonly url: string;
  /** Version of a model that answers by default now. */
  version(model: string): string | undefined;
  /** Resolves when the releases that the topic held at the start have been dealt with. */
  readonly ready: Promise<void>;
  /** Answers what is under way, sends what is queued (5 s at most), and closes. */
  stop(): Promise<void>;
}

/**
 * Serves each model on 127.0.0.1 as model-releases says, and takes in releases as they come. Starts
 * without a version: requests get 503 until one is loaded. Throws PORT_IN_USE, and what the ports throw when
 * their systems are away.
 */
export async function startModelServer(args: {
  /** 0 takes a free one. */
  port: number;
  kafka: Kafka;
  codec: Codec;
  store: Pick<ModelStore, 'readVersion'>;
  openScorer: (args: OpenScorerArgs) => Promise<Scorer>;
  models: readonly ServedModel[];
  /** Topic of the releases, and how a change of traffic is written to it. */
  releases: RecordTopic;
  /** Topic of what shadow versions would have answered. */
  shadows: RecordTopic;
  /** Models whose accepted versions wait for an experiment; the others answer at once. */
  rollouts?: ReadonlyMap<string, Rollout>;
  log: Log;
  codeVersion: string;
  /** Versions of a model that stay loaded. */
  keep?: number;
  /** Predictions that may wait for the broker. */
  queueLimit?: number;
}): Promise<ModelServer> {
  const { kafka, codec, log } = args;
  const keep = args.keep ?? 3;
  const metrics = createMetrics();
  const models = new Map<string, Served>();
  for (const served of args.models) {
    const { schemaId, definition } = served;
    models.set(served.contract.model, {
      ...served,
      versions: createLoadedVersions({ keep, onError: logClosing(log) }),
      encode: (value) => codec.encode(schemaId, definition, value),
    });
  }
  const versions = new Map<string, LoadedVersions>([...models].map(([model, one]) => [model, one.versions]));

  async function load(release: Release): Promise<'loaded' | 'refused'> {
    const served = models.get(release.model);
    if (served === undefined) return 'refused';
    const about = { model: release.model, version: release.version };
    const { store, openScorer } = args;
    const answer = await loadRelease({ store, openScorer, release, contract: served.contract }).catch(
      (error: unknown) => ({
        status: 'refused' as const,
        why: sentence(error),
      }),
    );
    if (answer.status === 'refused') {
      const serving = served.versions.current() ?? null;
      log.error({ event: 'serve.refused', ...about, why: answer.why, serving }, 'A release is refused');
      return 'refused';
    }
    served.versions.add(release.version, release.number, answer.scorer);
    log.info({ event: 'serve.loaded', ...about, serving: served.versions.current() }, 'A release is loaded');
    return 'loaded';
  }

  const producer = await kafka.producer();
  const predictions = openPredictionLog({
    producer,
    metrics,
    log,
    ...(args.queueLimit === undefined ? {} : { limit: args.queueLimit }),
  });
  const traffic = createTrafficControl({
    versions,
    rollouts: args.rollouts ?? new Map(),
    keepBefore: keep > 1,
  });
  const catalogue = createReleaseCatalogue({ versions, traffic, load, keep, metrics, log });
  const shadow = openShadowScoring({ ...args.shadows, producer: () => kafka.producer(), metrics, log });
  const app = modelServerApp({
    models,
    predictions,
    shadow,
    traffic,
    ensure: (model, version) => catalogue.ensure(model, version),
    async record(model, change, reasons) {
      const createdMs = Date.now();
      const id = eventId('traffic', model, JSON.stringify(change), createdMs);
      const value = args.releases.encode(trafficRecord({ id, model, change, createdMs, reasons }));
      const headers = {
        ce_specversion: '1.0',
        ce_id: id,
        ce_source: '/driftwatch/serve',
        ce_type: RELEASE_TYPE,
      };
      await producer.send([{ topic: args.releases.topic, key: model, value, headers }]);
    },
    metrics,
    log,
    codeVersion: args.codeVersion,
  });
  const { server, port } = await listen(app.fetch, args.port).catch(async (error: unknown) => {
    await producer.close();
    throw error;
  });
  const follower = await followReleases({
    kafka,
    topic: args.releases.topic,
    decode: (payload) => codec.decode(payload),
    catalogue,
    log,
  });
  return {
    url: `http://127.0.0.1:${port}`,
    version: (model) => versions.get(model)?.current(),
    ready: follower.ready,
    async stop() {
      await follower.close();
      await closeServer(server);
      await Promise.all([predictions.close(DRAIN_MS), shadow.close(DRAIN_MS)]);
      await producer.close();
      await Promise.all([...versions.values()].map((one) => one.close()));
    },
  };
}

function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
): Promise<{ server: Server; port: number }> {
  const listener = getRequestListener(fetch);
  const server = createServer((request, response) => void listener(request, response));
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error): void => reject(cannotListen(port, cause));
    server.once('error', refuse);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', refuse);
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address !== null ? address.port : port });
    });
  });
}

function cannotListen(port: number, cause: Error): DriftwatchError {
  const taken = 'code' in cause && cause.code === 'EADDRINUSE';
  return new DriftwatchError({
    code: taken ? 'PORT_IN_USE' : 'CONFIG_INVALID',
    message: taken
      ? `The port ${port} of the model server is in use.`
      : `The model server cannot listen on port ${port}: ${cause.message}.`,
    next: 'Stop the program that has it, or choose another port.',
    cause,
  });
}

/** Lets answers under way finish, and closes connections that wait for the next request. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    const force = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.once('close', () => clearTimeout(force));
  });
}

function logClosing(log: Log): (error: unknown) => void {
  return (error) => log.warn({ event: 'serve.close-failed', error }, 'A version could not be closed');
}

const DRAIN_MS = 5_000;
const RELEASE_TYPE = 'driftwatch.model-release';
