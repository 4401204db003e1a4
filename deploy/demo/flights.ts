import { zstdDecompressSync } from 'node:zlib';
import { asyncBufferFromFile, parquetRead } from 'hyparquet';
import { z } from 'zod';

/** One departure of the data file. Times are milliseconds since 1970; null is what the data does not have. */
export type Flight = z.infer<typeof FLIGHT>;

/** The year, column by column: a row becomes an object only when it is asked for. */
export interface FlightYear {
  readonly rows: number;
  /** Scheduled departures, ascending. */
  readonly departures: readonly number[];
  /** Landing times; null for cancelled flights. */
  readonly landings: readonly (number | null)[];
  flight(row: number): Flight;
}

/** Reads deploy/demo/data/flights-2013.parquet: 336,776 departures in order of their schedule. */
export async function readFlights(file: string): Promise<FlightYear> {
  const columns = new Map<string, unknown[]>(Object.keys(FLIGHT.shape).map((name) => [name, []]));
  await parquetRead({
    file: await asyncBufferFromFile(file),
    columns: [...columns.keys()],
    compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
    onChunk({ columnName, columnData, rowStart }) {
      const column = columns.get(columnName);
      for (let i = 0; column !== undefined && i < columnData.length; i += 1)
        column[rowStart + i] = columnData[i];
    },
  });
  const departures = (columns.get('scheduled_departure') ?? []).map((value) => TIME.parse(value));
  const landings = (columns.get('landed') ?? []).map((value) => TIME.nullable().parse(value));
  return {
    rows: departures.length,
    departures,
    landings,
    flight: (row) =>
      FLIGHT.parse(Object.fromEntries([...columns].map(([name, column]) => [name, column[row] ?? null]))),
  };
}

const TIME = z.date().transform((date) => date.getTime());
const text = z.string().nullable();
const number = z.number().nullable();
const FLIGHT = z.object({
  flight_id: z.string(),
  scheduled_departure: TIME,
  landed: TIME.nullable(),
  month: z.number(),
  day_of_week: z.number(),
  scheduled_hour: z.number(),
  carrier: text,
  origin: text,
  destination: text,
  distance_mi: number,
  temperature_f: number,
  dew_point_f: number,
  humidity_pct: number,
  wind_direction_deg: number,
  wind_speed_mph: number,
  wind_gust_mph: number,
  precipitation_in: number,
  pressure_mbar: number,
  visibility_mi: number,
  plane_year: number,
  plane_seats: number,
  plane_engine: text,
  late: number,
});
