import {
  buildApplication,
  buildRouteMap,
  type Command,
  type CommandContext,
  type RouteMap,
  run,
} from '@stricli/core';

/**
 * The commands. Each is loaded when it is called for, so that `--help` needs none of them and a command
 * needs only its own libraries.
 */
const COMMANDS = {
  up: {
    brief: 'Everything at once: stack, processors, trainer, model server, dashboard',
    load: () => import('./up.ts'),
  },
  stack: { brief: 'Kafka, schema registry and ClickHouse on this machine', load: () => import('./stack.ts') },
  process: {
    brief: 'Ingest, panes, verdicts, incidents, retrain requests',
    load: () => import('./process.ts'),
  },
  train: { brief: 'The trainer: answers retrain requests with releases', load: () => import('./train.ts') },
  tune: { brief: 'Hyperparameters by search, in the order of time', load: () => import('./tune.ts') },
  serve: { brief: 'The model server: answers requests, logs predictions', load: () => import('./serve.ts') },
  release: { brief: 'Who answers now, and the way back', load: () => import('./release.ts') },
  config: { brief: 'Check driftwatch.yaml, or print its JSON Schema', load: () => import('./config.ts') },
  contract: {
    brief: 'Differences from the contract, and edits that end them',
    load: () => import('./contract.ts'),
  },
  sql: { brief: 'Ask ClickHouse', load: () => import('./sql.ts') },
  verify: { brief: 'One verdict again from its rows, byte for byte', load: () => import('./verify.ts') },
  distance: {
    brief: 'How far a feature is between two stretches of stored rows, exactly',
    load: () => import('./distance.ts'),
  },
  backtest: { brief: 'The decisions over files: verdicts, pages, cost', load: () => import('./backtest.ts') },
  detect: { brief: 'Detectors over recorded streams', load: () => import('./detect.ts') },
  calibrate: { brief: 'Thresholds for a wanted false alarm rate', load: () => import('./calibrate.ts') },
  bench: { brief: 'Levels and powers, measured from a seed', load: () => import('./bench.ts') },
  receipts: { brief: 'What each release promised, and what came of it', load: () => import('./receipts.ts') },
  'label-next': { brief: 'Which ids to have labelled next, and why', load: () => import('./label-next.ts') },
  'replay-model': {
    brief: 'Score any stored version on any past window',
    load: () => import('./replay-model.ts'),
  },
  models: {
    brief: 'Versions: lineage, model cards, MLflow export',
    load: () => import('./models.ts'),
  },
  datasets: { brief: 'What versions were trained on, and what changed', load: () => import('./datasets.ts') },
  analyse: {
    brief: 'A version: intervals, weakest slices, importance, dependence, fairness, worst rows',
    load: () => import('./analyse.ts'),
  },
  'what-if': {
    brief: 'What a version would say with other values',
    load: () => import('./what-if.ts'),
  },
  golden: { brief: 'Statistics against outside values', load: () => import('./golden.ts') },
  fuzz: {
    brief: 'Hostile messages through ingest, against a second reader',
    load: () => import('./fuzz.ts'),
  },
  simulate: {
    brief: 'Ingest on simulated systems, with crashes at every await',
    load: () => import('./simulate.ts'),
  },
  chaos: { brief: 'Kills on a real stack, against an undisturbed run', load: () => import('./chaos.ts') },
  outage: {
    brief: 'A real processor while one of its systems is away',
    load: () => import('./outage.ts'),
  },
} as const satisfies Record<
  string,
  { brief: string; load: () => Promise<{ command: Command<CommandContext> | RouteMap<CommandContext> }> }
>;

async function main(argv: readonly string[]): Promise<void> {
  const [first = '--help', ...rest] = argv;
  const entry = Object.entries(COMMANDS).find(([name]) => name === first);
  if (entry === undefined) {
    const wanted = first === '--help' || first === '-h' || first === 'help';
    const output = wanted ? process.stdout : process.stderr;
    if (!wanted) output.write(`driftwatch has no command "${first}".\n\n`);
    output.write(usage());
    process.exitCode = wanted ? 0 : 2;
    return;
  }
  const [name, { load, brief }] = entry;
  const { command } = await load();
  const root = buildRouteMap<string, CommandContext>({ routes: { [name]: command }, docs: { brief } });
  const application = buildApplication(root, {
    name: 'driftwatch',
    scanner: { caseStyle: 'allow-kebab-for-camel' },
    documentation: { useAliasInUsageLine: true },
    determineExitCode: statusOf,
  });
  const { stdout, stderr, env } = process;
  const terminal: Terminal = { stdout, stderr, env };
  await run(application, [name, ...rest], { process: terminal });
  process.exitCode = Number(terminal.exitCode ?? 0);
  // The command has closed what it opened; a connection that a client library left behind must not keep it alive.
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

const LINGER_MS = 2_000;

/** The part of the process that commands see. */
interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  exitCode?: number | string | null;
}

/** A command may fail with a status of its own, which scripts can tell from any other failure. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 1;
}

function usage(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { brief }]) => `  ${name.padEnd(width)}  ${brief}`);
  return [
    'driftwatch: does the model still see, and is it still told, what it was trained on?',
    '',
    'driftwatch COMMAND [flags]     driftwatch COMMAND --help',
    '',
    ...lines,
    '',
  ].join('\n');
}

await main(process.argv.slice(2));
