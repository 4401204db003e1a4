import { bytes, float32, float32s, number, numbers, text } from './field-handlers.ts';
import { inspectSparseTensor, inspectTensor } from './inspect-tensor.ts';
import { inspectType, inspectValueInfo, type OnnxPort } from './inspect-type.ts';
import type { Inspection } from './inspection.ts';

export interface GraphPorts {
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

const DOMAINS = new Set(['', 'ai.onnx.ml', 'com.microsoft']);
/** The one operator of the runtime's own that may be used: it reads texts and answers numbers. */
const RUNTIME_OPERATORS = new Set(['MurmurHash3']);

/** Everything that a graph holds, graphs in attributes of its nodes included. */
export function inspectGraph(inspection: Inspection, content: Uint8Array, depth = 0): GraphPorts {
  const inputs: OnnxPort[] = [];
  const outputs: OnnxPort[] = [];
  const constants = new Set<string>();
  if (depth > inspection.limits.maxSubgraphs) {
    inspection.refuse(`Graphs are nested more than ${inspection.limits.maxSubgraphs} deep.`);
    return { inputs, outputs };
  }
  inspection.message('graph', content, {
    1: bytes((node) => inspectNode(inspection, node, depth)),
    2: text(),
    5: bytes((tensor) => constants.add(inspectTensor(inspection, tensor))),
    10: text(),
    11: bytes((input) => inputs.push(inspectValueInfo(inspection, input))),
    12: bytes((output) => outputs.push(inspectValueInfo(inspection, output))),
    13: bytes((value) => inspectValueInfo(inspection, value)),
    14: bytes((annotation) =>
      inspection.message('annotation', annotation, { 1: text(), 2: bytes(inspection.entry) }),
    ),
    15: bytes((tensor) => inspectSparseTensor(inspection, tensor)),
    16: bytes(inspection.entry),
  });
  // Before IR version 4 constants were listed among the inputs; nobody feeds those.
  return { inputs: inputs.filter(({ name }) => !constants.has(name)), outputs };
}

/** Operators of other domains may be anything that somebody linked into a runtime. */
export function inspectDomain(inspection: Inspection, domain: string): void {
  if (DOMAINS.has(domain)) return;
  inspection.refuse(`Operators of domain "${domain.slice(0, 100)}" are not allowed.`);
}

function inspectNode(inspection: Inspection, content: Uint8Array, depth: number): void {
  inspection.countNode();
  let operator = '';
  let domain = '';
  inspection.message('node', content, {
    1: text(),
    2: text(),
    3: text(),
    4: text((name) => {
      operator = name;
    }),
    5: bytes((attribute) => inspectAttribute(inspection, attribute, depth)),
    6: text(),
    7: text((name) => {
      domain = name;
      inspectDomain(inspection, name);
    }),
    8: text((overload) => {
      if (overload !== '') inspection.refuse('A node calls a local function.');
    }),
    9: bytes(inspection.entry),
  });
  if (domain === 'com.microsoft' && !RUNTIME_OPERATORS.has(operator)) {
    inspection.refuse(`The operator "${operator.slice(0, 100)}" of domain "${domain}" is not allowed.`);
  }
}

function inspectAttribute(inspection: Inspection, content: Uint8Array, depth: number): void {
  const tensor = bytes((value) => inspectTensor(inspection, value));
  const graph = bytes((value) => inspectGraph(inspection, value, depth + 1));
  const type = bytes((value) => inspectType(inspection, value));
  const sparse = bytes((value) => inspectSparseTensor(inspection, value));
  inspection.message('attribute', content, {
    1: text(),
    2: float32(),
    3: number(),
    4: bytes(),
    5: tensor,
    6: graph,
    7: float32s(),
    8: numbers(),
    9: bytes(),
    10: tensor,
    11: graph,
    13: text(),
    14: type,
    15: type,
    20: number(),
    21: inspection.forbidden('an attribute of a local function'),
    22: sparse,
    23: sparse,
  });
}
