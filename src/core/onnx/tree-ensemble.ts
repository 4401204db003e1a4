import type { Tree, TreeEnsemble } from '../models/model.ts';
import type { Graph } from './graph.ts';
import {
  floatsAttribute,
  integerAttribute,
  integersAttribute,
  ML_DOMAIN,
  node,
  textsAttribute,
} from './model.ts';

/** An ensemble needs a tree: this one always answers 0. */
const STUMP: Tree = {
  column: [0],
  threshold: [0],
  missingLeft: [false],
  left: [-1],
  right: [-1],
  value: [0],
};

/**
 * ai.onnx.ml.TreeEnsembleRegressor: one score per ensemble, before the logistic function or softmax. Branches are BRANCH_LEQ (left is the true
 * branch) and NaN follows nodes_missing_value_tracks_true.
 */
export function treeEnsemble(
  graph: Graph,
  input: string,
  ensembles: readonly Omit<TreeEnsemble, 'kind'>[],
): string {
  const output = graph.fresh('score');
  const grown = ensembles.flatMap(({ trees }, target) => trees.map((tree) => ({ tree, target })));
  const trees = grown.length === 0 ? [{ tree: STUMP, target: 0 }] : grown;
  const all = trees.flatMap(({ tree, target }, treeId) =>
    tree.left.map((left, nodeId) => ({ tree, target, treeId, left, nodeId })),
  );
  const leaves = all.filter(({ left }) => left === -1);
  graph.nodes.push(
    node({
      operator: 'TreeEnsembleRegressor',
      domain: ML_DOMAIN,
      inputs: [input],
      output,
      attributes: [
        floatsAttribute(
          'base_values',
          ensembles.map(({ base }) => base),
        ),
        integerAttribute('n_targets', ensembles.length),
        integersAttribute(
          'nodes_treeids',
          all.map(({ treeId }) => treeId),
        ),
        integersAttribute(
          'nodes_nodeids',
          all.map(({ nodeId }) => nodeId),
        ),
        textsAttribute(
          'nodes_modes',
          all.map(({ left }) => (left === -1 ? 'LEAF' : 'BRANCH_LEQ')),
        ),
        integersAttribute(
          'nodes_featureids',
          all.map(({ tree, nodeId }) => tree.column[nodeId] ?? 0),
        ),
        floatsAttribute(
          'nodes_values',
          all.map(({ tree, nodeId }) => tree.threshold[nodeId] ?? 0),
        ),
        integersAttribute(
          'nodes_truenodeids',
          all.map(({ left }) => Math.max(0, left)),
        ),
        integersAttribute(
          'nodes_falsenodeids',
          all.map(({ tree, nodeId }) => Math.max(0, tree.right[nodeId] ?? 0)),
        ),
        integersAttribute(
          'nodes_missing_value_tracks_true',
          all.map(({ tree, nodeId }) => (tree.missingLeft[nodeId] === true ? 1 : 0)),
        ),
        integersAttribute(
          'target_treeids',
          leaves.map(({ treeId }) => treeId),
        ),
        integersAttribute(
          'target_nodeids',
          leaves.map(({ nodeId }) => nodeId),
        ),
        integersAttribute(
          'target_ids',
          leaves.map(({ target }) => target),
        ),
        floatsAttribute(
          'target_weights',
          leaves.map(({ tree, nodeId }) => tree.value[nodeId] ?? 0),
        ),
      ],
    }),
  );
  return output;
}
