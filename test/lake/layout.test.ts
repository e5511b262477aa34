import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { layout } from '../../lib/lake/layout.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';

/** Parts of keys in the lake. `${}` stands for a value. */
const parts =
  /(^|\/)(lake|models|runs|bookmarks|state)\/($|\$\{\}|\*)|_delta_log|(^|\/)(dossier|manifest|model|work|run|machine)\.json$|promotions\.jsonl|reviews\/|\.plan\.txt/;

/** Files that contain such a text and build no key of the lake with it. */
const exceptions: Record<string, string> = {
  'lib/lake/layout.ts': 'the places themselves',
  'lib/local/run-logs.ts': 'takes the ending of a query plan off its name',
  'twin/proof/under-roles.ts': 'the manifest of a CDK assembly',
};

test('only lib/lake/layout.ts knows where things are in the lake', async () => {
  const found = (await sources()).flatMap(({ name, tree }) => texts(tree).map((text) => ({ name, text })));
  const keys = found.filter(({ text }) => parts.test(text));
  expect(keys.filter(({ name }) => exceptions[name] === undefined)).toEqual([]);
  expect(Object.keys(exceptions).filter((file) => !keys.some(({ name }) => name === file))).toEqual([]);
});

test('a key is the path below the root of a local lake', () => {
  const root = new Root('/lake root');
  expect(root.order('shop', 'r1')).toBe('/lake root/runs/shop/r1/work.json');
  expect(root.table('shop', 'silver', 'orders')).toBe('/lake root/lake/shop/silver/orders');
  expect(root.version('shop', 'churn', 3)).toBe('/lake root/models/shop/churn/v3');
  expect(() => root.version('shop', '..', 3)).toThrow('".." is not a name');
});

test('the engine has the same places', async () => {
  const engine = await readFile(path.join(projectFolder, 'glue-scripts/engine/lake.py'), 'utf8');
  // The bodies of `Lake`: method -> text with the values of other methods filled in.
  const bodies = new Map(
    [...engine.matchAll(/def (\w+)\(self[^)]*\) -> str:\n(?: {8}""".*"""\n)? {8}return f"(.*)"/g)].map(
      ([, method, text]) => [method!, text!],
    ),
  );
  const filled = (method: string): string =>
    bodies
      .get(method)!
      .replace(/\{self\.(\w+)\(\w+\)\}/g, (_, other: string) => filled(other))
      .replace('{self.root}/', '')
      .replace('{self.pipeline}', 'p')
      .replace(/\{(\w+)\}/g, '<$1>');
  const slash = /\/$/;
  expect([...bodies.keys()].map((method) => [method, filled(method)])).toEqual([
    ['table', layout.table('p', '<layer>', '<name>').replace(slash, '')],
    ['model', layout.model('p', '<name>').replace(slash, '')],
    ['version', `${layout.model('p', '<name>')}v<version>`],
    ['review', layout.review('p', '<name>', '<run>')],
    ['promotions', layout.promotions('p', '<name>')],
    ['outcomes', layout.outcomes('p', '<run>').replace(slash, '')],
    ['query_plan', layout.queryPlan('p', '<run>', '<task>')],
  ]);
});

test('only engine/lake.py knows them in the engine', async () => {
  const folder = path.join(projectFolder, 'glue-scripts/engine');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.py') && name !== 'lake.py');
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(path.join(folder, name), 'utf8');
      return [
        ...text.matchAll(
          /f?"[^"\n]*(?:\/(?:lake|models|runs)\/|promotions\.jsonl|reviews\/|\.plan\.txt|\/v\{)[^"\n]*"/g,
        ),
      ].map(([key]) => `${name} ${key}`);
    }),
  );
  expect(found.flat()).toEqual([]);
});

/** The strings and templates of a file, without those of imports. */
function texts(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    if (ts.isTemplateExpression(node)) {
      found.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('${}'));
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

async function sources(): Promise<{ name: string; tree: ts.SourceFile }[]> {
  const folders = ['lib', 'lambdas', 'bin', 'twin', 'scripts', 'bench'];
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(path.join(projectFolder, folder), { recursive: true })).map((name) => path.join(folder, name)),
    ),
  );
  const names = ['environments.ts', ...listed.flat()].filter((name) => name.endsWith('.ts'));
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(path.join(projectFolder, name), 'utf8');
      return { name, tree: ts.createSourceFile(name, text, ts.ScriptTarget.Latest) };
    }),
  );
}
