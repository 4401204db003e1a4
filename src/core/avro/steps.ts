import type { AvroNode, RecordNode } from './resolve.ts';
import { MALFORMED, skipInt, skipLong, TOO_DEEP, TOO_MANY_ITEMS, TRUNCATED, varintValue } from './varint.ts';

/** Takes bytes, a position and a depth; gives the next position or a negative code of varint.ts. */
export type Step = (bytes: Uint8Array, at: number, depth: number) => number;

export interface EmptyItems {
  count: number;
}
export interface Compiler {
  readonly size: (node: AvroNode) => number;
  readonly records: Map<RecordNode, Step>;
  readonly empty: EmptyItems;
}

/** Records, arrays and maps inside each other. Only types that contain themselves get this far. */
export const MAX_DEPTH = 128;
/** Items that take no bytes (nulls in an array), in one record: a count of them costs the sender nothing. */
export const MAX_EMPTY_ITEMS = 10_000;

/** The step over one value of a type; what each refuses is told in compileWalker. */
export function compileStep(node: AvroNode, compiler: Compiler): Step {
  switch (node.kind) {
    case 'null':
      return (_, at) => at;
    case 'boolean':
      return stepBoolean;
    case 'int':
      return skipInt;
    case 'long':
      return skipLong;
    case 'float':
      return stepFixed(4);
    case 'double':
      return stepFixed(8);
    case 'fixed':
      return stepFixed(node.size);
    case 'string':
    case 'bytes':
      return stepBytes;
    case 'enum':
      return stepIndex(node.symbols.length);
    case 'union':
      return stepUnion(node.branches.map((branch) => compileStep(branch, compiler)));
    case 'array':
      return stepBlocks(compileStep(node.items, compiler), compiler.size(node.items), compiler.empty);
    case 'map': {
      const value = compileStep(node.values, compiler);
      const entry: Step = (bytes, at, depth) => {
        const next = stepBytes(bytes, at);
        return next < 0 ? next : value(bytes, next, depth);
      };
      return stepBlocks(entry, 1 + compiler.size(node.values), compiler.empty);
    }
    case 'record':
      return stepRecord(node, compiler);
  }
}

function stepBoolean(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return TRUNCATED;
  return (bytes[at] ?? 0) > 1 ? MALFORMED : at + 1;
}

function stepFixed(size: number): Step {
  if (size === 8) return (bytes, at) => (bytes.length - at < 8 ? TRUNCATED : at + 8);
  return (bytes, at) => (size > bytes.length - at ? TRUNCATED : at + size);
}

function stepBytes(bytes: Uint8Array, at: number): number {
  const next = skipLong(bytes, at);
  if (next < 0) return next;
  const length = varintValue(bytes, at, next);
  if (length < 0) return MALFORMED;
  return length > bytes.length - next ? TRUNCATED : next + length;
}

function stepIndex(choices: number): Step {
  return (bytes, at) => {
    const next = skipInt(bytes, at);
    if (next < 0) return next;
    const index = varintValue(bytes, at, next);
    return index < 0 || index >= choices ? MALFORMED : next;
  };
}

function stepUnion(branches: readonly Step[]): Step {
  return (bytes, at, depth) => {
    const byte = at < bytes.length ? (bytes[at] ?? 0) : 0x80;
    if (byte < 0x80) {
      // The index of nearly every union fits one byte; an odd one is negative.
      const short = (byte & 1) === 0 ? branches[byte >>> 1] : undefined;
      return short === undefined ? MALFORMED : short(bytes, at + 1, depth);
    }
    const next = skipInt(bytes, at);
    if (next < 0) return next;
    const branch = branches[varintValue(bytes, at, next)];
    return branch === undefined ? MALFORMED : branch(bytes, next, depth);
  };
}

function stepRecord(node: RecordNode, compiler: Compiler): Step {
  const known = compiler.records.get(node);
  if (known !== undefined) return known;
  const steps: Step[] = [];
  const step: Step = (bytes, at, depth) => {
    if (depth >= MAX_DEPTH) return TOO_DEEP;
    let next = at;
    for (const field of steps) {
      next = field(bytes, next, depth + 1);
      if (next < 0) return next;
    }
    return next;
  };
  compiler.records.set(node, step); // before its fields, which may contain it
  for (const field of node.fields) {
    // What never has a byte is not stepped over: types may double it at every level, or hold thousands.
    if (compiler.size(field.node) > 0) steps.push(compileStep(field.node, compiler));
  }
  return step;
}

/** Arrays and maps: blocks of items, each with a count; a negative count states its bytes as well. */
function stepBlocks(item: Step, smallest: number, empty: EmptyItems): Step {
  return (bytes, at, depth) => {
    if (depth >= MAX_DEPTH) return TOO_DEEP;
    let next = at;
    for (;;) {
      const begin = skipLong(bytes, next);
      if (begin < 0) return begin;
      const count = varintValue(bytes, next, begin);
      if (count === 0) return begin;
      const end = count < 0 ? stepBytes(bytes, begin) : bytes.length;
      if (end < 0) return end;
      next = count < 0 ? skipLong(bytes, begin) : begin;
      next = stepItems(item, smallest, empty, bytes, next, end, Math.abs(count), depth + 1);
      if (next < 0) return next;
      if (count < 0 && next !== end) return MALFORMED;
    }
  };
}

function stepItems(
  item: Step,
  smallest: number,
  empty: EmptyItems,
  bytes: Uint8Array,
  at: number,
  end: number,
  count: number,
  depth: number,
): number {
  if (smallest === 0) {
    empty.count += count;
    return empty.count > MAX_EMPTY_ITEMS ? TOO_MANY_ITEMS : at;
  }
  if (count * smallest > end - at) return TRUNCATED;
  let next = at;
  for (let done = 0; done < count; done += 1) {
    next = item(bytes, next, depth);
    if (next < 0) return next;
  }
  return next;
}
