import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eachField, type Field, unpackVarints } from '../../../src/core/onnx/read-wire.ts';
import {
  floatField,
  floatsField,
  integerField,
  integersField,
  join,
  messageField,
  textField,
} from '../../../src/core/onnx/wire.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('the examples of the encoding guide', () => {
  assert.equal(hex(integerField(1, 150)), '089601');
  assert.equal(hex(textField(2, 'testing')), '120774657374696e67');
  assert.equal(hex(messageField(3, [integerField(1, 150)])), '1a03089601');
  assert.equal(hex(integersField(6, [3, 270, 86942])), '3206038e029ea705');
  assert.equal(hex(integerField(1, -2)), '08feffffffffffffffff01');
  assert.equal(hex(floatField(2, 1)), '150000803f');
});

test('what is written is read back', () => {
  const value = fc.tuple(
    fc.integer({ min: 1, max: 100 }),
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.float({ noNaN: true })),
  );
  fc.assert(
    fc.property(value, ([field, integer, text, floats]) => {
      const bytes = join([
        integerField(field, integer),
        textField(field, text),
        floatsField(field, floats),
        integersField(field, [integer, 0]),
      ]);
      const fields: Field[] = [];
      assert.ok(eachField(bytes, (read) => fields.push(read) > 0));
      const [first, second, ...rest] = fields;
      assert.ok(first?.wire === 'varint' && BigInt.asIntN(64, first.value) === BigInt(integer));
      assert.ok(second?.wire === 'bytes' && Buffer.from(second.bytes).toString('utf8') === text);
      const third = floats.length === 0 ? undefined : rest[0];
      if (third?.wire === 'bytes') {
        assert.equal(third.bytes.length, floats.length * 4);
        assert.equal(Buffer.from(third.bytes).readFloatLE(0), floats[0]);
      }
      const packed = rest[rest.length - 1];
      assert.ok(packed?.wire === 'bytes');
      assert.deepEqual(unpackVarints(packed.bytes), [BigInt.asUintN(64, BigInt(integer)), 0n]);
    }),
  );
});

test('every proper prefix of a message is refused or ends between two fields', () => {
  const parts = [integerField(1, 300), textField(2, 'abc'), floatField(3, 1)];
  const whole = join(parts);
  const borders = new Set([0, 3, 8, 13]);
  for (let length = 0; length <= whole.length; length += 1) {
    assert.equal(
      eachField(whole.subarray(0, length), () => true),
      borders.has(length),
    );
  }
});

test('lengths beyond the message, varints beyond 64 bits, groups and field 0 are refused', () => {
  for (const text of [
    '12ffffffff0f61',
    '08ffffffffffffffffff7f',
    '08ffffffffffffffffffff01',
    '0b',
    '0c',
    '0001',
    '0e',
  ]) {
    assert.equal(
      eachField(Buffer.from(text, 'hex'), () => true),
      false,
      text,
    );
  }
});
