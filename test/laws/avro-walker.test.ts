import assert from 'node:assert/strict';
import { test } from 'node:test';
import avro from 'avsc';
import fc from 'fast-check';
import { type AvroDefinition, decodeDefinition } from '../../src/core/avro/definition.ts';
import {
  compileWalker,
  MAX_EMPTY_ITEMS,
  type Measured,
  measureExactly,
  walkExactly,
} from '../../src/core/avro/walker.ts';
import { records, type Sample } from '../fixtures/avro/arbitraries.ts';
import { type Cause, referenceRead } from '../fixtures/avro/reference-reader.ts';

type Measure = (bytes: Uint8Array) => Measured;

function measureOf(definition: AvroDefinition): Measure {
  const walker = compileWalker(definition);
  return (bytes) => measureExactly(walker, bytes, 0);
}

/** What avsc lets pass and the walker refuses, on purpose; see the comment of compileWalker. */
const STRICTER: readonly Cause[] = ['boolean', 'varint', 'block-size', 'empty-items'];
/** avsc loops over as many items as a count states; beyond this it is not asked. */
const AVSC_LIMIT = 2_000n;
/** A law that fails prints what it has by then. */
const LIMIT = { interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true } as const;

test('every generated schema is an Avro schema for the decoder', () => {
  fc.assert(
    fc.property(records(), ({ definition }) => {
      assert.deepEqual(decodeDefinition(JSON.parse(JSON.stringify(definition))).status, 'ok');
    }),
    { ...LIMIT, numRuns: 300 },
  );
});

test('the walker ends where avsc stopped writing and finds the event time', () => {
  fc.assert(
    fc.property(records(), fc.nat(9), (sample, from) => {
      const bytes = Buffer.concat([Buffer.alloc(from, 0xff), encode(sample)]);
      const walked = walkExactly(compileWalker(sample.definition), bytes, from);
      assert.deepEqual(walked, { status: 'ok', end: bytes.length, eventTimeMs: eventTime(sample) });
    }),
    { ...LIMIT, numRuns: 1000 },
  );
});

test('on mutated bytes the walker decides as a reader written from the specification does', () => {
  const seen = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(records(), mutations(), (sample, changes) => {
      const measure = measureOf(sample.definition);
      for (const bytes of mutate(encode(sample), changes)) {
        const expected = referenceRead(sample.definition, bytes, MAX_EMPTY_ITEMS);
        const actual = measure(bytes);
        assert.equal(actual.status === 'ok' ? actual.end : undefined, expected.end, expected.cause);
        seen[actual.status === 'ok' ? 'accepted' : 'refused'] += 1;
      }
    }),
    { ...LIMIT, numRuns: 800 },
  );
  assert.ok(seen.accepted > 2_000 && seen.refused > 10_000, JSON.stringify(seen));
});

test('on mutated bytes the walker accepts what avsc decodes, but for the differences decided here', () => {
  const seen = { both: 0, neither: 0, stricter: 0, beyondSafeLong: 0, notAsked: 0 };
  fc.assert(
    fc.property(records(), mutations(), (sample, changes) => {
      const type = avscType(sample.definition);
      const measure = measureOf(sample.definition);
      for (const bytes of mutate(encode(sample), changes)) {
        const { cause, largestCount, goesBack } = referenceRead(sample.definition, bytes, MAX_EMPTY_ITEMS);
        const accepted = measure(bytes).status === 'ok';
        if (!accepted && (largestCount > AVSC_LIMIT || goesBack)) {
          seen.notAsked += 1;
          continue;
        }
        const failure = avscFailure(type, bytes);
        if (accepted && failure === 'potential precision loss') seen.beyondSafeLong += 1;
        else if (accepted) {
          assert.equal(failure, undefined);
          seen.both += 1;
        } else if (failure !== undefined) seen.neither += 1;
        else {
          assert.ok(cause !== undefined && STRICTER.includes(cause), `avsc decodes, walker: ${cause}`);
          seen.stricter += 1;
        }
      }
    }),
    { ...LIMIT, numRuns: 800 },
  );
  assert.ok(seen.both > 2_000 && seen.neither > 10_000 && seen.stricter > 10, JSON.stringify(seen));
});

