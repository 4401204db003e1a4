import { ELEMENT_TYPES } from './element-types.ts';
import { bytes, number, text } from './field-handlers.ts';
import { elementsOf, type Inspection } from './inspection.ts';

/** A declared input or output: element type as in onnx.proto in lower case, and its shape. */
export interface OnnxPort {
  readonly name: string;
  /** `unknown` when it is not a tensor of a type that tables use. */
  readonly type: string;
  /** A number, the name of a free dimension, or null for an unnamed one. Empty when not a tensor. */
  readonly shape: readonly (number | string | null)[];
}

type PortType = Omit<OnnxPort, 'name'>;

const MAX_DEPTH = 8;
const UNKNOWN: PortType = { type: 'unknown', shape: [] };

/** Name and type of a value. */
export function inspectValueInfo(inspection: Inspection, content: Uint8Array): OnnxPort {
  let name = '';
  let found = UNKNOWN;
  inspection.message('value info', content, {
    1: text((given) => {
      name = given;
    }),
    2: bytes((type) => {
      found = inspectType(inspection, type);
    }),
    3: text(),
    4: bytes(inspection.entry),
  });
  return { name, ...found };
}

/** A type: a tensor, or sequences, maps and optional values of types. */
export function inspectType(inspection: Inspection, content: Uint8Array, depth = 0): PortType {
  let found = UNKNOWN;
  if (depth > MAX_DEPTH) {
    inspection.refuse(`Types are nested more than ${MAX_DEPTH} deep.`);
    return found;
  }
  const deeper = bytes((type) => inspectType(inspection, type, depth + 1));
  const holder = bytes((type) => inspection.message('type', type, { 1: deeper }));
  inspection.message('type', content, {
    1: bytes((type) => {
      found = tensorType(inspection, type);
    }),
    4: holder,
    5: bytes((map) => inspection.message('map type', map, { 1: number(), 2: deeper })),
    6: text(),
    8: bytes((type) => tensorType(inspection, type)),
    9: holder,
  });
  return found;
}

function tensorType(inspection: Inspection, content: Uint8Array): PortType {
  let elementType = 0;
  const shape: (number | string | null)[] = [];
  const sizes: bigint[] = [];
  const dimension = bytes((content) => {
    let size: number | string | null = null;
    inspection.message('dimension', content, {
      1: number((value) => {
        sizes.push(value);
        size = Number(value);
      }),
      2: text((name) => {
        size = name;
      }),
      3: text(),
    });
    shape.push(size);
  });
  inspection.message('tensor type', content, {
    1: number((type) => {
      elementType = Number(type);
    }),
    2: bytes((content) => inspection.message('shape', content, { 1: dimension })),
  });
  if (elementsOf(sizes, inspection.limits) === undefined) {
    inspection.refuse(
      `A declared shape has more than ${inspection.limits.maxElements} elements or a negative size.`,
    );
  }
  return { type: ELEMENT_TYPES[elementType]?.name ?? 'unknown', shape };
}
