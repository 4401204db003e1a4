import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeTree } from '../../../../deploy/embedded/clickhouse/reader-guard.ts';
import { isDeniedFunction, isOutwardFunction } from '../../../../deploy/embedded/clickhouse/reader-lists.ts';
import { judgeWords } from '../../../../deploy/embedded/clickhouse/reader-words.ts';
import { readStatement } from '../../../../deploy/embedded/clickhouse/statement.ts';

const PLAIN = [
  'SelectWithUnionQuery (children 1)',
  ' ExpressionList (children 1)',
  '  SelectQuery (children 2)',
  '   ExpressionList (children 1)',
  '    Function count (alias n) (children 1)',
  '     ExpressionList',
  '   TablesInSelectQuery (children 1)',
  '    TablesInSelectQueryElement (children 1)',
  '     TableExpression (children 1)',
  '      TableIdentifier drift_history (alias d)',
];

function judge(lines: readonly string[], outfile?: string): string | undefined {
  const tree = { lines, database: 'driftwatch' };
  return judgeTree(outfile === undefined ? tree : { ...tree, outfile })?.message;
}

function withTable(line: string, ...more: readonly string[]): readonly string[] {
  return [...PLAIN.slice(0, -1), line, ...more];
}

describe('the guard over a syntax tree', () => {
  test('lets a plain select pass', () => {
    assert.equal(judge(PLAIN), undefined);
    assert.equal(judge(withTable('      TableIdentifier driftwatch.drift_history')), undefined);
    assert.equal(judge(withTable('      TableIdentifier system.tables')), undefined);
    assert.equal(judge(withTable('      Function numbers (children 1)', '       ExpressionList')), undefined);
  });

  test('refuses tables elsewhere, paths, and table functions off the list', () => {
    for (const line of [
      '      TableIdentifier other.t',
      '      TableIdentifier system.processes',
      '      TableIdentifier /etc/passwd',
      '      TableIdentifier x.csv',
      '      TableIdentifier default./etc/passwd',
      '      TableIdentifier a.b.c',
      '      Function file (children 1)',
      '      Function somethingNew (children 1)',
    ]) {
      assert.ok(judge(withTable(line)), line);
    }
  });

  test('refuses settings at any depth but for the options of EXPLAIN', () => {
    assert.match(judge([...PLAIN, '   Set']) ?? '', /SETTINGS/);
    assert.match(judge([...PLAIN, ' Set']) ?? '', /SETTINGS/);
    const explained = PLAIN.map((line) => ` ${line}`);
    assert.equal(judge(['Explain EXPLAIN (children 2)', ' Set', ...explained]), undefined);
    assert.match(judge(['Explain EXPLAIN (children 2)', ...explained, ' Set']) ?? '', /SETTINGS/);
    assert.ok(judge(['Explain EXPLAIN TABLE OVERRIDE (children 1)', ...explained]));
  });

  test('refuses any file but the one pipe it was told of', () => {
    assert.ok(judge([...PLAIN, " Literal '/tmp/x'"]));
    assert.ok(judge([...PLAIN, " Literal '/tmp/x'"], '/tmp/pipe'));
    assert.equal(judge([...PLAIN, " Literal '/tmp/pipe'", ' Identifier TSV'], '/tmp/pipe'), undefined);
    assert.ok(judge([...PLAIN, " Literal '/tmp/pipe'", " Literal '/tmp/x'"], '/tmp/pipe'));
  });

  test('refuses nodes it does not know, roots that write, and lines that form no tree', () => {
    for (const lines of [
      ['InsertQuery   (children 1)', ' Identifier t'],
      ['Set'],
      ['KillQueryQuery x ASYNC'],
      [...PLAIN, '   NodeOfALaterVersion'],
      [...PLAIN, '       ColumnsApplyTransformer'],
      [...PLAIN, '           Identifier too_deep'],
      [...PLAIN, 'SelectWithUnionQuery'],
      [...PLAIN, ''],
      [],
    ]) {
      assert.ok(judge(lines), lines.at(-1));
    }
  });

  test('looks at the right side of IN as at a table', () => {
    const inSide = (name: string): readonly string[] => [
      ...PLAIN.slice(0, 4),
      '    Function in (children 1)',
      '     ExpressionList (children 2)',
      '      Literal UInt64_1',
      `      Identifier ${name}`,
    ];
    assert.equal(judge(inSide('drift_history')), undefined);
    for (const name of ['/etc/passwd', 'system.processes', 'other.t']) assert.ok(judge(inSide(name)), name);
  });
});

describe('the guard over words', () => {
  const words = (sql: string, params: readonly (readonly [string, string])[] = []): string | undefined =>
    judgeWords({ statement: readStatement(sql), format: 'TabSeparated', params })?.message;

  test('lets names and texts pass that only look like calls', () => {
    for (const sql of [
      'SELECT url, s3, input FROM flights',
      "SELECT 'file(1)', $$ file(1) $$ -- file(1)",
      'SELECT /* file(1) */ 1',
      'SELECT URLHash(x), fuzzBits(x, 0.1)',
      'SELECT {x:Identifier} FROM t',
    ]) {
      assert.equal(words(sql, [['param_x', 'carrier']]), undefined, sql);
    }
  });

  test('refuses what a syntax tree would not show', () => {
    for (const sql of [
      'SELECT * APPLY file',
      'SELECT * APPLY "file"',
      'SHOW TABLES WHERE 1',
      'SHOW TABLES LIKE (1)',
      'SELECT "a\nSet"',
      'SELECT "a\\n Set"',
      'SELECT \u201cx\u201d',
      "SELECT 'open",
      'SELECT `open',
      'VALUES (1)',
    ]) {
      assert.ok(words(sql), sql);
    }
    assert.ok(words('SELECT {x:Identifier}', [['param_x', '/etc/passwd']]));
    assert.ok(words('SELECT { x : Identifier }', [['param_x', 'a.b']]));
  });

  test('knows denied functions in any spelling, and no others by their beginning', () => {
    for (const name of [
      'file',
      'FILE',
      'catboostEvaluate',
      'dictGetOrNull',
      'aiGenerate',
      '__getScalar',
      's3Cluster',
    ]) {
      assert.ok(isDeniedFunction(name), name);
    }
    for (const name of ['filterName', 'URLHash', 'airport', 'dictionary_of', 'urlHierarchy', 'fuzzBits']) {
      assert.ok(!isDeniedFunction(name) || isOutwardFunction(name), name);
    }
  });
});
