import { z } from 'zod';
import { type AvroDefinition, parseDefinition } from '../../core/avro/definition.ts';
import { DriftwatchError } from '../../errors.ts';
import { type DiskCache, diskCache } from './disk-cache.ts';
import { type Answer, messageOf, type RegistryHttp, registryHttp } from './http.ts';

export interface Registry {
  /**
   * Registers a schema, attributes included, and returns its id; the same schema again returns the same
   * id. `compatibility` is what the subject is set to, before an existing one is checked against.
   * Throws REGISTRY_INCOMPATIBLE with the registry's own sentence.
   */
  register(args: {
    readonly subject: string;
    readonly definition: AvroDefinition;
    readonly compatibility?: Compatibility;
  }): Promise<number>;
  /**
   * Raw schema JSON by id. `unknown` is what the registry does not have or what is not an Avro schema,
   * remembered for a while; `unreachable` is no answer in time and no copy on disk.
   */
  byId(id: number): Promise<SchemaById>;
  /** Ids of all versions registered under a subject, oldest first; empty when there is no such subject. */
  idsOf(subject: string): Promise<readonly number[]>;
  /** Newest version of a subject. */
  latest(subject: string): Promise<{ readonly id: number; readonly definition: AvroDefinition } | undefined>;
}

export type Compatibility = 'BACKWARD' | 'FULL' | 'NONE';
export type SchemaById =
  | { readonly status: 'known'; readonly id: number; readonly definition: AvroDefinition }
  | { readonly status: 'unknown'; readonly id: number; readonly why: string }
  | { readonly status: 'unreachable'; readonly id: number; readonly why: string };

export interface RegistryArgs {
  /** Base URL with the path of the Confluent protocol and, where needed, user:password@. */
  readonly url: string;
  /** Where schemas are kept for the time the registry is away; nowhere when not given. */
  readonly cacheDirectory?: string;
  readonly timeoutMs?: number;
  /** How long an unknown id stays unknown without another question. */
  readonly unknownForMs?: number;
  /** How long no question is asked after one that got no answer. */
  readonly pauseMs?: number;
  readonly now?: () => number;
  readonly fetch?: typeof fetch;
}

const MAX_ANSWER_BYTES = 4_000_000;
/** Most schemas and most unknown ids held in memory; the oldest go first. */
const MAX_HELD = 10_000;

/** Opens a registry of the Confluent protocol. Nothing is asked until the first call. */
export function openRegistry(args: RegistryArgs): Registry {
  const now = args.now ?? Date.now;
  const http = registryHttp({
    url: args.url,
    timeoutMs: args.timeoutMs ?? 5_000,
    maxBytes: MAX_ANSWER_BYTES,
    fetch: args.fetch ?? fetch,
  });
  const disk = diskCache(args.cacheDirectory);
  const known = new Map<number, AvroDefinition>();
  const unknown = new Map<number, { readonly until: number; readonly why: string }>();
  const asking = new Map<number, Promise<SchemaById>>();
  let silentUntil = 0;
  let silence = '';

  const learn = async (id: number, definition: AvroDefinition): Promise<void> => {
    if (known.has(id)) return;
    hold(known, id, definition);
    await disk.write(id, definition);
  };

  const ask = async (id: number): Promise<SchemaById> => {
    const answer = now() < silentUntil ? silence : await askSchema(http, id);
    if (typeof answer === 'string') {
      if (now() >= silentUntil) {
        silentUntil = now() + (args.pauseMs ?? 1_000);
        silence = answer;
      }
      return fromDisk(disk, known, id, answer);
    }
    if (answer.status === 'known') await learn(id, answer.definition);
    else if (answer.status === 'unknown')
      hold(unknown, id, { until: now() + (args.unknownForMs ?? 30_000), why: answer.why });
    return answer;
  };

  return {
    async register({ subject, definition, compatibility }) {
      const id = await register(http, subject, definition, compatibility);
      unknown.delete(id);
      await learn(id, definition);
      return id;
    },
    async byId(id) {
      const definition = known.get(id);
      if (definition !== undefined) return { status: 'known', id, definition };
      const not = unknown.get(id);
      if (not !== undefined && now() < not.until) return { status: 'unknown', id, why: not.why };
      const running = asking.get(id);
      if (running !== undefined) return running;
      const question = ask(id).finally(() => asking.delete(id));
      asking.set(id, question);
      return question;
    },
    async idsOf(subject) {
      const answer = await http.request('GET', `${subjectPath(subject)}/versions`);
      if (answer.status === 404) return [];
      const versions = decode(z.array(z.number().int()), answer);
      const ids: number[] = [];
      for (const version of versions.toSorted((a, b) => a - b)) {
        const one = await http.request('GET', `${subjectPath(subject)}/versions/${version}`);
        if (one.status !== 404) ids.push(decode(REGISTERED, one).id);
      }
      return [...new Set(ids)];
    },
    async latest(subject) {
      const answer = await http.request('GET', `${subjectPath(subject)}/versions/latest`);
      if (answer.status === 404) return undefined;
      const { id, schema } = decode(VERSION, answer);
      const decoded = parseDefinition(schema);
      if (decoded.status === 'invalid') throw notAvro(subject, decoded.problems);
      await learn(id, decoded.definition);
      return { id, definition: decoded.definition };
    },
  };
}

