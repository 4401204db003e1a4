import { createRequire } from 'node:module';
import { DriftwatchError } from '../../errors.ts';
import { readFetchAnswer } from './fetch-answer.ts';
import { FETCH, UNPACKED } from './limits.ts';

/**
 * Replaces how kafkajs 2.2.4 reads the answer to a fetch. Its own reader unpacks every batch whole, whatever that
 * takes, fails with all partitions of the answer when one batch of one cannot be unpacked, and asks again for
 * ever; see readFetchAnswer for ours. Throws when kafkajs is not built as expected, so that another version is
 * noticed at start.
 */
export function patchFetch(): void {
  if (patched) return;
  const fetch: unknown = load('protocol/requests/fetch/index.js');
  const protocol = isObject(fetch) ? Reflect.get(fetch, 'protocol') : undefined;
  if (!isObject(fetch) || !isFunction(protocol) || !isFunction(protocol({ version: NEWEST })))
    throw otherKafkajs();
  Reflect.set(fetch, 'protocol', (asked: { version: number }) => {
    const make = protocol(asked);
    const { version } = asked;
    if (version < OLDEST || version > NEWEST || !isFunction(make)) return make;
    return (request: FetchRequest) => {
      const made = make(request);
      const response = isObject(made) ? Reflect.get(made, 'response') : undefined;
      if (!isObject(made) || !isObject(response)) throw otherKafkajs();
      const decode = (bytes: Buffer) => {
        begin += 1;
        const asked = askedIn(request);
        return readFetchAnswer({ bytes, version, asked, begin, limits: UNPACKED, readOld });
      };
      return { ...made, response: { ...response, decode } };
    };
  });
  patched = true;
}
let patched = false;
let begin = 0;

const OLDEST = 4;
const NEWEST = 11;

interface FetchRequest {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string | number;
      readonly maxBytes: number;
    }[];
  }[];
}

function askedIn(request: FetchRequest) {
  return (topic: string, partition: number) => {
    const partitions = request.topics.find((one) => one.topic === topic)?.partitions;
    const found = partitions?.find((one) => one.partition === partition);
    return {
      fetchOffset: Number(found?.fetchOffset ?? 0),
      maxBytes: found?.maxBytes ?? FETCH.bytesPerPartition,
    };
  };
}

/** Sets from before Kafka 0.11, through kafkajs' own reader. */
async function readOld(set: Buffer): Promise<readonly object[]> {
  const Decoder: unknown = load('protocol/decoder.js');
  const read: unknown = load('protocol/messageSet/decoder.js');
  if (!isFunction(Decoder) || !isFunction(read)) throw otherKafkajs();
  const messages = await read(Reflect.construct(Decoder, [set]), set.length);
  return Array.isArray(messages) ? messages : [];
}

function load(path: string): unknown {
  return createRequire(import.meta.url)(`kafkajs/src/${path}`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

function otherKafkajs(): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: 'This kafkajs does not read fetches as 2.2.4 does.',
    next: 'Install the version of kafkajs that package.json names.',
  });
}
