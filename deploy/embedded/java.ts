import { join } from 'node:path';
import { DriftwatchError } from '../../src/errors.ts';
import { runProgram } from './run-program.ts';

/** Kafka 4 and Apicurio 3.0 are compiled for it. */
export const OLDEST_JAVA = 17;

export const HOW_TO_INSTALL =
  'On Debian or Ubuntu: apt-get install -y openjdk-17-jre-headless maven. Or point KAFKA_BROKERS, SCHEMA_REGISTRY_URL and CLICKHOUSE_URL at systems that run elsewhere.';

/**
 * The java command to use: the one in `javaHome`, else the one on the PATH.
 * Throws PROGRAM_MISSING when there is none or it is older than 17.
 */
export async function requireJava(javaHome?: string): Promise<string> {
  const command = javaHome === undefined ? 'java' : join(javaHome, 'bin', 'java');
  const where = javaHome === undefined ? 'on the PATH' : `at ${command} (from JAVA_HOME)`;
  const run = await runProgram({ command, args: ['-version'] });
  if (run === undefined) {
    throw new DriftwatchError({
      code: 'PROGRAM_MISSING',
      message: `Kafka and the schema registry need Java ${OLDEST_JAVA} or newer, and there is no java ${where}.`,
      next: HOW_TO_INSTALL,
    });
  }
  const version = javaVersion(run.output);
  if (version === undefined || version < OLDEST_JAVA) {
    const found = version === undefined ? 'says nothing that reads as a version' : `is Java ${version}`;
    throw new DriftwatchError({
      code: 'PROGRAM_MISSING',
      message: `Kafka and the schema registry need Java ${OLDEST_JAVA} or newer, but the java ${where} ${found}.`,
      next: HOW_TO_INSTALL,
    });
  }
  return command;
}

/** Feature version out of `java -version`: 17 from "17.0.15", 8 from "1.8.0_392". */
export function javaVersion(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (first === undefined) return undefined;
  return first === '1' && second !== undefined ? Number(second) : Number(first);
}
