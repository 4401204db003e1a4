import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { DriftwatchError } from '../../src/errors.ts';

/** Loopback ports of the embedded stack. */
export interface StackPorts {
  readonly kafka: number;
  readonly kafkaController: number;
  readonly registry: number;
  readonly clickhouse: number;
}

export const LOOPBACK = '127.0.0.1';

const USUAL_PORTS = { kafka: 9092, kafkaController: 9093, registry: 8081, clickhouse: 8123 } as const;
const ROLES: readonly (readonly [keyof StackPorts, string])[] = [
  ['kafka', 'Kafka'],
  ['kafkaController', 'the Kafka controller'],
  ['registry', 'the schema registry'],
  ['clickhouse', 'ClickHouse'],
];
const HIGHEST_PORT = 65_535;
const OFFSET_STEP = 1000;

/** The usual ports, all shifted by `offset`. Throws CONFIG_INVALID when a port would not exist. */
export function stackPorts(offset: number): StackPorts {
  const lowest = 1 - Math.min(...Object.values(USUAL_PORTS));
  const highest = HIGHEST_PORT - Math.max(...Object.values(USUAL_PORTS));
  if (!Number.isInteger(offset) || offset < lowest || offset > highest) {
    throw new DriftwatchError({
      code: 'CONFIG_INVALID',
      message: `The port offset must be a whole number from ${lowest} to ${highest}, not ${offset}.`,
      next: 'Give another --port-offset.',
    });
  }
  return {
    kafka: USUAL_PORTS.kafka + offset,
    kafkaController: USUAL_PORTS.kafkaController + offset,
    registry: USUAL_PORTS.registry + offset,
    clickhouse: USUAL_PORTS.clickhouse + offset,
  };
}

/** Throws PORT_IN_USE, naming the port, its holder where the system tells, and the way out. */
export async function requireFreePorts(ports: StackPorts): Promise<void> {
  for (const [role, name] of ROLES) {
    const port = ports[role];
    const problem = await whyNotFree(port);
    if (problem === undefined) continue;
    const offset = await nextFreeOffset(ports.kafka - USUAL_PORTS.kafka);
    const shift = offset === undefined ? '--port-offset N' : `--port-offset ${offset}`;
    throw new DriftwatchError({
      code: 'PORT_IN_USE',
      message: `Port ${port}, wanted for ${name}, ${problem}.`,
      next: `Stop what holds it, or shift all ports of driftwatch with ${shift}.`,
    });
  }
}

/** An offset at which all ports of a stack are free right now, counted up from `from`. */
export async function freeOffset(from: number): Promise<number> {
  for (let offset = from; offset + USUAL_PORTS.kafkaController <= HIGHEST_PORT; offset += 10) {
    if (await allFree(offset)) return offset;
  }
  throw new DriftwatchError({
    code: 'PORT_IN_USE',
    message: `There is no free set of ports from offset ${from} upwards.`,
    next: 'Stop some of the programs that listen on this machine.',
  });
}

async function nextFreeOffset(from: number): Promise<number | undefined> {
  for (let step = 1; step <= 20; step += 1) {
    const offset = from + step * OFFSET_STEP;
    if (offset + USUAL_PORTS.kafkaController <= HIGHEST_PORT && (await allFree(offset))) return offset;
  }
  return undefined;
}

async function allFree(offset: number): Promise<boolean> {
  for (const port of Object.values(stackPorts(offset))) {
    if ((await whyNotFree(port)) !== undefined) return false;
  }
  return true;
}

/** Undefined when this process could listen on the port, else half a sentence. */
async function whyNotFree(port: number): Promise<string | undefined> {
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (code === undefined) return undefined;
  if (code === 'EACCES') return 'may not be opened by this user';
  if (code !== 'EADDRINUSE') return `cannot be opened (${code})`;
  const holder = portHolder(port);
  return holder === undefined
    ? 'is already in use'
    : `is already in use by ${holder.name} (process ${holder.pid})`;
}

/** Who listens on the port, as far as /proc lets this user see; undefined elsewhere than on Linux. */
export function portHolder(port: number): { pid: number; name: string } | undefined {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => listeningSockets(table, port)));
  if (sockets.size === 0) return undefined;
  for (const entry of listDirectory('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const holds = listDirectory(`/proc/${entry}/fd`).some((fd) =>
      sockets.has(linkTarget(`/proc/${entry}/fd/${fd}`)),
    );
    if (holds) return { pid: Number(entry), name: readText(`/proc/${entry}/comm`).trim() || 'unknown' };
  }
  return undefined;
}

function listeningSockets(table: string, port: number): string[] {
  const LISTEN = '0A';
  return readText(`/proc/net/${table}`)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local, , state]) =>
        state === LISTEN && Number.parseInt(local?.split(':').at(-1) ?? '', 16) === port,
    )
    .map((columns) => `socket:[${columns[9]}]`);
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // gone meanwhile, or another user's
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
