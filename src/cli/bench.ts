import { buildCommand, buildRouteMap, type CommandContext } from '@stricli/core';
import type { BenchAbFlags } from './bench-ab.ts';
import type { BenchCbpeFlags } from './bench-cbpe.ts';
import type { BenchConceptFlags } from './bench-concept.ts';
import type { BenchDetectionFlags } from './bench-detection.ts';
import type { BenchDistinctFlags } from './bench-distinct.ts';
import type { BenchFingerprintsFlags } from './bench-fingerprints.ts';
import type { BenchJointFlags } from './bench-joint.ts';
import type { BenchLossFlags } from './bench-loss.ts';
import type { BenchPolicyFlags } from './bench-policy.ts';
import type { BenchTrainingFlags } from './bench-training.ts';

/** `driftwatch bench`: every figure we state, made again from a seed. */
export const command = buildRouteMap({
  docs: { brief: 'Levels, powers and errors of what driftwatch decides by, measured from a seed' },
  routes: {
    ab: buildCommand<BenchAbFlags, [], CommandContext>({
      docs: {
        brief: 'A/B experiments: false promotions, power, labels to a decision, late labels',
        fullDescription: [
          'Simulated experiments, looked at after every label: two versions that are the same, two of the same',
          'quality, better and worse ones, and one that is better only on the labels that come early, for labels of',
          'each kind. Prints how often each was promoted and rolled back, with exact 95% intervals.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          seed: seedFlag(),
          runs: wholeFlag('Experiments without a gain', '1000'),
          gains: wholeFlag('Experiments of each other kind', '200'),
          answers: wholeFlag('Answers after which an experiment ends', '20000'),
          label: {
            kind: 'enum',
            values: ['boolean', 'categorical', 'numeric'],
            brief: 'Only experiments with a label of this kind',
            optional: true,
          },
          json: jsonFlag(),
        },
      },
      loader: async () => (await import('./bench-ab.ts')).benchAb,
    }),
    fingerprints: buildCommand<BenchFingerprintsFlags, [], CommandContext>({
      docs: {
        brief: 'Skew fingerprints: how often the transform behind a feature skew gets its right name',
        fullDescription: [
          'Puts every transform into made-up numeric, category and string features of 2,000 examples, with jitter',
          'and a fifth of the mismatching ids unrelated: at 5, 10, 20 and 100 mismatching ids, and in 1%, 10% and',
          '100% of the examples. Prints how often the right name came first, and how often differences without a',
          'cause, and examples without a difference, got a name.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          seed: seedFlag(),
          runs: wholeFlag('Tables of examples', '5'),
          misses: { kind: 'boolean', brief: 'List what got another name, or none', default: false },
          size: {
            kind: 'parsed',
            parse: String,
            optional: true,
            brief: 'Only this size: 5 ids, 10 ids, 20 ids, 100 ids, 1%, 10% or 100%',
            placeholder: 'SIZE',
          },
          json: jsonFlag(),
        },
      },
      loader: async () => (await import('./bench-fingerprints.ts')).benchFingerprints,
    }),
    policy: buildCommand<BenchPolicyFlags, [], CommandContext>({
      docs: {
        brief: 'Retrain rules: what they lose and what they spend, on the same streams',
        fullDescription: [
          'Simulated streams without a change, with sudden, gradual, recurring and false drift (the features move and',
          'the model stays right), one row of the table per rule and stream. Regret is the loss above that of',
          'the true probabilities, summed over rows, plus the cost of every retrain. On the flights of the demo, on elec2',
          'and on --file nobody knows the truth: there it is the whole loss.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          seed: seedFlag(),
          runs: wholeFlag('Runs of each stream', '10'),
          windows: wholeFlag('Windows of a run', '240'),
          cost: wholeFlag(
            'Cost of one retrain in nats: the excess loss, summed over rows, it may buy off',
            '20',
          ),
          file: {
            kind: 'parsed',
            parse: String,
            optional: true,
            brief: 'CSV, plain or gzipped: a time, numbers, a label last; 48 rows are a window',
            placeholder: 'FILE',
          },
          json: jsonFlag(),
        },
      },
      loader: async () => (await import('./bench-policy.ts')).benchPolicy,
    }),
    training: buildCommand<BenchTrainingFlags, [], CommandContext>({
      docs: {
        brief: 'The built-in boosting against LightGBM and scikit-learn on the same rows',
        fullDescription: [
          'Flights (late, and the delay as a number), employment, a made-up table in the manner of Covertype with seven',
          'classes, and the electricity market of New South Wales. Quality against the figures recorded in',
          'test/fixtures/training; with --python both sides run, and processor time is printed as a ratio.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          seed: seedFlag(),
          python: {
            kind: 'parsed',
            parse: String,
            optional: true,
            brief: 'Python with test/fixtures/training/requirements.txt, to run the others as well',
            placeholder: 'PROGRAM',
          },
          only: {
            kind: 'parsed',
            parse: String,
            optional: true,
            brief: 'Only this data set: flights, flights-delay, employment, covertype-like or elec2',
            placeholder: 'NAME',
          },
          json: jsonFlag(),
        },
      },
      loader: async () => (await import('./bench-training.ts')).benchTraining,
    }),
    joint: buildCommand<BenchJointFlags, [], CommandContext>({
      docs: {
        brief: 'Joint drift: false alarms and power of the joint signature',
        fullDescription: [
          'References of 10,000 rows, windows of 1,000: 15 normal columns, 10 with 5 categorical ones, and 20 of which',
          'two are correlated. Prints the share of windows flagged without a change and under changes that leave every',
          'single column as it was, with exact 95% intervals, by two samples and by the rule that judges live.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          seed: seedFlag(),
          references: wholeFlag('Independent references', '10'),
          quiet: wholeFlag('Windows without a change', '2000'),
          windows: wholeFlag('Windows of each change', '300'),
          live: { kind: 'boolean', brief: 'Only the rule that judges live', default: false },
          json: jsonFlag(),
        },
      },
      loader: async () => (await import('./bench-joint.ts')).benchJoint,
    }),
    concept: buildCommand<BenchConceptFlags, [], CommandContext>({
      docs: {
        brief: 'Concept drift: verdicts on streams with exactly one kind of change',
        fullDescription: [
          'A fresh reference of 10,000 labelled rows each run, windows of 1,000 and 3,000, of 6,000 and 12,000 for what',
          'is hard to tell. Prints how often each verdict was given for each kind of change at level .01, with exact',
          '95% intervals.',
        ].join('\n'),
      },
      parameters: {
        flags: { seed: seedFlag(), runs: wholeFlag('Runs of each kind and size', '150'), json: jsonFlag() },
      },
      loader: async () => (await import('./bench-concept.ts')).benchConcept,
    }),
    loss: buildCommand<BenchLossFlags, [], CommandContext>({
      docs: {
        brief:
          'Log-loss over windows: false pages where windows depend on each other, and how soon a step is found',
        fullDescription: [
          'One series of label windows, daily and hourly, within its part of a budget of one false page in 30 days. Prints',
          'pages without a change and without an effect floor beside what the ledger counts, at autocorrelations of 0 to',
          '.95 between windows and with a season, the share of steps found within 3, 7 and 40 windows, and of a second step',
          'after the first was found and is over; of a step that stays, how many windows still have the drift.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          seed: seedFlag(),
          runs: wholeFlag('Runs of each kind', '100'),
          only: {
            kind: 'enum',
            values: ['pages', 'steps', 'second-steps'],
            optional: true,
            brief: 'One part, with the figures it has among all',
          },
          json: jsonFlag(),
        },
      },
      loader: async () => (await import('./bench-loss.ts')).benchLoss,
    }),
    distinct: buildCommand<BenchDistinctFlags, [], CommandContext>({
      docs: {
        brief: 'Number of different values: how its score is distributed without a change',
        fullDescription: [
          'Categories of 3 to 100,000 values that do not change, windows of 1,000 rows and of 606 to 1,649, rows that repeat',
          'the one before them with probability 0, .8 and .95. Prints the standard deviation of the score and how often it is',
          'beyond 3 and 4, with exact 95% intervals.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          seed: seedFlag(),
          runs: wholeFlag('Runs of 300 windows of each kind', '10'),
          json: jsonFlag(),
        },
      },
      loader: async () => (await import('./bench-distinct.ts')).benchDistinct,
    }),
    cbpe: buildCommand<BenchCbpeFlags, [], CommandContext>({
      docs: {
        brief: 'Performance estimated without labels against the realised one, on the employment data',
        fullDescription: [
          'Calibrates on the first year and estimates accuracy and AUC of every year and of every 1,000 rows of it.',
          '--seed shuffles the rows before they are cut into windows; 0 keeps the order of the file.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          seed: seedFlag(),
          file: {
            kind: 'parsed',
            parse: String,
            optional: true,
            brief:
              'Parquet file with id, year, employed and predicted_probability, instead of the recorded one',
            placeholder: 'FILE',
          },
          json: jsonFlag(),
        },
      },
      loader: async () => (await import('./bench-cbpe.ts')).benchCbpe,
    }),
    detection: buildCommand<BenchDetectionFlags, [], CommandContext>({
      docs: {
        brief:
          'The paging budget: false pages of the whole system over years, and how fast changes are found',
        fullDescription: [
          'Hourly windows of 1,000 rows of 20 features, a budget of one false page in 30 days, no effect floor. The',
          'functions that judge live run over worlds without change (independent rows, autocorrelated ones, a daily',
          'season, finite references, 500 correlated streams, and four years of survey data) and over changes of one',
          'feature. Pages come with 95% intervals. --quick runs a month of each and fewer changes.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          seed: seedFlag(),
          years: wholeFlag('Systems simulated in each world, a year each after 28 days of learning', '10'),
          threads: wholeFlag('Worker threads', '2'),
          quick: { kind: 'boolean', brief: 'Under a minute', default: false },
          only: {
            kind: 'parsed',
            parse: String,
            variadic: ',',
            brief: 'Worlds and powers whose names contain one of these, with the figures they have among all',
            placeholder: 'PART,...',
            default: [],
          },
          json: jsonFlag(),
        },
      },
      loader: async () => (await import('./bench-detection.ts')).benchDetection,
    }),
  },
});

function seedFlag() {
  return wholeFlag('Seed: the same seed gives the same figures on any machine', '1');
}

function jsonFlag() {
  return { kind: 'boolean', brief: 'Print one JSON object instead of a table', default: false } as const;
}

function wholeFlag(brief: string, value: string) {
  return { kind: 'parsed', parse: wholeNumber, brief, default: value } as const;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SyntaxError(`Expected a whole number and received ${text}.`);
}
