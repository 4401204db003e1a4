import { buildCommand, type CommandContext } from '@stricli/core';
import { auditAccounting } from '../../processors/ingest/audit-accounting.ts';
import { startIngest } from '../../processors/ingest/ingest.ts';
import { loadContracts } from '../../processors/load-contracts.ts';
import { processModels } from '../../processors/process-models.ts';
import { alerts, deadLetters, retrainRequests } from '../../topics/index.ts';
import { STREAMS } from '../core/contract/contract.ts';
import { sentence } from '../errors.ts';
import { ensureRawTable } from '../io/clickhouse/ensure-raw-table.ts';
import { groupCommit } from '../io/clickhouse/group-commit.ts';
import { systemClock } from '../runtime/clock.ts';
import { openOutbox } from '../runtime/outbox.ts';
import { startProcessServer } from '../server/process-server.ts';
import { crashPoint } from './crash-point.ts';
import { LOG_FILE_FLAG, loadSettings, SETTINGS_FLAGS, type SettingsFlags } from './settings.ts';
import {
  CODE_VERSION,
  encodersOf,
  openPorts,
  ownerName,
  PROCESS_PORT,
  prepareDatabase,
  prepareSystemTopics,
  recordOf,
  untilSignal,
} from './wire.ts';

/** `driftwatch process`: from records to verdicts, incidents and retrain requests. */
export const command = buildCommand<SettingsFlags & { logFile?: string }, [], CommandContext>({
  docs: {
    brief: 'Ingest records, compute panes, decide, open incidents, ask for retraining',
    fullDescription: [
      'Runs the processors in the foreground until Ctrl-C or SIGTERM. Several may run at once: the consumer',
      'group spreads the partitions, and a processor that dies leaves nothing lost and nothing doubled.',
      '',
      'KAFKA_BROKERS, SCHEMA_REGISTRY_URL, CLICKHOUSE_URL, CLICKHOUSE_USER and CLICKHOUSE_PASSWORD (or',
      'CLICKHOUSE_PASSWORD_FILE) name outside systems; without them the embedded stack of --home is used.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...SETTINGS_FLAGS,
      logFile: LOG_FILE_FLAG,
    },
  },
  func: runProcess,
});

async function runProcess(
  this: CommandContext,
  flags: SettingsFlags & { logFile?: string },
): Promise<Error | undefined> {
  const stopped = untilSignal();
  const crash = crashPoint(process.env['DRIFTWATCH_CRASH_AT']);
  try {
    const settings = loadSettings(flags);
    const ports = openPorts({
      settings,
      name: 'process',
      ...(flags.logFile === undefined ? {} : { logFile: flags.logFile }),
    });
    const { kafka, registry, codec, clickhouse, log, shutdown } = ports;
    try {
      await prepareDatabase(settings, clickhouse);
      const records = await prepareSystemTopics({ kafka, registry });
      const contracts = new Map(
        await Promise.all(
          Object.keys(settings.config.models).map(
            async (model) => [model, await loadContracts({ registry, model })] as const,
          ),
        ),
      );
      const sources = [...contracts.values()].flatMap((three) => STREAMS.map((stream) => three[stream]));
      for (const contract of sources) await ensureRawTable({ clickhouse, contract });
      const encoders = encodersOf({ records, codec, topics: [alerts, retrainRequests] });
      const outbox = await openOutbox({
        clickhouse,
        kafka,
        encoders,
        source: '/driftwatch/process',
        exclusive: `driftwatch-process-${settings.config.database}`,
        log,
        ...crash,
      });
      shutdown.onClose('outbox', () => outbox.close());
      const owner = ownerName('process');
      const processing = processModels({
        clickhouse,
        kafka,
        outbox,
        config: settings.config,
        contracts,
        origin: { configHash: settings.configHash, codeVersion: CODE_VERSION },
        owner,
        clock: systemClock,
        log,
        ...crash,
      });
      const ingest = await startIngest({
        kafka,
        registry,
        clickhouse: groupCommit(clickhouse, ['ledger']),
        deadLetterCodec: { ...recordOf(records, deadLetters.name), encode: codec.encode },
        sources: sources.map((contract) => ({ contract, topic: contract.topic })),
        owner,
        groupId: `driftwatch-${settings.config.database}`,
        limits: {
          maxFutureMs: settings.config.max_future,
          sessionTimeoutMs: settings.config.session_timeout,
        },
        clock: systemClock,
        log,
        onStored: (event) => processing.stored(event),
        ...crash,
      });
      shutdown.onClose('ingest', () => ingest.stop());
      processing.start(ingest);
      shutdown.onClose('decisions', () => processing.stop());
      const port = PROCESS_PORT + settings.portOffset;
      const audit = auditAccounting({
        clickhouse,
        topics: sources.map(({ topic }) => topic),
        clock: systemClock,
        log,
      });
      shutdown.onClose('audit', () => audit.stop());
      const report = () => ({
        ...ingest.progress(),
        accounting: audit.latest(),
        models: processing.progress(),
      });
      const server = await startProcessServer({ port, report });
      shutdown.onClose('health', () => server.stop());
      log.info({ event: 'ready', url: server.url }, 'Processors are up');
      await stopped;
      return undefined;
    } finally {
      await shutdown.close();
    }
  } catch (error) {
    return new Error(sentence(error));
  }
}
