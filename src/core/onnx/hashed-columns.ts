import type { Graph } from './graph.ts';
import { labelEncoderToInteger } from './label-encoder.ts';
import { BOOL, INT64, integerAttribute, MICROSOFT_DOMAIN, node } from './model.ts';
import { oneHotEncoder } from './one-hot-encoder.ts';

/**
 * Texts to buckets by MurmurHash3, which ONNX itself has no operator for: the one of ONNX Runtime is used, and the
 * model needs that runtime. '' is missing and has the last column.
 */
export function hashedColumns(graph: Graph, input: string, buckets: number): string {
  const hash = graph.fresh('hash');
  const wide = graph.fresh('wide_hash');
  const bucket = graph.fresh('bucket');
  const missing = graph.fresh('is_missing');
  const slot = graph.fresh('slot');
  const flag = labelEncoderToInteger(graph, input, { keys: [''], values: [1], otherwise: 0 });
  const count = graph.integers('buckets', [buckets]);
  graph.nodes.push(
    node({
      operator: 'MurmurHash3',
      domain: MICROSOFT_DOMAIN,
      inputs: [input],
      output: hash,
      attributes: [integerAttribute('positive', 1), integerAttribute('seed', 0)],
    }),
    node({ operator: 'Cast', inputs: [hash], output: wide, attributes: [integerAttribute('to', INT64)] }),
    node({ operator: 'Mod', inputs: [wide, count], output: bucket }),
    node({ operator: 'Cast', inputs: [flag], output: missing, attributes: [integerAttribute('to', BOOL)] }),
    node({ operator: 'Where', inputs: [missing, count, bucket], output: slot }),
  );
  return oneHotEncoder(graph, slot, buckets + 1);
}