test('random bytes are decided as the reader written from the specification does', () => {
  fc.assert(
    fc.property(records(), fc.uint8Array({ maxLength: 60 }), ({ definition }, bytes) => {
      const actual = measureOf(definition)(bytes);
      const expected = referenceRead(definition, bytes, MAX_EMPTY_ITEMS);
      assert.equal(actual.status === 'ok' ? actual.end : undefined, expected.end, expected.cause);
    }),
    { ...LIMIT, numRuns: 3000 },
  );
});

const PLANTED: Readonly<Record<string, (definition: AvroDefinition) => Measure>> = {
  'ignores bytes left over': (definition) => {
    const walker = compileWalker(definition);
    return (bytes) => {
      const measured = walker.measure(bytes, 0);
      return measured.status === 'ok' ? { status: 'ok', end: bytes.length } : measured;
    };
  },
  'takes any byte for a boolean': (definition) => measureOf(replace(definition, 'boolean')),
  'takes a float for a double': (definition) => measureOf(replace(definition, 'double')),
};

for (const [bug, broken] of Object.entries(PLANTED)) {
  test(`the law finds a walker that ${bug}`, () => {
    const checked = fc.check(
      fc.property(records(), mutations(), (sample, changes) => {
        const measure = broken(sample.definition);
        for (const bytes of mutate(encode(sample), changes)) {
          const expected = referenceRead(sample.definition, bytes, MAX_EMPTY_ITEMS).end;
          const actual = measure(bytes);
          assert.equal(actual.status === 'ok' ? actual.end : undefined, expected);
        }
      }),
      { ...LIMIT, numRuns: 800, endOnFailure: true },
    );
    assert.equal(checked.failed, true);
  });
}

/** The schema with one primitive replaced by another that a careless walker could take it for. */
function replace(definition: AvroDefinition, primitive: 'boolean' | 'double'): AvroDefinition {
  const other = primitive === 'double' ? '"float"' : '{"type":"fixed","name":"Byte","size":1}';
  let count = 0;
  const text = JSON.stringify(definition).replaceAll(`"${primitive}"`, () => {
    count += 1;
    return other.replace('Byte', `Byte${count}`);
  });
  const decoded = decodeDefinition(JSON.parse(text));
  return decoded.status === 'ok' ? decoded.definition : definition;
}

function encode({ definition, value }: Sample): Buffer {
  return avscType(definition).toBuffer(value);
}

function avscType(definition: AvroDefinition): avro.Type {
  return avro.Type.forSchema(JSON.parse(JSON.stringify(definition)), { wrapUnions: true });
}

function avscFailure(type: avro.Type, bytes: Buffer): string | undefined {
  try {
    type.fromBuffer(bytes);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function eventTime({ value }: Sample): unknown {
  return typeof value === 'object' && value !== null && 'event_time' in value ? value.event_time : undefined;
}

interface Change {
  readonly kind: 'flip' | 'byte' | 'cut' | 'append' | 'insert' | 'delete';
  /** Where, as a share of the length. */
  readonly share: number;
  readonly byte: number;
}

function mutations(): fc.Arbitrary<readonly Change[]> {
  return fc.array(
    fc.record({
      kind: fc.constantFrom('flip', 'byte', 'cut', 'append', 'insert', 'delete'),
      share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 127, 128, 255)),
    }),
    { minLength: 20, maxLength: 40 },
  );
}

/** Each change alone, then all flips and bytes together. */
function mutate(original: Buffer, changes: readonly Change[]): readonly Buffer[] {
  return changes.map((change) => apply(original, change));
}

function apply(original: Buffer, { kind, share, byte }: Change): Buffer {
  const at = Math.floor(share * original.length);
  const copy = Buffer.from(original);
  switch (kind) {
    case 'flip':
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << (byte & 7));
      return copy;
    case 'byte':
      if (at < copy.length) copy[at] = byte;
      return copy;
    case 'cut':
      return copy.subarray(0, at);
    case 'append':
      return Buffer.concat([copy, Buffer.from([byte])]);
    case 'insert':
      return Buffer.concat([copy.subarray(0, at), Buffer.from([byte]), copy.subarray(at)]);
    case 'delete':
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1)]);
  }
}