const REGISTERED = z.object({ id: z.number().int().nonnegative() });
const VERSION = z.object({ id: z.number().int().nonnegative(), schema: z.string() });
const SCHEMA = z.object({ schema: z.string(), schemaType: z.string().optional() });

/** The answer, or a text with why there was none. */
async function askSchema(http: RegistryHttp, id: number): Promise<SchemaById | string> {
  let answer: Answer;
  try {
    answer = await http.request('GET', `/schemas/ids/${id}`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (answer.status === 404) return { status: 'unknown', id, why: messageOf(answer) };
  if (answer.status !== 200) return `The schema registry answered: ${messageOf(answer)}.`;
  const body = SCHEMA.safeParse(answer.json);
  if (!body.success)
    return { status: 'unknown', id, why: `The registry's answer for id ${id} has no schema.` };
  const { schema, schemaType = 'AVRO' } = body.data;
  if (schemaType !== 'AVRO')
    return { status: 'unknown', id, why: `Schema ${id} is ${schemaType}, not AVRO.` };
  const decoded = parseDefinition(schema);
  if (decoded.status === 'ok') return { status: 'known', id, definition: decoded.definition };
  return { status: 'unknown', id, why: `Schema ${id} cannot be read: ${decoded.problems.join(' ')}` };
}

async function fromDisk(
  disk: DiskCache,
  known: Map<number, AvroDefinition>,
  id: number,
  why: string,
): Promise<SchemaById> {
  const definition = await disk.read(id);
  if (definition === undefined) return { status: 'unreachable', id, why };
  hold(known, id, definition);
  return { status: 'known', id, definition };
}

async function register(
  http: RegistryHttp,
  subject: string,
  definition: AvroDefinition,
  compatibility: Compatibility | undefined,
): Promise<number> {
  const existed = compatibility !== undefined && (await setCompatibility(http, subject, compatibility));
  const answer = await http.request('POST', `${subjectPath(subject)}/versions`, {
    schema: JSON.stringify(definition),
  });
  if (answer.status === 409 || answer.status === 422) {
    throw new DriftwatchError({
      code: 'REGISTRY_INCOMPATIBLE',
      message: `The registry refused a schema for "${subject}": ${messageOf(answer)}`,
      next: 'Change the schema so that it stays compatible, or register it under a subject of its own.',
    });
  }
  const { id } = decode(REGISTERED, answer);
  // A subject can be given a level only once it exists.
  if (compatibility !== undefined && !existed) await setCompatibility(http, subject, compatibility);
  return id;
}

function levelOf(answer: Answer): string {
  return decode(z.object({ compatibilityLevel: z.string() }), answer).compatibilityLevel;
}

/** False when the subject does not exist yet. */
async function setCompatibility(
  http: RegistryHttp,
  subject: string,
  compatibility: Compatibility,
): Promise<boolean> {
  const path = `/config/${encodeURIComponent(subject)}`;
  const answer = await http.request('GET', path);
  if (answer.status === 404) return false;
  if (levelOf(answer) === compatibility) return true;
  const set = await http.request('PUT', path, { compatibility });
  // Two processes that start together set the same level: the one that comes second finds it set.
  const now = set.status < 400 ? undefined : await http.request('GET', path);
  if (now === undefined || now.status !== 200 || levelOf(now) !== compatibility) decode(z.unknown(), set);
  return true;
}

function subjectPath(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}`;
}

function decode<T>(schema: z.ZodType<T>, answer: Answer): T {
  const parsed = answer.status === 200 ? schema.safeParse(answer.json) : undefined;
  if (parsed?.success) return parsed.data;
  throw new DriftwatchError({
    code: 'REGISTRY_UNREACHABLE',
    message: `The schema registry answered in an unexpected way: ${messageOf(answer)}.`,
    next: 'Check that SCHEMA_REGISTRY_URL is a registry of the Confluent protocol, path included.',
  });
}

function notAvro(subject: string, problems: readonly string[]): DriftwatchError {
  return new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `The newest schema of "${subject}" cannot be read: ${problems.join(' ')}`,
    next: 'Register an Avro schema under this subject.',
  });
}

/** Adds to a map that forgets its oldest entry when full. */
function hold<V>(map: Map<number, V>, id: number, value: V): void {
  map.delete(id);
  const [oldest] = map.keys();
  if (map.size >= MAX_HELD && oldest !== undefined) map.delete(oldest);
  map.set(id, value);
}
