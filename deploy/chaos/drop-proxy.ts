import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between clients and a broker and swallows the answers to some produce requests. */
export interface DropProxy {
  readonly broker: string;
  /** Produce answers swallowed so far; after each the connection is closed. */
  dropped(): number;
  /** Swallows the answer to the next produce request as well; calls back when it has. */
  loseNext(done: () => void): void;
  /** Calls back when the next produce request is on its way to the broker. */
  onNextProduce(event: () => void): void;
  /** Closes every connection at once, whatever is under way on it. */
  cut(): void;
  close(): Promise<void>;
}

/**
 * Every `every`-th produce request reaches the broker and is carried out, but its answer is swallowed and the
 * connection closed: the client cannot know. The broker's own address in its answers is replaced by the
 * proxy's, so that the client stays behind it.
 */
export async function startDropProxy(args: {
  broker: string;
  every: number;
  port?: number;
}): Promise<DropProxy> {
  const [host = '127.0.0.1', port = '9092'] = args.broker.split(':');
  const open = new Set<Socket>();
  let produced = 0;
  let dropped = 0;
  let own = 0;
  const losing: (() => void)[] = [];
  const waiting: (() => void)[] = [];

  const server = createServer((client) => {
    const broker = connect(Number(port), host);
    const doomed = new Map<number, (() => void) | undefined>();
    for (const socket of [client, broker]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
    frames(client, (frame) => {
      if (frame.readInt16BE(4) === PRODUCE) {
        produced += 1;
        const asked = losing.shift();
        if (asked !== undefined || produced % args.every === 0) doomed.set(frame.readInt32BE(8), asked);
      }
      broker.write(frame);
      if (frame.readInt16BE(4) === PRODUCE) for (const event of waiting.splice(0)) event();
    });
    frames(broker, (frame) => {
      const id = frame.readInt32BE(4);
      if (doomed.has(id)) {
        dropped += 1;
        client.destroy();
        doomed.get(id)?.();
        return;
      }
      client.write(readdress(frame, host, Number(port), own));
    });
  });
  server.listen(args.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  own = addressOf(server.address()).port;

  return {
    broker: `127.0.0.1:${own}`,
    dropped: () => dropped,
    loseNext: (done) => void losing.push(done),
    onNextProduce: (event) => void waiting.push(event),
    cut() {
      for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const PRODUCE = 0;

/** Calls back with each whole frame, its length in front. */
function frames(socket: Socket, each: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const length = 4 + rest.readInt32BE(0);
      each(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  });
}

function readdress(frame: Buffer, host: string, from: number, to: number): Buffer {
  const wanted = Buffer.concat([Buffer.from(host), Buffer.alloc(4)]);
  wanted.writeInt32BE(from, host.length);
  const copy = Buffer.from(frame);
  for (let at = copy.indexOf(wanted); at !== -1; at = copy.indexOf(wanted, at + 1)) {
    copy.writeInt32BE(to, at + host.length);
  }
  return copy;
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return address;
}
