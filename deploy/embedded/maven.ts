import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DriftwatchError } from '../../src/errors.ts';
import { HOW_TO_INSTALL } from './java.ts';
import { identify } from './process-identity.ts';
import { runProgram } from './run-program.ts';

/** Where the downloaded Java programs are, and which versions they have. */
export interface JavaPrograms {
  readonly kafka: { readonly version: string; readonly classPath: string };
  readonly registry: { readonly version: string; readonly directory: string; readonly jar: string };
}

interface DownloadContext {
  readonly cache: string;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
}

const POM = fileURLToPath(new URL('pom.xml', import.meta.url));
// Newer versions of this plugin insist on the registry's parent POM, which was never published.
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:2.8';
const PARTIAL = /\.partial-(\d+)$/;

/**
 * Makes sure that the programs named in pom.xml are in the cache and says where. The first call
 * downloads about 150 MB through Maven; later calls touch neither Maven nor the network. A
 * directory gets its final name only when it is complete, so an interrupted download leaves nothing
 * that looks finished. Throws PROGRAM_MISSING without Maven, DOWNLOAD_FAILED, DISK_FULL.
 */
export async function requireJavaPrograms(context: DownloadContext): Promise<JavaPrograms> {
  const kafkaVersion = pomProperty('kafka.version');
  const registryVersion = pomProperty('apicurio.version');
  const kafka = join(context.cache, `kafka-${kafkaVersion}`);
  const registry = join(context.cache, `apicurio-registry-${registryVersion}`);
  if (context.cache.includes(delimiter)) {
    throw new DriftwatchError({
      code: 'CONFIG_INVALID',
      message: `The cache directory ${context.cache} has a "${delimiter}" in its path, which would split Java's class path.`,
      next: 'Choose another directory for the downloads with --cache.',
    });
  }
  await mkdir(context.cache, { recursive: true });
  await removeAbandoned(context.cache);

  await once(kafka, context, `Kafka ${kafkaVersion}`, (partial) =>
    maven(context, [`${PLUGIN}:copy-dependencies`, '-DincludeScope=runtime', `-DoutputDirectory=${partial}`]),
  );
  await once(registry, context, `Apicurio Registry ${registryVersion}`, async (partial) => {
    const archive = join(partial, 'app.tar.gz');
    await maven(context, [
      `${PLUGIN}:get`,
      `-Dartifact=io.apicurio:apicurio-registry-app:${registryVersion}:tar.gz:all`,
      '-Dtransitive=false',
      `-Ddest=${archive}`,
    ]);
    await unpack(archive, partial, context.signal);
    await rm(archive);
  });
  return {
    kafka: { version: kafkaVersion, classPath: join(kafka, '*') },
    registry: {
      version: registryVersion,
      directory: registry,
      jar: `apicurio-registry-app-${registryVersion}-runner.jar`,
    },
  };
}

/** The value of one property of pom.xml, which is where versions are changed. */
export function pomProperty(name: string): string {
  const found = new RegExp(`<${name}>([^<]+)</${name}>`).exec(readFileSync(POM, 'utf8'))?.[1];
  if (found === undefined) {
    throw new DriftwatchError({
      code: 'INVARIANT_BROKEN',
      message: `deploy/embedded/pom.xml does not name ${name}.`,
      next: 'Restore the property.',
    });
  }
  return found;
}

async function once(
  target: string,
  context: DownloadContext,
  name: string,
  fill: (partial: string) => Promise<void>,
): Promise<void> {
  if (existsSync(target)) return;
  context.onProgress(`Downloading ${name} from Maven Central, this once ...`);
  const started = performance.now();
  const partial = `${target}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial);
  try {
    await fill(partial);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // else another process finished the same download first
  }
  context.onProgress(`${name} is in the cache (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}

/** Partial downloads of processes that are gone. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of readdirSync(cache)) {
    const pid = PARTIAL.exec(name)?.[1];
    if (pid !== undefined && identify(Number(pid)) === undefined) {
      await rm(join(cache, name), { recursive: true, force: true });
    }
  }
}

async function maven(context: DownloadContext, goal: readonly string[]): Promise<void> {
  const run = await runProgram({
    command: 'mvn',
    args: ['--batch-mode', '--quiet', '--file', POM, ...goal],
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  if (run === undefined) {
    throw new DriftwatchError({
      code: 'PROGRAM_MISSING',
      message:
        'The first start downloads Kafka and the schema registry through Maven, and there is no mvn on the PATH.',
      next: HOW_TO_INSTALL,
    });
  }
  if (run.status === 0) return;
  throw new DriftwatchError({
    code: /no space left/i.test(run.output) ? 'DISK_FULL' : 'DOWNLOAD_FAILED',
    message: `The download through Maven failed: ${firstError(run.output)}`,
    next: `The first start needs the network or a Maven mirror (settings.xml), or a copy of another machine's cache directory at ${context.cache}. Later starts work offline.`,
  });
}

function firstError(output: string): string {
  // Maven colours even its batch output on some systems.
  const plain = output.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
  const line = plain.split('\n').find((text) => text.includes('[ERROR]')) ?? plain.trim().split('\n').at(-1);
  const text =
    line
      ?.replace('[ERROR]', '')
      .replace(/ -> \[Help \d+\]/, '')
      .trim() ?? '';
  return text === '' ? 'it gave no reason.' : text.replace(/([^.!])$/, '$1.');
}

async function unpack(archive: string, into: string, signal: AbortSignal | undefined): Promise<void> {
  const run = await runProgram({
    command: 'tar',
    args: ['-xzf', archive, '-C', into, '--no-same-owner'],
    ...(signal === undefined ? {} : { signal }),
  });
  if (run?.status === 0) return;
  throw new DriftwatchError({
    code: run === undefined ? 'PROGRAM_MISSING' : 'DOWNLOAD_FAILED',
    message: `The schema registry could not be unpacked: ${run?.output.trim() ?? 'there is no tar on the PATH'}.`,
    next: run === undefined ? 'Install tar.' : 'Make room on the disk and start again.',
  });
}
