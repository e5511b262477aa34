import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { computes } from '../lib/definition/compute.ts';
import { formats } from '../lib/definition/formats/formats.ts';
import { projectFolder } from '../lib/local/root.ts';
import { taskKindNames } from '../lib/plan/task-kinds.ts';

/**
 * Task kinds, compute kinds and source formats have records: `lib/plan/task-kinds.ts`, `lib/compute`, `lib/definition/formats`. Code that
 * compares a kind with one name decides in silence for a kind that comes later. It asks the record instead, or it has a case for each
 * kind and `satisfies never` at the end, so that `tsc` names it.
 */
const names = new Set<string>([...taskKindNames, ...computes, ...formats.map(({ name }) => name)]);

/** What the other side of a comparison is called. */
const asked = new Set(['kind', 'compute', 'format', 'taskKind', 'engine']);

const files = await sources();

test('no task kind, compute kind or format is compared with one name', () => {
  const loose = files.flatMap(({ name, tree }) =>
    nodesOf(tree, ts.isBinaryExpression)
      .filter(({ operatorToken, left, right }) => {
        const compares = /^[!=]==?$/.test(operatorToken.getText(tree));
        return compares && ((isName(left) && isAsked(right)) || (isName(right) && isAsked(left)));
      })
      .map((node) => `${name}:${lineOf(node, tree)} ${node.getText(tree)}`),
  );
  const listed = files.flatMap(({ name, tree }) =>
    nodesOf(tree, ts.isCallExpression)
      .filter(({ expression: of, arguments: [given] }) => {
        const isList = ts.isPropertyAccessExpression(of) && ts.isArrayLiteralExpression(of.expression);
        return (
          isList && nodesOf(of.expression, ts.isStringLiteral).some(isName) && given !== undefined && isAsked(given)
        );
      })
      .map((node) => `${name}:${lineOf(node, tree)} ${node.getText(tree)}`),
  );
  expect([...loose, ...listed]).toEqual([]);
});

test('what has a case for one kind has one for each, and tsc fails if another one is added', () => {
  const open = files.flatMap(({ name, tree }) =>
    nodesOf(tree, ts.isSwitchStatement)
      .filter(({ expression, caseBlock }) => {
        const cases = caseBlock.clauses.filter(ts.isCaseClause);
        const last = caseBlock.clauses.find(ts.isDefaultClause);
        const closed = last !== undefined && nodesOf(last, ts.isSatisfiesExpression).some(isNever);
        return isAsked(expression) && cases.some((each) => isName(each.expression)) && !closed;
      })
      .map((node) => `${name}:${lineOf(node, tree)} switch (${node.expression.getText(tree)})`),
  );
  expect(open).toEqual([]);
});

const isName = (node: ts.Node) => ts.isStringLiteral(node) && names.has(node.text);

function isAsked(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return asked.has(node.name.text);
  return ts.isIdentifier(node) && asked.has(node.text);
}

const isNever = ({ type }: ts.SatisfiesExpression) => type.kind === ts.SyntaxKind.NeverKeyword;

const lineOf = (node: ts.Node, tree: ts.SourceFile) => tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;

/** All of one sort below a node. */
function nodesOf<T extends ts.Node>(root: ts.Node, is: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (is(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

async function sources(): Promise<{ name: string; tree: ts.SourceFile }[]> {
  const listed = await Promise.all(
    ['lib', 'lambdas', 'bin'].map(async (folder) =>
      (await readdir(path.join(projectFolder, folder), { recursive: true })).map((name) => path.join(folder, name)),
    ),
  );
  return Promise.all(
    listed
      .flat()
      .filter((name) => name.endsWith('.ts'))
      .map(async (name) => {
        const text = await readFile(path.join(projectFolder, name), 'utf8');
        return { name, tree: ts.createSourceFile(name, text, ts.ScriptTarget.Latest) };
      }),
  );
}
