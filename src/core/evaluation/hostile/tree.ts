import type { AvroDefinition } from '../../avro/definition.ts';
import { frame } from '../../avro/frame.ts';
import { joined, longBytes } from './avro-writer.ts';
import { END } from './example.ts';
import { TREE_ID } from './hostile.ts';

/** A type that contains itself in three ways, and a list of things without bytes. */
export const TREE_SCHEMA: AvroDefinition = {
  type: 'record',
  name: 'Top',
  namespace: 'hostile',
  fields: [
    { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-millis' } },
    {
      name: 'tree',
      type: {
        type: 'record',
        name: 'Node',
        fields: [
          { name: 'nothings', type: { type: 'array', items: 'null' } },
          { name: 'next', type: ['null', 'Node'] },
          { name: 'children', type: { type: 'array', items: 'Node' } },
          { name: 'named', type: { type: 'map', values: 'Node' } },
        ],
      },
    },
  ],
};

/** The message value of a tree whose root node has these bytes. */
export function treeOf(node: Uint8Array): Uint8Array {
  return frame(TREE_ID, joined([longBytes(1_000), node]));
}

/** A node with nothing in it. */
export const LEAF: Uint8Array = joined([END, longBytes(0), END, END]);
