import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha1 } from '../../src/core/sha1.ts';
import { eventId, isUuid, uuid5 } from '../../src/core/uuid.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('SHA-1 gives the digests of FIPS 180', () => {
  const rows: [string, string][] = [
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
  ];
  for (const [text, digest] of rows) assert.equal(hex(sha1(new TextEncoder().encode(text))), digest);
});

test('SHA-1 agrees with OpenSSL on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(hex(sha1(bytes)), createHash('sha1').update(bytes).digest('hex'));
    }),
    { numRuns: 500 },
  );
});

test('a version 5 UUID is the one of RFC 9562, appendix A.4', () => {
  const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  assert.equal(uuid5(dns, 'www.example.com'), '2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

test('an event keeps its id, and another event has another', () => {
  assert.equal(eventId('release', 'flights', 1), eventId('release', 'flights', 1));
  assert.notEqual(eventId('release', 'a', 'b'), eventId('release', 'a,b'));
  assert.notEqual(eventId('release', 'a'), eventId('alert', 'a'));
  assert.ok(isUuid(eventId('release', 'a')));
  assert.equal(eventId('release', 'a')[14], '5');
});
