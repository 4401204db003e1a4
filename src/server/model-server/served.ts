import type { Field } from '../../core/contract/contract.ts';
import { fieldOf } from '../../core/contract/model-inputs.ts';
import type { LoadedVersions } from './loaded-versions.ts';
import type { ServedModel } from './prediction-records.ts';

/** One model behind the routes. */
export interface Served extends ServedModel {
  readonly versions: LoadedVersions;
  readonly encode: (value: Record<string, unknown>) => Buffer;
}

/** Name of the field with a role; empty when the contract has none. */
export function nameOf(served: Served, role: Field['role']): string {
  return fieldOf(served.contract, role)?.name ?? '';
}
