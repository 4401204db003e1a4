import { eachField, type Field, unpackVarints } from './read-wire.ts';

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

export const ONNX_LIMITS: OnnxLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxElements: 16_777_216,
  maxNodes: 100_000,
  maxSubgraphs: 3,
  maxFields: 20_000_000,
};

/** A declared input or output: element type as in onnx.proto in lower case, and its shape. */
export interface OnnxPort {
  readonly name: string;
  readonly type: string;
  /** A number, the name of a free dimension, or null for an unnamed one. Empty when not a tensor. */
  readonly shape: readonly (number | string | null)[];
}

export type OnnxCheck =
  | {
      readonly status: 'ok';
      readonly producer: string;
      readonly inputs: readonly OnnxPort[];
      readonly outputs: readonly OnnxPort[];
    }
  | { readonly status: 'refused'; readonly reasons: readonly string[] };

/**
 * Reads a model file before a runtime does, and refuses what could reach beyond it or exhaust it: data outside the file
 * (a path in the file would be opened), operators outside the standard domains, oversized or
 * mis-sized tensors, deep nesting, local functions, training parts, unknown fields, bytes that make no sense.
 * It does not run the model and does not prove that it answers anything sensible: the probe does.
 */
export function checkOnnx(bytes: Uint8Array, limits: OnnxLimits = ONNX_LIMITS): OnnxCheck {
  if (bytes.length === 0) return { status: 'refused', reasons: ['The file is empty.'] };
  if (bytes.length > limits.maxBytes) {
    return {
      status: 'refused',
      reasons: [`The file has ${bytes.length} bytes; ${limits.maxBytes} are allowed.`],
    };
  }
  const found = examine(bytes, limits);
  if (found.reasons.length > 0) return { status: 'refused', reasons: found.reasons };
  return { status: 'ok', producer: found.producer, inputs: found.inputs, outputs: found.outputs };
}

/** What happens to a field of a known message; false when its wire type is wrong. */
type Handler = (field: Field) => boolean;
type Handlers = Readonly<Record<number, Handler>>;

const MAX_REASONS = 20;
const MAX_TYPE_DEPTH = 8;
const DOMAINS = new Set(['', 'ai.onnx.ml']);
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Element types of TensorProto that tabular models use: name, bytes each, and the field that holds them. */
const ELEMENTS: Readonly<
  Record<number, { readonly name: string; readonly size: number; readonly field: number }>
> = {
  1: { name: 'float', size: 4, field: 4 },
  2: { name: 'uint8', size: 1, field: 5 },
  3: { name: 'int8', size: 1, field: 5 },
  4: { name: 'uint16', size: 2, field: 5 },
  5: { name: 'int16', size: 2, field: 5 },
  6: { name: 'int32', size: 4, field: 5 },
  7: { name: 'int64', size: 8, field: 7 },
  8: { name: 'string', size: 0, field: 6 },
  9: { name: 'bool', size: 1, field: 5 },
  10: { name: 'float16', size: 2, field: 5 },
  11: { name: 'double', size: 8, field: 10 },
  12: { name: 'uint32', size: 4, field: 11 },
  13: { name: 'uint64', size: 8, field: 11 },
  16: { name: 'bfloat16', size: 2, field: 5 },
};

