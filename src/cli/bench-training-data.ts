import { fileURLToPath } from 'node:url';
import { type Dataset, takeRows } from '../core/models/dataset.ts';
import type { Task } from '../core/models/model.ts';
import { seededRandom } from '../core/random.ts';
import { examplesOfTable } from '../io/files/examples-of-table.ts';
import type { Examples } from '../io/files/read-snapshot.ts';
import { readTable } from '../io/files/table/read-table.ts';
import { EMPLOYMENT } from './bench-cbpe.ts';
import { ELEC2 } from './bench-policy.ts';

/** Rows to train on and later ones to measure on. */
export interface TrainingCase {
  readonly name: string;
  readonly task: Task;
  readonly rounds: number;
  readonly train: Dataset;
  readonly test: Dataset;
}

/** The data sets of `bench training`, or the one that is named. */
export async function trainingCases(args: { only?: string }): Promise<readonly TrainingCase[]> {
  const builders: Record<string, () => Promise<TrainingCase> | TrainingCase> = {
    flights: () => flights('flights', 'classification', 'late'),
    'flights-delay': () => flights('flights-delay', 'regression', 'arrival_delay_min'),
    employment,
    'covertype-like': covertypeLike,
    elec2: electricity,
  };
  const cases: TrainingCase[] = [];
  for (const [name, build] of Object.entries(builders)) {
    if (args.only === undefined || args.only === name) cases.push(await build());
  }
  return cases;
}

/** Departures of January and February 2013: before 21 February to train on, the rest to measure on. */
async function flights(name: string, task: Task, label: string): Promise<TrainingCase> {
  const columns = [TIME, label, ...FLIGHT_FEATURES];
  const { table } = await readTable(FLIGHTS, { columns });
  const all = examplesOfTable({ table, path: FLIGHTS, time: TIME, label, features: FLIGHT_FEATURES });
  // Nobody plans by a delay of ten hours; the rows with one would own the squared error.
  const bounded = all.dataset.label.map((value) => Math.min(180, Math.max(-60, value)));
  return {
    name,
    task,
    rounds: 100,
    ...splitAt(
      { ...all, dataset: { ...all.dataset, label: bounded } },
      Date.UTC(2013, 1, 21),
      Date.UTC(2013, 2, 1),
    ),
  };
}

/** A third of the people asked in 2015 to train on, of those in 2016 to measure on. */
async function employment(): Promise<TrainingCase> {
  const { table } = await readTable(EMPLOYMENT);
  const left = ['id', 'year', 'employed', 'prediction', 'predicted_probability'];
  const features = [...table.columns.keys()].filter((name) => !left.includes(name));
  const all = examplesOfTable({ table, path: EMPLOYMENT, time: 'year', label: 'employed', features });
  const third = (year: number): Dataset =>
    takeRows(
      all.dataset,
      Array.from(all.eventTimesMs.keys()).filter((row) => row % 3 === 0 && all.eventTimesMs[row] === year),
    );
  const [train, test] = [third(2015), third(2016)];
  return { name: 'employment', task: 'classification', rounds: 100, train, test };
}

/** The Australian electricity market: the first two thirds of the half hours to train on. */
async function electricity(): Promise<TrainingCase> {
  const path = fileURLToPath(ELEC2);
  const { table } = await readTable(path);
  const features = ['period', 'nswprice', 'nswdemand', 'vicprice', 'vicdemand', 'transfer'];
  const { dataset } = examplesOfTable({ table, path, time: 'period', label: 'target', features });
  const rows = Array.from({ length: dataset.rows }, (_, row) => row);
  const cut = Math.floor((2 * dataset.rows) / 3);
  const [train, test] = [takeRows(dataset, rows.slice(0, cut)), takeRows(dataset, rows.slice(cut))];
  return { name: 'elec2', task: 'classification', rounds: 100, train, test };
}

/**
 * Made in the manner of Covertype: which of seven kinds of forest stands at a place, by height, slope, distances, shade,
 * four areas and forty soils. Kinds have heights they like, soils and areas they like, and a tenth of the labels is noise.
 */
function covertypeLike(): TrainingCase {
  const random = seededRandom(54);
  const rows = 12_000;
  const likes = Array.from({ length: KINDS }, (_, kind) => ({
    height: 1900 + 230 * kind,
    soils: Array.from({ length: 40 }, () => 1.5 * random()),
    areas: Array.from({ length: 4 }, () => random()),
    water: random() - 0.5,
  }));
  const numeric: Record<string, Float64Array> = {};
  for (const name of PLACE) numeric[name] = new Float64Array(rows);
  const soils: string[] = [];
  const areas: string[] = [];
  const label = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const height = 1850 + 1900 * random();
    const [soil, area, water] = [Math.floor(random() * 40), Math.floor(random() * 4), random() * 1400];
    const values = [
      height,
      66 * random() ** 2,
      360 * random(),
      water,
      ...Array.from({ length: 6 }, () => random() * 255),
    ];
    PLACE.forEach((name, at) => {
      const column = numeric[name];
      if (column !== undefined) column[row] = Math.round(values[at] ?? 0);
    });
    soils.push(`soil${soil}`);
    areas.push(`area${area}`);
    const scores = likes.map(
      (of) =>
        -(((height - of.height) / 260) ** 2) +
        (of.soils[soil] ?? 0) +
        (of.areas[area] ?? 0) +
        (of.water * water) / 400,
    );
    const best = scores.indexOf(Math.max(...scores));
    label[row] = random() < 0.1 ? Math.floor(random() * KINDS) : best;
  }
  const all: Dataset = {
    rows,
    numeric: PLACE.map((name) => ({ name, values: numeric[name] ?? new Float64Array(rows) })),
    categorical: [
      { name: 'area', values: areas },
      { name: 'soil', values: soils },
    ],
    label,
  };
  const order = Array.from({ length: rows }, (_, row) => row);
  const [train, test] = [takeRows(all, order.slice(0, 8_000)), takeRows(all, order.slice(8_000))];
  return { name: 'covertype-like', task: 'multiclass', rounds: 50, train, test };
}

function splitAt(examples: Examples, cut: number, end: number): { train: Dataset; test: Dataset } {
  const { eventTimesMs, dataset } = examples;
  const rows = Array.from(eventTimesMs.keys()).filter((row) => !Number.isNaN(dataset.label[row]));
  const time = (row: number): number => eventTimesMs[row] ?? Number.NaN;
  return {
    train: takeRows(
      dataset,
      rows.filter((row) => time(row) < cut),
    ),
    test: takeRows(
      dataset,
      rows.filter((row) => time(row) >= cut && time(row) < end),
    ),
  };
}

const FLIGHTS = fileURLToPath(new URL('../../deploy/demo/data/flights-2013.parquet', import.meta.url));
const TIME = 'scheduled_departure';
const FLIGHT_FEATURES = [
  'scheduled_hour',
  'day_of_week',
  'distance_mi',
  'temperature_f',
  'dew_point_f',
  'humidity_pct',
  'wind_direction_deg',
  'wind_speed_mph',
  'wind_gust_mph',
  'precipitation_in',
  'pressure_mbar',
  'visibility_mi',
  'plane_year',
  'plane_seats',
  'carrier',
  'origin',
  'destination',
  'plane_engine',
];
const KINDS = 7;
const PLACE = [
  'elevation',
  'slope',
  'aspect',
  'to_water',
  'above_water',
  'to_road',
  'shade_9',
  'shade_12',
  'shade_15',
  'to_fire',
];
