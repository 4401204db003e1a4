import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ChildProcess, startChild } from './child-process.ts';
import { LOOPBACK } from './ports.ts';
import { httpProbe, waitUntilReady } from './wait-until-ready.ts';

interface RegistryArgs {
  readonly java: string;
  /** The unpacked application and the name of its jar in there. */
  readonly application: { readonly directory: string; readonly jar: string };
  /** Temporary files and snapshots only: schemas live in Kafka. */
  readonly directory: string;
  readonly logFile: string;
  readonly port: number;
  readonly broker: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  readonly onStarted: (child: ChildProcess) => void;
}

const GRACE_MS = 4500;
// The first compiler tier is enough for a registry that is asked once per schema, and starts sooner.
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];

/** Where the registry speaks the Confluent protocol. */
export function registryUrl(port: number): string {
  return `http://${LOOPBACK}:${port}/apis/ccompat/v7`;
}

/** Apicurio Registry, which keeps its schemas in a topic of the embedded Kafka. */
export async function startRegistry(args: RegistryArgs): Promise<ChildProcess> {
  const temporary = join(args.directory, 'tmp');
  const snapshots = join(args.directory, 'snapshots');
  for (const directory of [temporary, snapshots]) mkdirSync(directory, { recursive: true });
  const child = await startChild({
    name: 'the schema registry',
    command: args.java,
    args: [
      ...JVM,
      `-Djava.io.tmpdir=${temporary}`,
      '-jar',
      join(args.application.directory, args.application.jar),
    ],
    env: {
      APICURIO_STORAGE_KIND: 'kafkasql',
      APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: args.broker,
      KAFKA_BOOTSTRAP_SERVERS: args.broker,
      QUARKUS_HTTP_HOST: LOOPBACK,
      QUARKUS_HTTP_PORT: String(args.port),
      APICURIO_IMPORT_WORK_DIR: temporary,
      APICURIO_STORAGE_SNAPSHOT_LOCATION: snapshots,
      // At start it waits this long for a snapshot that usually does not exist, and then reads the
      // whole journal. Missing one only means reading more of the journal.
      APICURIO_KAFKASQL_CONSUMER_POLL_TIMEOUT: '1000',
    },
    cwd: args.directory,
    logFile: args.logFile,
    graceMs: GRACE_MS,
  });
  args.onStarted(child);
  const url = registryUrl(args.port);
  await waitUntilReady({
    child,
    what: `answering on ${url}`,
    probe: httpProbe(`${url}/subjects`),
    deadlineMs: args.deadlineMs,
    signal: args.signal,
  });
  return child;
}
