import type { Linear } from '../models/model.ts';
import type { Graph } from './graph.ts';
import { floatsAttribute, integerAttribute, ML_DOMAIN, node } from './model.ts';

/**
 * ai.onnx.ml.LinearRegressor: the score before the logistic function. LinearClassifier would apply it
 * inside and leave nothing to calibrate.
 */
export function linearRegressor(graph: Graph, input: string, linear: Linear): string {
  const output = graph.fresh('score');
  graph.nodes.push(
    node({
      operator: 'LinearRegressor',
      domain: ML_DOMAIN,
      inputs: [input],
      output,
      attributes: [
        floatsAttribute('coefficients', linear.weights),
        floatsAttribute('intercepts', [linear.intercept]),
        integerAttribute('targets', 1),
      ],
    }),
  );
  return output;
}
