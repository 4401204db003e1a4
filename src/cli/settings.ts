import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { type Config, parseConfig } from '../config.ts';
import { DriftwatchError } from '../errors.ts';

/** Where everything is: from the environment, or the embedded stack of the home directory. */
export interface Settings {
  readonly home: string;
  readonly portOffset: number;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly clickhouse: { readonly url: string; readonly username?: string; readonly password?: string };
  readonly config: Config;
  /** Hash of the configuration, carried by every verdict. */
  readonly configHash: string;
  /** Directory of models and snapshots. */
  readonly store: string;
  readonly logs: string;
}

export interface SettingsFlags {
  readonly home: string;
  readonly portOffset: number;
  readonly config?: string;
}

/** Reads flags, environment and driftwatch.yaml. Throws CONFIG_INVALID. */
export function loadSettings(flags: SettingsFlags): Settings {
  const home = resolve(flags.home);
  const file = flags.config ?? defaultConfigFile();
  const text = readConfigFile(file);
  const config = parseConfig(parse(text), file);
  const port = (usual: number) => usual + flags.portOffset;
  const url = process.env['CLICKHOUSE_URL'];
  return {
    home,
    portOffset: flags.portOffset,
    brokers: (process.env['KAFKA_BROKERS'] ?? `127.0.0.1:${port(9092)}`)
      .split(',')
      .map((broker) => broker.trim()),
    registryUrl: process.env['SCHEMA_REGISTRY_URL'] ?? `http://127.0.0.1:${port(8081)}/apis/ccompat/v7`,
    clickhouse: url === undefined ? embeddedClickHouse({ home, port: port(8123) }) : outsideClickHouse(url),
    config,
    configHash: createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16),
    store: process.env['DRIFTWATCH_STORE'] ?? join(home, 'store'),
    logs: join(home, 'logs'),
  };
}

/** Flags that every command that reaches the systems has. */
export const SETTINGS_FLAGS = {
  home: {
    kind: 'parsed',
    parse: String,
    brief: 'Directory of data, logs, models and downloads',
    placeholder: 'directory',
    default: '.driftwatch',
  },
  portOffset: {
    kind: 'parsed',
    parse: wholeNumber,
    brief: 'Shifts every port by this much',
    placeholder: 'number',
    default: '0',
  },
  config: {
    kind: 'parsed',
    parse: String,
    brief: 'Configuration; driftwatch.yaml here, else that of the demo',
    placeholder: 'file',
    optional: true,
  },
} as const;

/** Where a long-running command logs to. */
export const LOG_FILE_FLAG = {
  kind: 'parsed',
  parse: String,
  brief: 'Log to this file instead of standard error',
  placeholder: 'file',
  optional: true,
} as const;

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`expected a whole number, received "${text}"`);
  return Number(text);
}

function defaultConfigFile(): string {
  return existsSync('driftwatch.yaml') ? 'driftwatch.yaml' : DEMO_CONFIG;
}

function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DriftwatchError({
      code: 'CONFIG_INVALID',
      message: `The configuration ${file} cannot be read.`,
      next: 'Name it with --config, or put a driftwatch.yaml here; deploy/demo/driftwatch.yaml is an example.',
      cause,
    });
  }
}

/** The embedded ClickHouse lets in writers who can read its password file; it is made by the first start. */
function embeddedClickHouse(args: { home: string; port: number }): Settings['clickhouse'] {
  const url = `http://127.0.0.1:${args.port}`;
  const file = join(args.home, PASSWORD_FILE);
  if (!existsSync(file)) return { url };
  return { url, username: 'driftwatch', password: readFileSync(file, 'utf8').trim() };
}

function outsideClickHouse(url: string): Settings['clickhouse'] {
  const username = process.env['CLICKHOUSE_USER'];
  const password = secret('CLICKHOUSE_PASSWORD');
  return {
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

/** A secret from NAME, or from the file named by NAME_FILE. */
function secret(name: string): string | undefined {
  const file = process.env[`${name}_FILE`];
  return file === undefined ? process.env[name] : readFileSync(file, 'utf8').trim();
}

const PASSWORD_FILE = 'clickhouse-password';
const DEMO_CONFIG = new URL('../../deploy/demo/driftwatch.yaml', import.meta.url).pathname;
