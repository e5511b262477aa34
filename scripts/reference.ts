// Writes docs/reference.md from the types of the definition: every option with its type, its `@default` and its `@example`; `@shape` stands
// for a type that only the compiler reads. `--check` only compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { project } from './setup.mjs';

const folder = path.join(project, 'lib', 'definition');
const page = path.join(project, 'docs', 'reference.md');
const folders = [
  folder,
  path.join(folder, 'formats'),
  path.join(project, 'lib', 'learning', 'objectives'),
  path.join(project, 'lib', 'learning', 'algorithms'),
];
const sources = [
  ...folders.flatMap((each) =>
    readdirSync(each, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(each, name)),
  ),
  path.join(project, 'lib', 'learning', 'learning.ts'),
];
const program = ts.createProgram(sources, {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(project, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    project,
  ).options,
  noEmit: true,
});
// Nodes find their text by their parents, which this sets.
program.getTypeChecker();

type Declared = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** Interfaces and types by name; what only serves the compiler, and so has no comment, is no option. */
const declared = new Map<string, Declared>();
for (const file of sources) {
  for (const node of program.getSourceFile(file)?.statements ?? []) {
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) declared.set(node.name.text, node);
  }
}

const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
const cell = (text: string) => flat(text).replaceAll('|', '\\|');
const code = (text: string) => (text === '' ? '' : `\`${cell(text).replaceAll('`', "'")}\``);

interface Documented {
  text: string;
  default: string;
  example: string;
  shape: string;
}

function documentOf(node: ts.Node): Documented {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = (tag: ts.JSDoc | ts.JSDocTag | undefined) => ts.getTextOfJSDocComment(tag?.comment) ?? '';
  const tags = ts.getJSDocTags(node);
  const tag = (name: string) => text(tags.find(({ tagName }) => tagName.text === name));
  return { text: flat(text(doc)), default: tag('default'), example: tag('example'), shape: tag('shape') };
}

const nothing: string[] = [];

/** The default of an option: its tag, or that it must be given. An option without either has no entry here, and the page is not written. */
function defaultOf(name: string, { default: tagged }: Documented, optional: boolean): string {
  if (!optional) return 'required';
  if (tagged === '') nothing.push(`${name} has no @default`);
  return cell(tagged);
}

type Option = ts.PropertySignature & { type: ts.TypeNode };

function exampleOf(member: Option, name: string, documented: Documented): string {
  // A type with one value is its own example.
  const only = ts.isLiteralTypeNode(member.type) ? `${member.name.getText()}: ${member.type.getText()}` : '';
  const text = documented.example || only;
  if (text === '') nothing.push(`${name} has no @example`);
  return code(text);
}

const isOption = (member: ts.TypeElement): member is Option =>
  ts.isPropertySignature(member) && member.type !== undefined;

function rowsOf(members: readonly ts.TypeElement[], owner: string): string[] {
  return members.filter(isOption).map((member) => {
    const name = `${owner}.${member.name.getText()}`;
    const documented = documentOf(member);
    const row = [
      code(member.name.getText()),
      code(documented.shape || member.type.getText().replaceAll('readonly ', '')),
      defaultOf(name, documented, member.questionToken !== undefined),
      cell(documented.text),
      exampleOf(member, name, documented),
    ];
    return `| ${row.join(' | ')} |`;
  });
}

/** Members of an interface, those that it extends first. */
function membersOf(node: ts.InterfaceDeclaration): ts.TypeElement[] {
  const bases = (node.heritageClauses ?? []).flatMap((clause) =>
    clause.types.map((type) => declared.get(type.expression.getText())),
  );
  return [
    ...bases.flatMap((base) => (base && ts.isInterfaceDeclaration(base) ? membersOf(base) : [])),
    ...node.members,
  ];
}

/** Of a type that is several at once: members of those that have no section, because no other file may name them. */
function ownMembersOf(type: ts.TypeNode): ts.TypeElement[] {
  const parts = ts.isIntersectionTypeNode(type) ? type.types.filter(ts.isTypeReferenceNode) : [];
  return parts.flatMap((part) => {
    const node = declared.get(part.typeName.getText());
    return node !== undefined && ts.isInterfaceDeclaration(node) && !isExported(node) ? membersOf(node) : [];
  });
}

const isExported = (node: Declared) =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

/** In the order in which a reader of `Definition` meets them. */
function reached(name: string, seen = new Set<string>()): Set<string> {
  const node = declared.get(name);
  if (node === undefined || seen.has(name)) return seen;
  seen.add(name);
  const visit = (child: ts.Node): void => {
    if (ts.isTypeReferenceNode(child)) reached(child.typeName.getText(), seen);
    // A base interface has no section: its options are listed with the interface that extends it. Types that they refer to have sections.
    if (ts.isExpressionWithTypeArguments(child)) {
      const base = child.expression.getText();
      const fresh = !seen.has(base);
      reached(base, seen);
      if (fresh) seen.delete(base);
      return;
    }
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return seen;
}

function sectionOf(name: string): string {
  const node = declared.get(name);
  if (node === undefined) throw new Error(`${name} is not declared`);
  const { text } = documentOf(node);
  if (!isExported(node)) return '';
  const lines = [`## ${name}`, '', ...(text === '' ? [] : [text, ''])];
  const rows = rowsOf(ts.isInterfaceDeclaration(node) ? membersOf(node) : ownMembersOf(node.type), name);
  const table = ['| option | type | default | what it does | example |', '|---|---|---|---|---|', ...rows, ''];
  if (ts.isInterfaceDeclaration(node)) return rows.length === 0 ? '' : [...lines, ...table].join('\n');
  // A type that is worked out by the compiler tells a reader nothing.
  if (ts.isConditionalTypeNode(node.type) || /\bextends\b/.test(node.type.getText())) return '';
  const shown =
    rows.length === 0
      ? (valuesOf(node) ?? node.type.getText())
      : node.type.getText().replace(/^\w+(<[^<>]*>)?/, '{ ... }');
  const type = ['```ts', `type ${name} = ${flat(shown)}`, '```', ''];
  return [...lines, ...type, ...(rows.length === 0 ? [] : table)].join('\n');
}

/** The values of a list, for a type that is one of them: `(typeof list)[number]`. */
function valuesOf(node: ts.TypeAliasDeclaration): string | undefined {
  const list = /^\(typeof (\w+)\)\[number\]$/.exec(node.type.getText())?.[1];
  if (list === undefined) return undefined;
  const [, values] = new RegExp(`const ${list} = \\[([^\\]]*)\\] as const`).exec(node.getSourceFile().text) ?? [];
  return values
    ?.split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '')
    .join(' | ');
}

function typesOf(): string {
  const values = program
    .getSourceFile(path.join(folder, 'column-types.ts'))
    ?.statements.filter(ts.isVariableStatement)
    .flatMap((statement) => statement.declarationList.declarations)
    .find((each) => each.name.getText() === 'columnTypes');
  return values?.initializer === undefined
    ? ''
    : `Types of columns: ${[...values.initializer.getText().matchAll(/'([^']+)'/g)].map(([, type]) => `\`${type}\``).join(', ')}. With \`?\` a column may be null.\n`;
}

const sections = [...reached('Definition')].map(sectionOf).filter((section) => section !== '');
const text = `# Reference of the definition

What \`definePipeline\` takes. This page is made from the types in \`lib/definition\` and \`lib/learning\` by \`npm run reference\`; a test keeps it up to date. 

${typesOf()}
${sections.join('\n')}`.trimEnd();

if (nothing.length > 0) {
  console.error(`docs/reference.md is not written:\n${nothing.join('\n')}`);
  process.exit(1);
}
if (process.argv.includes('--check')) {
  const written = readFileSync(page, 'utf8');
  if (written !== `${text}\n`) {
    console.error('docs/reference.md is not what the types say: run `npm run reference`');
    process.exit(1);
  }
} else writeFileSync(page, `${text}\n`);
