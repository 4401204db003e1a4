import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DriftwatchError, sentence } from '../../errors.ts';

/** Name of the detached signature beside manifest.json: 64 bytes of ed25519 in base64. */
export const SIGNATURE_FILE = 'manifest.sig';

/**
 * Ed25519 signature over the bytes of a manifest. The manifest names the sha256 of its model.onnx, so the model is
 * signed as well. Source: RFC 8032.
 */
export function signManifest(manifest: Uint8Array, key: KeyObject): string {
  return `${sign(null, manifest, key).toString('base64')}\n`;
}

/** Whether the signature is that of the key's owner over these very bytes. */
export function isSigned(manifest: Uint8Array, signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature.trim(), 'base64');
  return bytes.length === 64 && verify(null, manifest, key, bytes);
}

/** A private key from a PEM file, as `openssl genpkey -algorithm ed25519` writes it. Throws CONFIG_INVALID. */
export function readSigningKey(path: string): KeyObject {
  return readKey(path, createPrivateKey);
}

/** A public key from a PEM file, as `openssl pkey -pubout` writes it. Throws CONFIG_INVALID. */
export function readVerifyingKey(path: string): KeyObject {
  return readKey(path, createPublicKey);
}

function readKey(path: string, create: (pem: string) => KeyObject): KeyObject {
  try {
    const key = create(readFileSync(path, 'utf8'));
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new Error(`it is a key of type ${key.asymmetricKeyType ?? 'unknown'}, not ed25519`);
  } catch (cause) {
    throw new DriftwatchError({
      code: 'CONFIG_INVALID',
      message: `The key ${path} cannot be used: ${sentence(cause).replace(/\.$/, '')}.`,
      next: 'Make one with `openssl genpkey -algorithm ed25519`, and its public half with `openssl pkey -pubout`.',
      cause,
    });
  }
}
