import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FlightYear, readFlights } from '../../deploy/demo/flights.ts';
import { MODEL, type Registered } from '../../deploy/demo/ports.ts';
import type { prepareDemo } from '../../deploy/demo/prepare.ts';
import { replay } from '../../deploy/demo/replay.ts';
import { STORY_ENDS, TRAINING_ENDS } from '../../deploy/demo/story.ts';
import { type Incident, readNews, readSummary, type Summary } from '../../deploy/demo/summary.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Settings } from './settings.ts';
import type { View } from './view/view.ts';
import { type Ports, PROCESS_PORT, SERVER_PORT } from './wire.ts';

/** Whether a story has been told to its end in a home; with another configuration it may be told again. */
export function hasEnded(home: string): boolean {
  return existsSync(join(home, MARK));
}

/** Begins to read the flights. Whoever waits for the year hears what goes wrong with it, and nobody before. */
export function openYear(): Promise<FlightYear> {
  const year = readFlights(FLIGHTS);
  year.catch(() => undefined);
  return year;
}

/** Runs the story of the demo once per home; a finished one is not told again. */
export async function runDemo(args: {
  settings: Settings;
  ports: Ports;
  /** Flights that are being read already. */
  year?: Promise<FlightYear>;
  schemas: Awaited<ReturnType<typeof prepareDemo>>;
  retrainRequest: Registered;
  view: View;
  signal: AbortSignal;
}): Promise<{ summary: Summary; replayed: boolean }> {
  const { settings, ports, view } = args;
  const mark = join(settings.home, MARK);
  const told = existsSync(mark) && readFileSync(mark, 'utf8').trim() === settings.configHash;
  if (!told) {
    const started = systemClock.now();
    const news = newsReader({ ports, view });
    let announced = 0;
    const year = await (args.year ?? openYear());
    const { produced } = await replay({
      ports: {
        ...ports,
        clock: systemClock,
        serverUrl: `http://127.0.0.1:${SERVER_PORT + settings.portOffset}`,
        processUrl: `http://127.0.0.1:${PROCESS_PORT + settings.portOffset}`,
        signal: args.signal,
      },
      year,
      schemas: { ...args.schemas, retrainRequest: args.retrainRequest },
      onEvent: ({ atMs, text }) =>
        view.event({
          atMs,
          kind: text.startsWith('injected') ? 'injected' : 'story',
          text: text.replace(/^injected: /, ''),
        }),
      async onDay({ eventTimeMs, produced: events, happenings }) {
        const seconds = Math.max(0.001, (systemClock.now() - started) / 1000);
        const share = (eventTimeMs - TRAINING_ENDS) / (STORY_ENDS - TRAINING_ENDS);
        if (happenings !== announced) await news();
        announced = happenings;
        view.progress({ eventTimeMs, share, events, eventsPerSecond: events / seconds, lag: 0 });
      },
    });
    ports.log.info({ event: 'story.ended', produced }, 'The story has been told');
    writeFileSync(mark, `${settings.configHash}\n`);
  }
  return { summary: await readSummary(ports), replayed: !told };
}

/** Shows incidents and releases that are new since the last call. */
function newsReader({ ports, view }: { ports: Ports; view: View }): () => Promise<void> {
  const seen = new Set<string>();
  return async () => {
    const news = await readNews(ports.clickhouse);
    for (const incident of news.incidents) {
      const id = `${incident.incident_id}/${incident.revision}`;
      if (seen.has(id) || incident.transition === 'update') continue;
      seen.add(id);
      view.event(incidentNews(incident));
    }
    for (const retrain of news.retrains) {
      if (seen.has(retrain.request_id)) continue;
      seen.add(retrain.request_id);
      view.event({ atMs: retrain.requested, kind: 'retrain', text: `asked for ${MODEL}: ${retrain.cause}` });
    }
    for (const version of news.versions) {
      // The request itself has been seen by then.
      const id = `release/${version.request_id}`;
      if (seen.has(id)) continue;
      seen.add(id);
      const before = version.log_loss_before === null ? '' : `${shown(version.log_loss_before)} -> `;
      const losses = `log-loss ${before}${shown(version.log_loss_after)} on ${version.validation_rows} rows`;
      view.event({
        atMs: version.created,
        kind: 'release',
        text: `${version.version} ${version.status}, trained on ${version.snapshot_rows} flights, ${losses}`,
      });
    }
  };
}

function incidentNews(incident: Incident): { atMs: number; kind: 'incident' | 'resolved'; text: string } {
  const over = incident.transition === 'resolve' || incident.transition === 'retract';
  const kind = over ? 'resolved' : 'incident';
  return { atMs: incident.reported, kind, text: `${incident.severity} ${incident.summary}` };
}

function shown(loss: number | null): string {
  return loss === null ? '-' : loss.toFixed(4);
}

const MARK = 'demo-finished';
const FLIGHTS = fileURLToPath(new URL('../../deploy/demo/data/flights-2013.parquet', import.meta.url));
