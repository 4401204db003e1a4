import type { Handler, Handlers } from './field-handlers.ts';
import { text } from './field-handlers.ts';
import { eachField } from './read-wire.ts';

/** What a model file may contain. */
export interface OnnxLimits {
  readonly maxBytes: number;
  /** Elements of one tensor, constants and declared inputs alike. */
  readonly maxElements: number;
  readonly maxNodes: number;
  /** Graphs inside attributes of nodes inside graphs. */
  readonly maxSubgraphs: number;
  readonly maxFields: number;
}

/** One reading of one file: what was found wrong so far, and how to read a message of it. */
export interface Inspection {
  readonly limits: OnnxLimits;
  readonly reasons: readonly string[];
  refuse(reason: string): void;
  /** For a field that may not be there at all. */
  forbidden(what: string): Handler;
  /** Reads one message; answers false, with a reason noted, when it is not what it should be. */
  message(what: string, content: Uint8Array, handlers: Handlers): boolean;
  /** A key with a value, as in metadata. */
  entry(content: Uint8Array): void;
  /** Counts the nodes of all graphs. */
  countNode(): void;
}

const MAX_REASONS = 20;

export function startInspection(limits: OnnxLimits): Inspection {
  const reasons: string[] = [];
  let fields = 0;
  let nodes = 0;
  return { limits, reasons, refuse, forbidden, message, entry, countNode };

  function refuse(reason: string): void {
    if (reasons.length < MAX_REASONS && !reasons.includes(reason)) reasons.push(reason);
  }

  function forbidden(what: string): Handler {
    return () => {
      refuse(`The file contains ${what}.`);
      return true;
    };
  }

  function message(what: string, content: Uint8Array, handlers: Handlers): boolean {
    let why = `The bytes of a ${what} make no sense.`;
    const readable = eachField(content, (field) => {
      fields += 1;
      if (fields > limits.maxFields) why = `The file has more than ${limits.maxFields} fields.`;
      const handler = handlers[field.field];
      if (handler === undefined) why = `A ${what} has the unknown field ${field.field}.`;
      // After enough reasons nothing more can be learnt: the file is refused.
      return fields <= limits.maxFields && reasons.length < MAX_REASONS && handler?.(field) === true;
    });
    if (!readable) refuse(why);
    return readable;
  }

  function entry(content: Uint8Array): void {
    message('entry', content, { 1: text(), 2: text() });
  }

  function countNode(): void {
    nodes += 1;
    if (nodes > limits.maxNodes) refuse(`The graph has more than ${limits.maxNodes} nodes.`);
  }
}

/** Product of the sizes; undefined when it is above the limit or a size is negative (a varint above 2^63). */
export function elementsOf(shape: readonly bigint[], limits: OnnxLimits): number | undefined {
  let product = 1n;
  for (const size of shape) {
    if (size > BigInt(limits.maxElements)) return undefined;
    product *= size;
    if (product > BigInt(limits.maxElements)) return undefined;
  }
  return Number(product);
}
