import { ELEMENT_TYPES } from './element-types.ts';
import { bytes, float32s, float64s, number, numbers, text } from './field-handlers.ts';
import { elementsOf, type Inspection } from './inspection.ts';

/** A tensor must carry all of its values itself, as many as its shape says. Answers its name. */
export function inspectTensor(inspection: Inspection, content: Uint8Array): string {
  let name = '';
  let elementType = 0n;
  let raw: number | undefined;
  const shape: bigint[] = [];
  const carried = new Map<number, number>();
  const count = (field: number, values: number) => carried.set(field, (carried.get(field) ?? 0) + values);
  const readable = inspection.message('tensor', content, {
    1: numbers((size) => shape.push(size)),
    2: number((type) => {
      elementType = type;
    }),
    3: inspection.forbidden('a tensor in segments'),
    4: float32s((values) => count(4, values)),
    5: numbers(() => count(5, 1)),
    6: bytes(() => count(6, 1)),
    7: numbers(() => count(7, 1)),
    8: text((given) => {
      name = given;
    }),
    9: bytes((data) => {
      raw = data.length;
    }),
    10: float64s((values) => count(10, values)),
    11: numbers(() => count(11, 1)),
    12: text(),
    13: inspection.forbidden('data outside the file'),
    14: number((location) => {
      if (location !== 0n) inspection.refuse('The file contains data outside the file.');
    }),
    16: bytes(inspection.entry),
  });
  if (readable) checkSize(inspection, `Tensor "${name}"`, { elementType, shape, carried, raw });
  return name;
}

/** Values and positions are tensors themselves. */
export function inspectSparseTensor(inspection: Inspection, content: Uint8Array): void {
  const shape: bigint[] = [];
  const readable = inspection.message('sparse tensor', content, {
    1: bytes((values) => inspectTensor(inspection, values)),
    2: bytes((indices) => inspectTensor(inspection, indices)),
    3: numbers((size) => shape.push(size)),
  });
  if (readable && elementsOf(shape, inspection.limits) === undefined)
    refuseSize(inspection, 'A sparse tensor');
}

function checkSize(
  inspection: Inspection,
  what: string,
  tensor: {
    elementType: bigint;
    shape: readonly bigint[];
    carried: ReadonlyMap<number, number>;
    raw: number | undefined;
  },
): void {
  const { elementType, shape, carried, raw } = tensor;
  const element = ELEMENT_TYPES[Number(elementType)];
  if (element === undefined) {
    inspection.refuse(`${what} has element type ${elementType}, which is not used for tables.`);
    return;
  }
  const elements = elementsOf(shape, inspection.limits);
  if (elements === undefined) {
    refuseSize(inspection, what);
    return;
  }
  const values = raw === undefined ? (carried.get(element.field) ?? 0) : raw / element.size;
  // Values in a second place would be taken by one reader and ignored by another.
  const elsewhere = [...carried].some(
    ([field, n]) => n > 0 && (raw !== undefined || field !== element.field),
  );
  if (values !== elements || elsewhere) {
    inspection.refuse(`${what} says ${elements} elements of ${element.name} but carries something else.`);
  }
}

function refuseSize(inspection: Inspection, what: string): void {
  inspection.refuse(`${what} has more than ${inspection.limits.maxElements} elements or a negative size.`);
}
