import { bitFlips } from './bit-flips.ts';
import { countBombs } from './count-bombs.ts';
import { cutShort } from './cut-short.ts';
import { deepRecursion } from './deep-recursion.ts';
import type { Family } from './hostile.ts';
import { intact } from './intact.ts';
import { notNumbers } from './not-numbers.ts';
import { overlongVarints } from './overlong-varints.ts';
import { protoKeys } from './proto-keys.ts';
import { noise } from './random-bytes.ts';
import { schemaIds } from './schema-ids.ts';
import { trailingBytes } from './trailing-bytes.ts';
import { wrongClocks } from './wrong-clocks.ts';

/** Every family of messages; schemas are hostile in their own way, see hostileSchema. */
export const FAMILIES: readonly Family[] = [
  intact,
  countBombs,
  deepRecursion,
  protoKeys,
  overlongVarints,
  cutShort,
  trailingBytes,
  schemaIds,
  notNumbers,
  wrongClocks,
  noise,
  bitFlips,
];
