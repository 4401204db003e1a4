/**
 * Writes the pages on statistics and detectors from their docstrings: `node deploy/docs/generate.ts`. With
 * `--check` nothing is written, and a difference is a sentence and exit status 1.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DETECTORS } from '../../src/core/detectors/index.ts';
import { STATISTICS } from '../../src/core/statistics/index.ts';
import { DriftwatchError, sentence } from '../../src/errors.ts';
import { detectorExamples } from './detector-examples.ts';
import { pageOf } from './page.ts';
import { statisticExamples } from './statistic-examples.ts';

const FOLDER = new URL('pages/', import.meta.url);

/** Text of every page by its path below the folder of pages. */
function generate(): ReadonlyMap<string, string> {
  const statistics = STATISTICS.map((statistic) => ({
    name: statistic.name,
    about: statistic.about,
    facts: [['reads', statistic.accepts.join(', ')]] as const,
    examples: statisticExamples(statistic),
  }));
  const detectors = DETECTORS.filter(({ name }) => name !== SECOND_OF_A_FILE).map((detector) => ({
    name: detector.name,
    about: `A detector of change in a stream of ${READS[detector.reads]}.`,
    facts: [['reads', READS[detector.reads]]] as const,
    examples: detectorExamples(detector),
  }));
  return new Map([
    ...pages('statistics', statistics),
    ...pages('detectors', detectors),
    ['README.md', index({ statistics, detectors })],
  ]);
}

interface Described {
  readonly name: string;
  readonly about: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly examples: string | undefined;
}

function pages(group: string, described: readonly Described[]): [string, string][] {
  const names = new Set(described.map(({ name }) => name));
  return described.map(({ name, about, facts, examples }) => {
    const sourcePath = `src/core/${group}/${name}.ts`;
    const source = readFileSync(new URL(`../../${sourcePath}`, import.meta.url), 'utf8');
    const page = pageOf({
      name,
      source,
      about,
      facts,
      ...(examples === undefined ? {} : { examples }),
      pages: names,
      sourcePath,
    });
    if (page === undefined) throw undocumented(sourcePath);
    return [`${group}/${name}.md`, page];
  });
}

function index(groups: Readonly<Record<string, readonly Described[]>>): string {
  const lists = Object.entries(groups).map(([group, described]) =>
    [
      `## ${group}`,
      '',
      ...described.map(({ name, about }) => `- [${name}](${group}/${name}.md): ${about}`),
    ].join('\n'),
  );
  return `# Statistics and detectors\n\n${ABOUT}\n\n${lists.join('\n\n')}\n`;
}

const ABOUT =
  'One page each: what it means in plain words, when it misleads, which sibling to take instead, and what it answers on samples one can picture. The pages are written from the code by `npm run docs`.';
const READS = { bit: 'errors, 0 and 1', real: 'numbers', evidence: 'p-values or e-values' } as const;
/** Described on the page of `page-hinkley`, whose file it shares. */
const SECOND_OF_A_FILE = 'page-hinkley-scaled';

function undocumented(path: string): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `${path} has no docstring before the function of its name.`,
    next: 'Say what it means, when it misleads and what to take instead.',
  });
}

function write(files: ReadonlyMap<string, string>): number {
  rmSync(FOLDER, { recursive: true, force: true });
  for (const group of ['statistics', 'detectors'])
    mkdirSync(new URL(`${group}/`, FOLDER), { recursive: true });
  for (const [name, text] of files) writeFileSync(new URL(name, FOLDER), text);
  process.stdout.write(`${files.size} pages written to ${fileURLToPath(FOLDER)}\n`);
  return 0;
}

function check(files: ReadonlyMap<string, string>): number {
  const present = existsSync(FOLDER)
    ? readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'))
    : [];
  const extra = present.filter((name) => !files.has(name));
  const differing = [...files]
    .filter(([name, text]) => !present.includes(name) || readFileSync(new URL(name, FOLDER), 'utf8') !== text)
    .map(([name]) => name);
  const names = [...differing, ...extra].toSorted();
  if (names.length === 0) return 0;
  process.stderr.write(
    `deploy/docs/pages does not match the code: ${names.join(', ')}. Run \`npm run docs\` and commit the result.\n`,
  );
  return 1;
}

try {
  process.exitCode = process.argv.includes('--check') ? check(generate()) : write(generate());
} catch (error) {
  process.stderr.write(`${sentence(error)}\n`);
  process.exitCode = 1;
}
