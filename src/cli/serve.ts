import { buildCommand, type CommandContext } from '@stricli/core';
import { modelReleases, modelTopic, shadowPredictions } from '../../topics/index.ts';
import type { Topic } from '../../topics/topic.ts';
import { isTested } from '../config.ts';
import { parseContract } from '../core/contract/parse-contract.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { openModelStore } from '../io/files/model-store.ts';
import { openScorer } from '../io/onnx-runtime/open-scorer.ts';
import type { Registry } from '../io/registry/registry.ts';
import { systemClock } from '../runtime/clock.ts';
import { untilAnswered } from '../runtime/until-answered.ts';
import type { ServedModel } from '../server/model-server/prediction-records.ts';
import { type RecordTopic, startModelServer } from '../server/model-server/start-model-server.ts';
import { LOG_FILE_FLAG, loadSettings, SETTINGS_FLAGS, type SettingsFlags, wholeNumber } from './settings.ts';
import { verifyingKey } from './signing-keys.ts';
import {
  abortedBy,
  CODE_VERSION,
  openPorts,
  prepareSystemTopics,
  recordOf,
  SERVER_PORT,
  untilSignal,
} from './wire.ts';

interface ServeFlags extends SettingsFlags {
  readonly logFile?: string;
  readonly port?: number;
}

/** `driftwatch serve`: scores with the newest accepted version and logs every prediction. */
export const command = buildCommand<ServeFlags, [], CommandContext>({
  docs: {
    brief: 'Serve the released models over HTTP and log every prediction',
    fullDescription: [
      'Runs the model server on 127.0.0.1 in the foreground until Ctrl-C or SIGTERM. It follows',
      'model-releases, checks every accepted version (sha256, file, a trial in a child process), swaps it in',
      'without failing a request, and keeps the three newest versions loaded. What model-releases says of who',
      'answers holds for every server and after a restart: splits, shadows, rollbacks.',
      '',
      'POST /v1/models/MODEL/score and /score-batch score examples and log them to serving.MODEL;',
      '/v2 speaks the Open Inference Protocol; /openapi.json describes everything, /metrics counts it.',
      '',
      'KAFKA_BROKERS and SCHEMA_REGISTRY_URL name outside systems; without them the embedded stack of --home',
      'is used. DRIFTWATCH_STORE is where models are.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...SETTINGS_FLAGS,
      logFile: LOG_FILE_FLAG,
      port: {
        kind: 'parsed',
        parse: wholeNumber,
        brief: `Port to listen on, else ${SERVER_PORT} shifted by --port-offset`,
        placeholder: 'number',
        optional: true,
      },
    },
  },
  func: runServe,
});

async function runServe(this: CommandContext, flags: ServeFlags): Promise<Error | undefined> {
  const stopped = untilSignal();
  try {
    const settings = loadSettings(flags);
    const ports = openPorts({
      settings,
      name: 'serve',
      ...(flags.logFile === undefined ? {} : { logFile: flags.logFile }),
    });
    const { kafka, registry, codec, log, shutdown } = ports;
    try {
      const records = await untilAnswered({
        what: 'The start',
        attempt: () => prepareSystemTopics({ kafka, registry }),
        clock: systemClock,
        log,
        signal: abortedBy(stopped),
      });
      const recordTopic = (topic: Topic): RecordTopic => {
        const { schemaId, definition } = recordOf(records, topic.name);
        return { topic: topic.name, encode: (value) => codec.encode(schemaId, definition, value) };
      };
      const models: ServedModel[] = [];
      for (const model of Object.keys(settings.config.models))
        models.push(await servedModel(registry, model));
      const server = await startModelServer({
        port: flags.port ?? SERVER_PORT + settings.portOffset,
        kafka,
        codec,
        store: openModelStore({ directory: settings.store, verifyingKey: verifyingKey() }),
        openScorer,
        models,
        releases: recordTopic(modelReleases),
        shadows: recordTopic(shadowPredictions),
        rollouts: new Map(
          Object.entries(settings.config.models).map(([model, config]) => [
            model,
            isTested(config) ? 'tested' : 'at once',
          ]),
        ),
        log,
        codeVersion: CODE_VERSION,
      });
      shutdown.onClose('model server', () => server.stop());
      log.info({ event: 'ready', url: server.url }, 'The model server is up');
      await Promise.race([stopped, server.ready.then(() => stopped)]);
      return undefined;
    } finally {
      await shutdown.close();
    }
  } catch (error) {
    return new Error(sentence(error));
  }
}

/** The newest schema under the serving subject that names roles, and its contract. Throws CONTRACT_INVALID. */
async function servedModel(registry: Registry, model: string): Promise<ServedModel> {
  const { subject, name: topic } = modelTopic({ model, stream: 'serving', partitions: 1 });
  for (const id of (await registry.idsOf(subject)).toReversed()) {
    const schema = await registry.byId(id);
    if (schema.status === 'unreachable') {
      throw new DriftwatchError({
        code: 'REGISTRY_UNREACHABLE',
        message: schema.why,
        next: 'Check SCHEMA_REGISTRY_URL and that the registry is up.',
      });
    }
    if (schema.status === 'unknown') continue;
    const { definition } = schema;
    const parsed = parseContract({ model, stream: 'serving', topic, subject, definition });
    if (parsed.status === 'ok') return { contract: parsed.contract, definition, schemaId: id };
  }
  throw new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `No schema under ${subject} is a contract that ${model} could be served by.`,
    next: 'Register the Avro schema of the serving records, with roles on its fields.',
  });
}
