/**
 * The import rule and its neighbours, checked over the whole tree: `node test/boundaries.ts`.
 * Prints one line per violation and exits with 1 if there is any.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { readSource, type SourceText } from './fixtures/source-text.ts';

export interface SourceFile {
  /** Relative to the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

interface Rule {
  /** Parts whose values may be imported. */
  readonly values: readonly string[];
  /** Parts of which only types may be imported. */
  readonly types?: readonly string[];
  /** Packages from npm that may be imported; all of them unless listed. */
  readonly packages?: readonly string[];
  /** Whether Node's own modules may be imported. */
  readonly node: boolean;
}

/** The longest matching beginning of a path decides which part a file belongs to. */
const PARTS = [
  'src/errors.ts',
  'src/config.ts',
  'src/core/',
  'src/io/',
  'src/runtime/',
  'src/server/',
  'src/cli/',
  'topics/',
  'processors/',
  'schemas/',
  'deploy/embedded/',
  'deploy/',
  'test/',
] as const;
type Part = (typeof PARTS)[number];

// Decoders of result columns and of error codes: pure, and needed by whoever reads rows.
const DECODERS = ['src/io/clickhouse/columns.ts', 'src/io/clickhouse/exception-code.ts'];

const RULES: Record<Exclude<Part, 'src/cli/' | 'test/'>, Rule> = {
  'src/errors.ts': { values: [], packages: [], node: false },
  'src/config.ts': { values: ['src/core/', 'src/errors.ts'], packages: ['zod'], node: false },
  'src/core/': { values: ['src/core/', 'src/errors.ts'], packages: ['simple-statistics'], node: false },
  'src/io/': {
    values: ['src/io/', 'src/core/', 'src/errors.ts', 'topics/'],
    types: ['src/runtime/log.ts'],
    node: true,
  },
  'src/runtime/': {
    values: ['src/runtime/', 'src/core/', 'src/errors.ts', 'topics/', ...DECODERS],
    types: ['src/io/', 'src/config.ts'],
    packages: ['pino', 'zod'],
    node: true,
  },
  'src/server/': {
    values: ['src/server/', 'src/core/', 'src/errors.ts', 'src/runtime/', ...DECODERS],
    types: ['src/io/', 'src/config.ts'],
    packages: ['hono', '@hono/node-server', 'zod'],
    node: true,
  },
  'topics/': { values: ['topics/', 'src/errors.ts'], types: ['src/core/'], packages: [], node: false },
  'processors/': {
    values: ['processors/', 'src/core/', 'src/errors.ts', 'src/runtime/', 'topics/', ...DECODERS],
    types: ['src/io/', 'src/config.ts'],
    packages: ['zod'],
    node: true,
  },
  'schemas/': { values: ['schemas/', 'topics/', 'src/core/', 'src/errors.ts'], node: true },
  'deploy/embedded/': { values: ['deploy/embedded/', 'src/errors.ts'], node: true },
  'deploy/': {
    values: [
      'deploy/',
      'processors/',
      'topics/',
      'schemas/',
      ...PARTS.filter((part) => part.startsWith('src/') && part !== 'src/cli/'),
    ],
    node: true,
  },
};

const MAY_READ_ENVIRONMENT = /^(src\/cli\/|test\/|deploy\/embedded\/(.*\/)?(main|supervise)\.ts$)/;
// The embedded ClickHouse is a server: it makes statements of its own (SET, KILL, EXPLAIN AST).
const MAY_HOLD_SQL = /^(src\/io\/clickhouse\/|test\/|deploy\/embedded\/clickhouse\/)/;
const SQL =
  /^\s*(SELECT|INSERT\s+INTO|CREATE\s+(OR\s+REPLACE\s+)?(TABLE|VIEW|DATABASE|MATERIALIZED)|ALTER\s+TABLE|DROP\s+(TABLE|VIEW|DATABASE)|OPTIMIZE\s+TABLE|TRUNCATE|WITH\s+\w+\s+AS|EXPLAIN|KILL\s+QUERY)\b/;
const IMPURE =
  /\b(Date\.now|new Date\(\s*\)|Math\.random|performance\.|console\.|process\.|setTimeout|setInterval|setImmediate|fetch\(|crypto\.)/g;

/** Every broken rule in one file, as `path:line: sentence`. */
export function violations(file: SourceFile): string[] {
  const source = readSource(file.text);
  const found = [
    ...importViolations(file.path, source),
    ...environmentViolations(file.path, source),
    ...sqlViolations(file.path, source),
    ...purityViolations(file.path, source),
  ];
  return found.map(({ line, sentence }) => `${file.path}:${line}: ${sentence}`);
}

interface Finding {
  readonly line: number;
  readonly sentence: string;
}

function importViolations(path: string, source: SourceText): Finding[] {
  const part = partOf(path);
  if (part === undefined || part === 'src/cli/' || part === 'test/') return [];
  const rule = RULES[part];
  return source.imports.flatMap(({ specifier, typeOnly, line }) => {
    const refusal = refuse(rule, path, specifier, typeOnly);
    return refusal === undefined
      ? []
      : [{ line, sentence: `${part.replace(/\/$/, '')} must not import ${refusal}` }];
  });
}

function refuse(rule: Rule, from: string, specifier: string, typeOnly: boolean): string | undefined {
  if (specifier.startsWith('node:')) return rule.node ? undefined : specifier;
  if (!specifier.startsWith('.')) {
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    return rule.packages === undefined || rule.packages.includes(name) ? undefined : `the package ${name}`;
  }
  const target = normalize(join(dirname(from), specifier));
  if (rule.values.some((allowed) => target.startsWith(allowed))) return undefined;
  const typesAllowed = rule.types?.some((allowed) => target.startsWith(allowed)) ?? false;
  if (typesAllowed && typeOnly) return undefined;
  return typesAllowed ? `values of ${target}, only types (import type)` : target;
}

function environmentViolations(path: string, source: SourceText): Finding[] {
  if (MAY_READ_ENVIRONMENT.test(path)) return [];
  return linesWith(source.code, /\bprocess\s*\.\s*env\b|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/g).map(
    (line) => ({
      line,
      sentence: 'only src/cli reads the environment; take the value as an argument',
    }),
  );
}

function sqlViolations(path: string, source: SourceText): Finding[] {
  if (MAY_HOLD_SQL.test(path)) return [];
  return source.strings
    .filter(({ text }) => SQL.test(text))
    .map(({ line }) => ({ line, sentence: 'SQL belongs in schemas/queries/*.sql' }));
}

function purityViolations(path: string, source: SourceText): Finding[] {
  if (partOf(path) !== 'src/core/') return [];
  return linesWith(source.code, IMPURE).map((line) => ({
    line,
    sentence: 'src/core has no clock, randomness, I/O or logging; take the value as an argument',
  }));
}

function linesWith(code: string, pattern: RegExp): number[] {
  return [...code.matchAll(pattern)].map((match) => code.slice(0, match.index).split('\n').length);
}

function partOf(path: string): Part | undefined {
  return PARTS.find((part) => path.startsWith(part));
}

/** All sources that the rules are about. */
export function projectSources(root: string): SourceFile[] {
  return globSync(['{src,topics,processors,schemas,deploy,test}/**/*.ts'], { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

if (import.meta.main) {
  const found = projectSources(fileURLToPath(new URL('..', import.meta.url))).flatMap(violations);
  for (const line of found) process.stderr.write(`${line}\n`);
  if (found.length > 0) process.exitCode = 1;
}
