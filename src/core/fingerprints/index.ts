import type { Family } from './candidate.ts';
import { clipped } from './clipped.ts';
import { codePermutation } from './code-permutation.ts';
import { defaultFilled } from './default-filled.ts';
import { letterCase } from './letter-case.ts';
import { logarithm } from './logarithm.ts';
import { nullZero } from './null-zero.ts';
import { offset } from './offset.ts';
import { rounding } from './rounding.ts';
import { stale } from './stale.ts';
import { standardised } from './standardised.ts';
import { swappedColumns } from './swapped-columns.ts';
import { timeZone } from './time-zone.ts';
import { truncation } from './truncation.ts';
import { unicodeForm } from './unicode-form.ts';
import { unit } from './unit.ts';
import { whitespace } from './whitespace.ts';
import { wrongJoin } from './wrong-join.ts';

/** Every kind of transform that a feature skew can be named after. */
export const FAMILIES = [
  unit,
  offset,
  timeZone,
  stale,
  defaultFilled,
  nullZero,
  truncation,
  rounding,
  letterCase,
  unicodeForm,
  whitespace,
  codePermutation,
  swappedColumns,
  clipped,
  logarithm,
  standardised,
  wrongJoin,
] as const satisfies readonly Family[];
