import { connect } from 'node:net';

const TIMEOUT_MS = 2000;
const METADATA_REQUEST = 3;
const METADATA_VERSION = 1;
const CLIENT_ID = 'driftwatch-readiness';
const ANSWER_HEAD_BYTES = 12;

/**
 * Whether the broker on this port names at least one broker in its metadata. The port opens a little
 * before that, and clients that connect in between get an empty cluster. One request written by hand:
 * a client library would keep timers and print warnings for this one question.
 */
export function knowsItself(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    const answer = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    let received = Buffer.alloc(0);
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Length, correlation id, number of brokers: four bytes each.
      if (received.length >= ANSWER_HEAD_BYTES) answer(received.readInt32BE(8) > 0);
    });
    for (const event of ['error', 'timeout', 'close'] as const) socket.once(event, () => answer(false));
  });
}

/** Metadata about no topic: length, key, version, correlation id, client id, empty list. */
function metadataRequest(): Buffer {
  const name = Buffer.from(CLIENT_ID);
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + name.length + 4);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(METADATA_REQUEST, 4);
  request.writeInt16BE(METADATA_VERSION, 6);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(name.length, 12);
  name.copy(request, 14);
  request.writeInt32BE(0, 14 + name.length);
  return request;
}
