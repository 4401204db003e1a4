/**
 * Element types of TensorProto that tabular models use: name, bytes each, and the field that holds the
 * values when they are not raw bytes. Source: onnx.proto.
 */
export const ELEMENT_TYPES: Readonly<
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
