import { doubleInitializer, initializer, integerInitializer } from './model.ts';

/** A graph under construction: nodes in order of execution, constants, and fresh names. */
export interface Graph {
  readonly nodes: Uint8Array[];
  readonly initializers: Uint8Array[];
  /** A name that no feature has: contract names never start with an underscore. */
  fresh(hint: string): string;
  /** Name of a constant. An empty shape is a scalar. */
  constant(hint: string, shape: readonly number[], values: readonly number[]): string;
  /** Name of a constant list in double precision. */
  doubles(hint: string, values: readonly number[]): string;
  /** Name of a constant list of int64. */
  integers(hint: string, values: readonly number[]): string;
}

export function emptyGraph(): Graph {
  let names = 0;
  const graph: Graph = {
    nodes: [],
    initializers: [],
    fresh(hint) {
      names += 1;
      return `_${names}_${hint}`;
    },
    constant(hint, shape, values) {
      const name = graph.fresh(hint);
      graph.initializers.push(initializer(name, shape, values));
      return name;
    },
    doubles(hint, values) {
      const name = graph.fresh(hint);
      graph.initializers.push(doubleInitializer(name, values));
      return name;
    },
    integers(hint, values) {
      const name = graph.fresh(hint);
      graph.initializers.push(integerInitializer(name, values));
      return name;
    },
  };
  return graph;
}
