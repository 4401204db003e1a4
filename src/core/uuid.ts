import { sha1 } from './sha1.ts';

/**
 * The UUID (version 5) that `name` has inside `namespace`: the same two always give the same id,
 * so an event that is made again after a crash keeps its id. Source: RFC 9562, section 5.5.
 */
export function uuid5(namespace: string, name: string): string {
  const bytes = sha1(new Uint8Array([...bytesOf(namespace), ...new TextEncoder().encode(name)]));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Id of something that driftwatch says, from what it is about: `eventId('verdict', model, kind, ...)`.
 * The parts are joined as JSON, so that ('a', 'b') and ('a,b') differ. Give it no clock and no
 * randomness, or the id is no longer the same after a restart.
 */
export function eventId(kind: string, ...about: readonly (string | number | null)[]): string {
  return uuid5(NAMESPACE, JSON.stringify([kind, ...about]));
}

/** True for the text form of any UUID. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Namespace of every id of driftwatch; changing it changes every id. */
export const NAMESPACE = 'ce7eccdc-4d52-4d5f-a3f5-0a2a4b6c9f10';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function bytesOf(uuid: string): Uint8Array {
  const hex = uuid.replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}
