import type { KeyObject } from 'node:crypto';
import { readSigningKey, readVerifyingKey } from '../io/files/signature.ts';

/** The private key that versions are signed with, where DRIFTWATCH_SIGNING_KEY names its file. */
export function signingKey(): KeyObject | undefined {
  const path = process.env['DRIFTWATCH_SIGNING_KEY'];
  return path === undefined ? undefined : readSigningKey(path);
}

/** The public key that versions must be signed for, where DRIFTWATCH_VERIFYING_KEY names its file. */
export function verifyingKey(): KeyObject | undefined {
  const path = process.env['DRIFTWATCH_VERIFYING_KEY'];
  return path === undefined ? undefined : readVerifyingKey(path);
}
