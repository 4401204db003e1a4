import { z } from 'zod';
import { DriftwatchError } from '../../src/errors.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import { type DemoPorts, MODEL } from './ports.ts';

/** Waits until everything that is on the model's topics now has been stored and taken into the decisions. */
export async function untilJudged(ports: DemoPorts, topics: readonly string[]): Promise<void> {
  const wanted = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, high } of await ports.kafka.watermarks(topic))
      wanted.set(`${topic}/${partition}`, high);
  }
  await until(ports, 'the processors to take in and judge what was produced', async () => {
    const report = PROGRESS.parse(await getJson(`${ports.processUrl}/progress`));
    return report.models.every(({ judged }) =>
      [...wanted].every(([key, high]) => (judged[key] ?? 0) >= high),
    );
  });
}

/**
 * Waits until every retraining that was asked for up to an instant of stream time has been answered, and the
 * server answers with the newest version accepted up to then. Returns how much has happened to the model so far.
 */
export async function untilAnswered(ports: DemoPorts, untilMs: number): Promise<number> {
  let news = await readState(ports, untilMs);
  await until(
    ports,
    'the trainer to answer a retrain request',
    async () => {
      if (news.pending > 0) news = await readState(ports, untilMs);
      return news.pending === 0;
    },
    TRAINER_POLL_MS,
  );
  await untilServing(ports, news.champion);
  return news.happenings;
}

/** Waits until the server's default version is the newest accepted one. */
export async function untilServed(ports: DemoPorts): Promise<string> {
  const { champion } = await readState(ports, FAR);
  await untilServing(ports, champion);
  return champion;
}

async function untilServing(ports: DemoPorts, champion: string): Promise<void> {
  await until(ports, 'the model server to load the newest version', async () => {
    const { ready, version } = SERVED.parse(await getJson(`${ports.serverUrl}/v1/models/${MODEL}/version`));
    // A later one may be there already: it was asked for by a day that is judged while the next is produced.
    return ready && Number(version.slice(1)) >= Number(champion.slice(1));
  });
}

async function readState(ports: DemoPorts, untilMs: number): Promise<z.infer<typeof STATE>> {
  const [state] = await ports.clickhouse.rows(
    'news-counts',
    { model: MODEL, until: new Date(untilMs) },
    STATE,
  );
  return state ?? { happenings: 0, pending: 0, champion: '' };
}

/** Asks again until the answer is yes, the replay is called off, or it has taken far too long. */
export async function until(
  ports: DemoPorts,
  what: string,
  done: () => Promise<boolean>,
  pollMs = POLL_MS,
): Promise<void> {
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
    await ports.clock.sleep(pollMs, ports.signal);
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

const NOTHING = { models: [{ judged: {} }], ready: false, version: '' };
const PROGRESS = z.object({
  models: z.array(z.object({ judged: z.record(z.string(), z.number()) })),
});
const STATE = z.object({ happenings: count, pending: count, champion: z.string() });
const SERVED = z.object({ ready: z.boolean(), version: z.string() });
/** After everything. */
const FAR = Date.UTC(2100, 0, 1);
const POLL_MS = 30;
/** Training takes seconds, and each question takes ClickHouse from it. */
const TRAINER_POLL_MS = 200;
const DEADLINE_MS = 180_000;
