import { z } from 'zod';
import { DriftwatchError } from '../../src/errors.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import { type DemoPorts, MODEL } from './ports.ts';

/**
 * Waits until everything that is on the model's topics now has been stored and decided on, every retrain
 * request has been answered, and the server answers with the newest accepted version. A day of the story is
 * over then: in life a day takes long enough for all that. Returns how much has happened to the model so far.
 */
export async function untilSettled(ports: DemoPorts, topics: readonly string[]): Promise<number> {
  const wanted = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, high } of await ports.kafka.watermarks(topic))
      wanted.set(`${topic}/${partition}`, high);
  }
  await until(ports, 'the processors to take in and judge what was produced', async () => {
    const report = PROGRESS.parse(await getJson(`${ports.processUrl}/progress`));
    const floors = new Map(
      report.partitions.map(({ topic, partition, floor }) => [`${topic}/${partition}`, floor]),
    );
    const taken = [...wanted].every(([key, high]) => (floors.get(key) ?? 0) >= high);
    return taken && report.models.every(({ idle }) => idle);
  });
  let news = await readState(ports);
  await until(ports, 'the trainer to answer a retrain request', async () => {
    if (news.pending > 0) news = await readState(ports);
    return news.pending === 0;
  });
  await untilServing(ports, news.champion);
  return news.happenings;
}

/** Waits until the server's default version is the newest accepted one. */
export async function untilServed(ports: DemoPorts): Promise<string> {
  const { champion } = await readState(ports);
  await untilServing(ports, champion);
  return champion;
}

async function untilServing(ports: DemoPorts, champion: string): Promise<void> {
  await until(ports, 'the model server to load the newest version', async () => {
    const { ready, version } = SERVED.parse(await getJson(`${ports.serverUrl}/v1/models/${MODEL}/version`));
    return ready && version === champion;
  });
}

async function readState(ports: DemoPorts): Promise<z.infer<typeof STATE>> {
  const [state] = await ports.clickhouse.rows('news-counts', { model: MODEL }, STATE);
  return state ?? { happenings: 0, pending: 0, champion: '' };
}

/** Asks again until the answer is yes, the replay is called off, or it has taken far too long. */
export async function until(ports: DemoPorts, what: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = ports.clock.now() + DEADLINE_MS;
  for (;;) {
    ports.signal.throwIfAborted();
    if (await done()) return;
    if (ports.clock.now() > deadline) {
      throw new DriftwatchError({
        code: 'STACK_DID_NOT_START',
        message: `The replay has waited ${DEADLINE_MS / 1000} s for ${what}.`,
        next: 'The logs of the processes, in the logs folder of the home directory, say why.',
      });
    }
    await ports.clock.sleep(POLL_MS, ports.signal);
  }
}

/** JSON of a loopback server; undefined while it does not answer or says that it is not ready. */
async function getJson(url: string): Promise<unknown> {
  try {
    const response = await fetch(url);
    return await response.json();
  } catch {
    return NOTHING;
  }
}

const NOTHING = { partitions: [], models: [{ idle: false }], ready: false, version: '' };
const PROGRESS = z.object({
  partitions: z.array(z.object({ topic: z.string(), partition: z.number(), floor: z.number() })),
  models: z.array(z.object({ idle: z.boolean() })),
});
const STATE = z.object({ happenings: count, pending: count, champion: z.string() });
const SERVED = z.object({ ready: z.boolean(), version: z.string() });
const POLL_MS = 15;
const DEADLINE_MS = 180_000;