/** One function per message of onnx.proto, each with the list of fields it may have. */
function examine(file: Uint8Array, limits: OnnxLimits) {
  const reasons: string[] = [];
  const inputs: OnnxPort[] = [];
  const outputs: OnnxPort[] = [];
  const constants = new Set<string>();
  let producer = '';
  let fields = 0;
  let nodes = 0;
  let graphs = 0;
  model(file);
  if (graphs !== 1) refuse(`The file has ${graphs} main graphs; it must have one.`);
  if (outputs.length === 0) refuse('The graph has no output.');
  // Before IR version 4 constants were listed among the inputs; nobody feeds those.
  return { reasons, producer, inputs: inputs.filter(({ name }) => !constants.has(name)), outputs };

  function model(bytes: Uint8Array): void {
    message('model', bytes, {
      1: number(),
      2: text((value) => {
        producer = value;
      }),
      3: text(),
      4: text(domain),
      5: number(),
      6: text(),
      7: nested((graph) => {
        graphs += 1;
        examineGraph(graph, 0);
      }),
      8: nested(opset),
      14: nested(entry),
      20: refused('a training part'),
      25: refused('local functions'),
    });
  }

  function opset(bytes: Uint8Array): void {
    message('opset import', bytes, { 1: text(domain), 2: number() });
  }

  function examineGraph(bytes: Uint8Array, depth: number): void {
    if (depth > limits.maxSubgraphs) {
      refuse(`Graphs are nested more than ${limits.maxSubgraphs} deep.`);
      return;
    }
    const main = depth === 0;
    message('graph', bytes, {
      1: nested((node) => examineNode(node, depth)),
      2: text(),
      5: nested((bytes) => {
        const name = tensor(bytes);
        if (main) constants.add(name);
      }),
      10: text(),
      11: nested((bytes) => {
        const port = valueInfo(bytes);
        if (main) inputs.push(port);
      }),
      12: nested((bytes) => {
        const port = valueInfo(bytes);
        if (main) outputs.push(port);
      }),
      13: nested(valueInfo),
      14: nested((bytes) => message('annotation', bytes, { 1: text(), 2: nested(entry) })),
      15: nested(sparseTensor),
      16: nested(entry),
    });
  }

  function examineNode(bytes: Uint8Array, depth: number): void {
    nodes += 1;
    if (nodes === limits.maxNodes + 1) refuse(`The graph has more than ${limits.maxNodes} nodes.`);
    message('node', bytes, {
      1: text(),
      2: text(),
      3: text(),
      4: text(),
      5: nested((attribute) => examineAttribute(attribute, depth)),
      6: text(),
      7: text(domain),
      8: text((overload) => {
        if (overload !== '') refuse('A node calls a local function.');
      }),
      9: nested(entry),
    });
  }

  function examineAttribute(bytes: Uint8Array, depth: number): void {
    message('attribute', bytes, {
      1: text(),
      2: fixed32(),
      3: number(),
      4: opaque(),
      5: nested(tensor),
      6: nested((graph) => examineGraph(graph, depth + 1)),
      7: float32s(),
      8: numbers(),
      9: opaque(),
      10: nested(tensor),
      11: nested((graph) => examineGraph(graph, depth + 1)),
      13: text(),
      14: nested((bytes) => type(bytes, 0)),
      15: nested((bytes) => type(bytes, 0)),
      20: number(),
      21: refused('an attribute of a local function'),
      22: nested(sparseTensor),
      23: nested(sparseTensor),
    });
  }

  /** Answers the tensor's name. */
  function tensor(bytes: Uint8Array): string {
    let name = '';
    let elementType = 0n;
    const shape: bigint[] = [];
    const held = new Map<number, number>();
    let raw: number | undefined;
    const count = (field: number, values: number) => held.set(field, (held.get(field) ?? 0) + values);
    const readable = message('tensor', bytes, {
      1: numbers((value) => shape.push(value)),
      2: number((value) => {
        elementType = value;
      }),
      3: refused('a tensor in segments'),
      4: float32s((values) => count(4, values)),
      5: numbers(() => count(5, 1)),
      6: opaque(() => count(6, 1)),
      7: numbers(() => count(7, 1)),
      8: text((value) => {
        name = value;
      }),
      9: opaque((value) => {
        raw = value.length;
      }),
      10: float64s((values) => count(10, values)),
      11: numbers(() => count(11, 1)),
      12: text(),
      13: refused('data outside the file'),
      14: number((value) => {
        if (value !== 0n) refuse('The file contains data outside the file.');
      }),
      16: nested(entry),
    });
    if (readable) checkSize(`Tensor "${name}"`, elementType, shape, held, raw);
    return name;
  }

  function checkSize(
    what: string,
    elementType: bigint,
    shape: readonly bigint[],
    held: ReadonlyMap<number, number>,
    raw: number | undefined,
  ): void {
    const element = ELEMENTS[Number(elementType)];
    if (element === undefined) {
      refuse(`${what} has element type ${elementType}, which is not used for tables.`);
      return;
    }
    const elements = elementsOf(shape);
    if (elements === undefined) {
      refuse(`${what} has more than ${limits.maxElements} elements or a negative size.`);
      return;
    }
    const fieldsUsed = [...held.keys()].filter((field) => (held.get(field) ?? 0) > 0);
    const carried = raw === undefined ? (held.get(element.field) ?? 0) : raw / element.size;
    const foreign = fieldsUsed.some((field) => raw !== undefined || field !== element.field);
    if (carried !== elements || foreign) {
      refuse(`${what} says ${elements} elements of ${element.name} but carries something else.`);
    }
  }

  /** Product of the sizes; undefined when it is above the limit or a size is negative (64 bits set high). */
  function elementsOf(shape: readonly bigint[]): number | undefined {
    let product = 1n;
    for (const size of shape) {
      if (size > BigInt(limits.maxElements)) return undefined;
      product *= size;
      if (product > BigInt(limits.maxElements)) return undefined;
    }
    return Number(product);
  }

  function sparseTensor(bytes: Uint8Array): void {
    const shape: bigint[] = [];
    const readable = message('sparse tensor', bytes, {
      1: nested(tensor),
      2: nested(tensor),
      3: numbers((value) => shape.push(value)),
    });
    if (readable && elementsOf(shape) === undefined) {
      refuse(`A sparse tensor has more than ${limits.maxElements} elements or a negative size.`);
    }
  }

  function valueInfo(bytes: Uint8Array): OnnxPort {
    let name = '';
    let found: Omit<OnnxPort, 'name'> = { type: 'unknown', shape: [] };
    message('value info', bytes, {
      1: text((value) => {
        name = value;
      }),
      2: nested((bytes) => {
        found = type(bytes, 0);
      }),
      3: text(),
      4: nested(entry),
    });
    return { name, ...found };
  }

  function type(bytes: Uint8Array, depth: number): Omit<OnnxPort, 'name'> {
    let found: Omit<OnnxPort, 'name'> = { type: 'unknown', shape: [] };
    if (depth > MAX_TYPE_DEPTH) {
      refuse(`Types are nested more than ${MAX_TYPE_DEPTH} deep.`);
      return found;
    }
    const inner = (bytes: Uint8Array) => message('type', bytes, { 1: nested((of) => type(of, depth + 1)) });
    message('type', bytes, {
      1: nested((bytes) => {
        found = tensorType(bytes);
      }),
      4: nested(inner),
      5: nested((bytes) =>
        message('map type', bytes, { 1: number(), 2: nested((of) => type(of, depth + 1)) }),
      ),
      6: text(),
      8: nested(tensorType),
      9: nested(inner),
    });
    return found;
  }

  function tensorType(bytes: Uint8Array): Omit<OnnxPort, 'name'> {
    let elementType = 0;
    const shape: (number | string | null)[] = [];
    const sizes: bigint[] = [];
    message('tensor type', bytes, {
      1: number((value) => {
        elementType = Number(value);
      }),
      2: nested((bytes) =>
        message('shape', bytes, {
          1: nested((bytes) => {
            let size: number | string | null = null;
            message('dimension', bytes, {
              1: number((value) => {
                sizes.push(value);
                size = Number(value);
              }),
              2: text((value) => {
                size = value;
              }),
              3: text(),
            });
            shape.push(size);
          }),
        }),
      ),
    });
    if (elementsOf(sizes) === undefined) {
      refuse(`A declared shape has more than ${limits.maxElements} elements or a negative size.`);
    }
    return { type: ELEMENTS[elementType]?.name ?? 'unknown', shape };
  }

  function entry(bytes: Uint8Array): void {
    message('entry', bytes, { 1: text(), 2: text() });
  }

  function domain(name: string): void {
    if (!DOMAINS.has(name)) refuse(`Operators of domain "${name.slice(0, 100)}" are not allowed.`);
  }

  /** Reads one message; false, and a reason, when it is not what it should be. */
  function message(what: string, bytes: Uint8Array, handlers: Handlers): boolean {
    let why = `The bytes of a ${what} make no sense.`;
    const readable = eachField(bytes, (field) => {
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

  function refuse(reason: string): void {
    if (reasons.length < MAX_REASONS && !reasons.includes(reason)) reasons.push(reason);
  }

  function refused(what: string): Handler {
    return () => {
      refuse(`The file contains ${what}.`);
      return true;
    };
  }
}

function number(take?: (value: bigint) => void): Handler {
  return (field) => {
    if (field.wire !== 'varint') return false;
    take?.(field.value);
    return true;
  };
}

/** Repeated integers, one by one or packed. */
function numbers(take?: (value: bigint) => void): Handler {
  return (field) => {
    if (field.wire === 'varint') {
      take?.(field.value);
      return true;
    }
    const values = field.wire === 'bytes' ? unpackVarints(field.bytes) : undefined;
    if (values === undefined) return false;
    for (const value of values) take?.(value);
    return true;
  };
}

function fixed32(): Handler {
  return (field) => field.wire === 'fixed32';
}

/** Repeated floats, one by one or packed; `take` gets how many. */
function float32s(take?: (values: number) => void): Handler {
  return (field) => {
    if (field.wire === 'varint' || field.wire === 'fixed64' || field.bytes.length % 4 !== 0) return false;
    take?.(field.bytes.length / 4);
    return true;
  };
}

function float64s(take?: (values: number) => void): Handler {
  return (field) => {
    if (field.wire === 'varint' || field.wire === 'fixed32' || field.bytes.length % 8 !== 0) return false;
    take?.(field.bytes.length / 8);
    return true;
  };
}

function opaque(take?: (bytes: Uint8Array) => void): Handler {
  return (field) => {
    if (field.wire !== 'bytes') return false;
    take?.(field.bytes);
    return true;
  };
}

function nested(take: (bytes: Uint8Array) => unknown): Handler {
  return (field) => {
    if (field.wire !== 'bytes') return false;
    take(field.bytes);
    return true;
  };
}

function text(take?: (value: string) => void): Handler {
  return (field) => {
    if (field.wire !== 'bytes') return false;
    try {
      const value = utf8.decode(field.bytes);
      take?.(value);
      return true;
    } catch {
      return false;
    }
  };
}
