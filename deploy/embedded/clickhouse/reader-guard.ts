import type { Refusal } from './errors.ts';
import { isDeniedFunction, isReadableSystemTable, READER_TABLE_FUNCTIONS } from './reader-lists.ts';

/** One node of the engine's syntax tree: its kind, the rest of its line, its children. */
interface Node {
  readonly kind: string;
  readonly rest: string;
  readonly children: Node[];
}

/**
 * Decides from the lines of EXPLAIN AST whether an outside reader may run the query. Pure.
 * Only kinds of nodes that are known to show everything below them pass; a new kind is refused until looked at.
 * `outfile` is the pipe this front itself writes the result to, the only file that may be named.
 */
export function judgeTree(args: {
  lines: readonly string[];
  database: string;
  outfile?: string;
}): Refusal | undefined {
  const root = tree(args.lines);
  if (root === undefined) return deny('the query cannot be taken apart');
  if (!ROOTS.has(root.kind)) return deny(`${root.kind} is not a way of reading`);
  if (root.kind === 'Explain' && !EXPLAINS.has(root.rest)) return deny(`${root.rest} is not open to readers`);
  return output(root, args.outfile) ?? below(root, undefined, args.database);
}

const ROOTS = new Set([
  'SelectWithUnionQuery',
  'Explain',
  'DescribeQuery',
  'ShowTables',
  'ShowColumns',
  'ShowFunctions',
  'ShowCreateTableQuery',
  'ShowCreateViewQuery',
  'ExistsTableQuery',
  'ExistsViewQuery',
]);

const EXPLAINS = new Set([
  'EXPLAIN',
  'EXPLAIN AST',
  'EXPLAIN SYNTAX',
  'EXPLAIN QUERY TREE',
  'EXPLAIN PIPELINE',
  'EXPLAIN ESTIMATE',
]);

/** ColumnsApplyTransformer is left out on purpose: it hides the function or lambda it applies. */
const KINDS = new Set([
  ...ROOTS,
  'ExpressionList',
  'SelectQuery',
  'SelectIntersectExceptQuery',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableExpression',
  'TableJoin',
  'ArrayJoin',
  'TableIdentifier',
  'Identifier',
  'Literal',
  'Function',
  'Subquery',
  'Asterisk',
  'QualifiedAsterisk',
  'ColumnsRegexpMatcher',
  'ColumnsListMatcher',
  'QualifiedColumnsRegexpMatcher',
  'QualifiedColumnsListMatcher',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'OrderByElement',
  'InterpolateElement',
  'WithElement',
  'WindowDefinition',
  'WindowListElement',
  'SampleRatio',
]);

/** A literal right under the root is INTO OUTFILE; the identifier beside it is FORMAT. */
function output(root: Node, outfile: string | undefined): Refusal | undefined {
  const literals = root.children.filter((child) => child.kind === 'Literal');
  if (literals.length === 0) return undefined;
  if (outfile !== undefined && literals.length === 1 && literals[0]?.rest === `'${outfile}'`)
    return undefined;
  return deny('INTO OUTFILE writes a file on this machine');
}

function below(node: Node, parent: Node | undefined, database: string): Refusal | undefined {
  if (node.kind === 'Set') {
    // EXPLAIN's own options come first and are not settings of the query.
    if (parent?.kind === 'Explain' && parent.children[0] === node) return undefined;
    return deny('SETTINGS inside a query could lift the limits; put settings in the URL');
  }
  if (!KINDS.has(node.kind)) return deny(`${node.kind} is not open to readers`);
  const name = node.rest;
  if (node.kind === 'Function') {
    if (parent?.kind === 'TableExpression' && !READER_TABLE_FUNCTIONS.has(name)) {
      return deny(`the table function ${name} leaves the database`);
    }
    if (isDeniedFunction(name)) return deny(`the function ${name} leaves the database`);
    if (/in$/i.test(name)) {
      const list = node.children[0]?.children[1];
      const refusal = list?.kind === 'Identifier' ? judgeTable(list.rest, database) : undefined;
      if (refusal !== undefined) return refusal;
    }
  }
  if (node.kind === 'TableIdentifier') {
    const refusal = judgeTable(name, database);
    if (refusal !== undefined) return refusal;
  }
  if (node.kind === 'Identifier' && parent?.kind.startsWith('Exists') && !/^\w+$/.test(name))
    return path(name);
  for (const child of node.children) {
    const refusal = below(child, node, database);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** A name with anything but letters, digits and _ is read as a path of this machine by the engine. */
function judgeTable(name: string, database: string): Refusal | undefined {
  const parts = /^(?:(\w+)\.)?(\w+)$/.exec(name);
  if (parts === null) return path(name);
  const [, given = database, table = ''] = parts;
  if (given === database || /^information_schema$/i.test(given)) return undefined;
  if (given !== 'system') return deny(`the database ${given} is not open to readers`);
  return isReadableSystemTable(table) ? undefined : deny(`system.${table} is not open to readers`);
}

function path(name: string): Refusal {
  return deny(`"${name}" is not the plain name of a table`);
}

function deny(why: string): Refusal {
  return { code: 497, type: 'ACCESS_DENIED', message: `reader: Not enough privileges: ${why}.` };
}

/** Builds the tree from indentation. Undefined when the lines do not form one tree. */
function tree(lines: readonly string[]): Node | undefined {
  const open: Node[] = [];
  let root: Node | undefined;
  for (const line of lines) {
    const parts = /^( *)([A-Za-z:]+)(?: +(.*?))??(?: \(alias [^\n]*?\))?(?: \(children \d+\))?$/s.exec(line);
    const depth = parts?.[1]?.length;
    if (parts === null || depth === undefined || depth > open.length) return undefined;
    if (depth === 0 && root !== undefined) return undefined;
    const node: Node = { kind: parts[2] ?? '', rest: (parts[3] ?? '').trim(), children: [] };
    open.length = depth;
    open.at(-1)?.children.push(node);
    open.push(node);
    root ??= node;
  }
  return root;
}
