import {
  bytesField,
  doubles,
  floatField,
  floats,
  floatsField,
  integerField,
  integersField,
  join,
  messageField,
  textField,
} from './wire.ts';

/**
 * ONNX messages as bytes. Field numbers are those of onnx.proto (IR version 8); operators are those of opset 17 and
 * of ai.onnx.ml 3, which every runtime since 2022 has.
 */
export const IR_VERSION = 8;
export const OPSET = 17;
export const ML_OPSET = 3;
export const ML_DOMAIN = 'ai.onnx.ml';
/** Operators that ONNX Runtime brings along; a model that uses one needs that runtime. */
export const MICROSOFT_DOMAIN = 'com.microsoft';

/** A node of the graph: one operator with named inputs and outputs. */
export function node(args: {
  operator: string;
  domain?: typeof ML_DOMAIN | typeof MICROSOFT_DOMAIN;
  inputs: readonly string[];
  output: string;
  attributes?: readonly Uint8Array[];
}): Uint8Array {
  return join([
    ...args.inputs.map((name) => textField(1, name)),
    textField(2, args.output),
    textField(3, args.output),
    textField(4, args.operator),
    ...(args.attributes ?? []).map((attribute) => bytesField(5, attribute)),
    ...(args.domain === undefined ? [] : [textField(7, args.domain)]),
  ]);
}

export function floatAttribute(name: string, value: number): Uint8Array {
  return attribute(name, 1, [floatField(2, value)]);
}

export function integerAttribute(name: string, value: number): Uint8Array {
  return attribute(name, 2, [integerField(3, value)]);
}

export function floatsAttribute(name: string, values: readonly number[]): Uint8Array {
  return attribute(name, 6, [floatsField(7, values)]);
}

export function integersAttribute(name: string, values: readonly number[]): Uint8Array {
  return attribute(name, 7, [integersField(8, values)]);
}

export function textsAttribute(name: string, values: readonly string[]): Uint8Array {
  return attribute(
    name,
    8,
    values.map((value) => textField(9, value)),
  );
}

/** A constant float tensor of the graph. An empty shape is a scalar. */
export function initializer(name: string, shape: readonly number[], values: readonly number[]): Uint8Array {
  return join([
    integersField(1, shape),
    integerField(2, FLOAT),
    textField(8, name),
    bytesField(9, floats(values)),
  ]);
}

/** A constant list in double precision. */
export function doubleInitializer(name: string, values: readonly number[]): Uint8Array {
  return join([
    integersField(1, [values.length]),
    integerField(2, DOUBLE),
    textField(8, name),
    bytesField(9, doubles(values)),
  ]);
}

/** A constant list of int64. */
export function integerInitializer(name: string, values: readonly number[]): Uint8Array {
  return join([
    integersField(1, [values.length]),
    integerField(2, INT64),
    integersField(7, values),
    textField(8, name),
  ]);
}

export const FLOAT = 1;
export const INT64 = 7;
export const STRING = 8;
export const BOOL = 9;
export const DOUBLE = 11;

/** An input or output of shape [N, width]. */
export function column(name: string, elementType: number, width = 1): Uint8Array {
  const shape = [messageField(1, [textField(2, 'N')]), messageField(1, [integerField(1, width)])];
  const tensorType = [integerField(1, elementType), messageField(2, shape)];
  return join([textField(1, name), messageField(2, [messageField(1, tensorType)])]);
}

/** The whole file. */
export function modelFile(args: {
  nodes: readonly Uint8Array[];
  initializers: readonly Uint8Array[];
  inputs: readonly Uint8Array[];
  outputs: readonly Uint8Array[];
  /** Whether an operator of ONNX Runtime's own is used. */
  microsoft?: boolean;
}): Uint8Array {
  const graph = [
    ...args.nodes.map((bytes) => bytesField(1, bytes)),
    textField(2, 'driftwatch'),
    ...args.initializers.map((bytes) => bytesField(5, bytes)),
    ...args.inputs.map((bytes) => bytesField(11, bytes)),
    ...args.outputs.map((bytes) => bytesField(12, bytes)),
  ];
  return join([
    integerField(1, IR_VERSION),
    textField(2, 'driftwatch'),
    messageField(7, graph),
    messageField(8, [textField(1, ''), integerField(2, OPSET)]),
    messageField(8, [textField(1, ML_DOMAIN), integerField(2, ML_OPSET)]),
    ...(args.microsoft === true
      ? [messageField(8, [textField(1, MICROSOFT_DOMAIN), integerField(2, 1)])]
      : []),
  ]);
}

function attribute(name: string, type: number, value: readonly Uint8Array[]): Uint8Array {
  return join([textField(1, name), ...value, integerField(20, type)]);
}
