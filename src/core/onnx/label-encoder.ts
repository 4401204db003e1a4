import type { Graph } from './graph.ts';
import {
  floatAttribute,
  floatsAttribute,
  integerAttribute,
  integersAttribute,
  ML_DOMAIN,
  node,
  textsAttribute,
} from './model.ts';

/** ai.onnx.ml.LabelEncoder from text to float: keys[i] becomes values[i], anything else `otherwise`. */
export function labelEncoderToFloat(
  graph: Graph,
  input: string,
  args: { keys: readonly string[]; values: readonly number[]; otherwise: number },
): string {
  const output = graph.fresh('code');
  graph.nodes.push(
    node({
      operator: 'LabelEncoder',
      domain: ML_DOMAIN,
      inputs: [input],
      output,
      attributes: [
        textsAttribute('keys_strings', args.keys),
        floatsAttribute('values_floats', args.values),
        floatAttribute('default_float', args.otherwise),
      ],
    }),
  );
  return output;
}

/** ai.onnx.ml.LabelEncoder from text to int64: the position of the key, anything else `otherwise`. */
export function labelEncoderToInteger(
  graph: Graph,
  input: string,
  args: { keys: readonly string[]; values: readonly number[]; otherwise: number },
): string {
  const output = graph.fresh('slot');
  graph.nodes.push(
    node({
      operator: 'LabelEncoder',
      domain: ML_DOMAIN,
      inputs: [input],
      output,
      attributes: [
        textsAttribute('keys_strings', args.keys),
        integersAttribute('values_int64s', args.values),
        integerAttribute('default_int64', args.otherwise),
      ],
    }),
  );
  return output;
}
