import { bytes, number, text } from './field-handlers.ts';
import { type GraphPorts, inspectDomain, inspectGraph } from './inspect-graph.ts';
import type { OnnxPort } from './inspect-type.ts';
import { type Inspection, type OnnxLimits, startInspection } from './inspection.ts';

export const ONNX_LIMITS: OnnxLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxElements: 16_777_216,
  maxNodes: 100_000,
  maxSubgraphs: 3,
  maxFields: 20_000_000,
};

export type OnnxCheck =
  | {
      readonly status: 'ok';
      readonly producer: string;
      readonly inputs: readonly OnnxPort[];
      readonly outputs: readonly OnnxPort[];
    }
  | { readonly status: 'refused'; readonly reasons: readonly string[] };

/**
 * Reads a model file before a runtime does, and refuses what could reach beyond it or exhaust it: data
 * outside the file (a path in the file would be opened), operators outside the standard domains (but MurmurHash3 of the runtime),
 * oversized or mis-sized tensors, deep nesting, local functions, training parts, unknown fields,
 * bytes that make no sense. It does not run the model and does not prove that it answers anything sensible:
 * the probe does. Source: onnx.proto of ONNX 1.16 for the messages and their fields.
 */
export function checkOnnx(file: Uint8Array, limits: OnnxLimits = ONNX_LIMITS): OnnxCheck {
  if (file.length === 0) return { status: 'refused', reasons: ['The file is empty.'] };
  if (file.length > limits.maxBytes) {
    const reason = `The file has ${file.length} bytes; ${limits.maxBytes} are allowed.`;
    return { status: 'refused', reasons: [reason] };
  }
  const inspection = startInspection(limits);
  const { producer, graphs } = inspectModel(inspection, file);
  const [graph] = graphs;
  // A parser merges repeated graphs into one that nobody has looked at as a whole.
  if (graphs.length !== 1) inspection.refuse(`The file has ${graphs.length} main graphs; it must have one.`);
  if (graph?.outputs.length === 0) inspection.refuse('The graph has no output.');
  if (graph === undefined || inspection.reasons.length > 0) {
    return { status: 'refused', reasons: inspection.reasons };
  }
  return { status: 'ok', producer, ...graph };
}

function inspectModel(
  inspection: Inspection,
  file: Uint8Array,
): { producer: string; graphs: readonly GraphPorts[] } {
  let producer = '';
  const graphs: GraphPorts[] = [];
  const domain = text((name) => inspectDomain(inspection, name));
  inspection.message('model', file, {
    1: number(),
    2: text((name) => {
      producer = name;
    }),
    3: text(),
    4: text(),
    5: number(),
    6: text(),
    7: bytes((graph) => graphs.push(inspectGraph(inspection, graph))),
    8: bytes((opset) => inspection.message('opset import', opset, { 1: domain, 2: number() })),
    14: bytes(inspection.entry),
    20: inspection.forbidden('a training part'),
    25: inspection.forbidden('local functions'),
  });
  return { producer, graphs };
}
