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
import { untilAnswered } from '../runtime/until-answered.ts';
import { type ProcessReport, startProcessServer } from '../server/process-server.ts';
import { crashPoint } from './crash-point.ts';
import {
  LOG_FILE_FLAG,
  loadSettings,
  SETTINGS_FLAGS,
  type Settings,
  type SettingsFlags,
} from './settings.ts';
import {
  abortedBy,
  CODE_VERSION,
  encodersOf,
  openPorts,
  ownerName,
  type Ports,
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
      let report = (): ProcessReport => starting('Nothing has been asked yet.');
      const waiting = {
        clock: systemClock,
        log,
        signal: abortedBy(stopped),
        onWait: (why: string) => {
          report = () => starting(why);
        },
      };
      const port = PROCESS_PORT + settings.portOffset;
      const server = await startProcessServer({ port, report: () => report() });
      shutdown.onClose('health', () => server.stop());
      const { records, contracts, sources } = await untilAnswered({
        what: 'The start',
        attempt: () => prepare(settings, ports),
        ...waiting,
      });
      const encoders = encodersOf({ records, codec, topics: [alerts, retrainRequests] });
      const outbox = await untilAnswered({
        what: 'The outbox',
        attempt: () =>
          openOutbox({
            clickhouse,
            kafka,
            encoders,
            source: '/driftwatch/process',
            exclusive: `driftwatch-process-${settings.config.database}`,
            log,
            ...crash,
          }),
        ...waiting,
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
      const ingest = await untilAnswered({
        what: 'Ingest',
        attempt: () =>
          startIngest({
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
          }),
        ...waiting,
      });
      shutdown.onClose('ingest', () => ingest.stop());
      processing.start(ingest);
      shutdown.onClose('decisions', () => processing.stop());
      const audit = auditAccounting({
        clickhouse,
        topics: sources.map(({ topic }) => topic),
        clock: systemClock,
        log,
      });
      shutdown.onClose('audit', () => audit.stop());
      report = () => ({
        ...ingest.progress(),
        accounting: audit.latest(),
        models: processing.progress(),
      });
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

/** Tables, topics and contracts, created where they are missing; doing it again changes nothing. */
async function prepare(settings: Settings, ports: Pick<Ports, 'kafka' | 'registry' | 'clickhouse'>) {
  const { kafka, registry, clickhouse } = ports;
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
  return { records, contracts, sources };
}

/** Alive and not ready: it waits for a system, and says which. */
function starting(why: string): ProcessReport {
  return {
    live: true,
    ready: false,
    problems: [`Starting. ${why}`],
    waiting: [why],
    partitions: [],
    accounting: undefined,
    models: [],
  };
}
