// Writes docs/reference.md from the types of the definition: every option with its type, default and an example. `--check` only compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { project } from './setup.mjs';

const folder = path.join(project, 'lib', 'definition');
const page = path.join(project, 'docs', 'reference.md');
/** Where examples are looked for, the most telling first. */
const examples = [
  'pipelines/churn/pipeline.ts',
  'pipelines/telco/pipeline.ts',
  'test/plan/pipelines.ts',
  'test/fixtures/clicks/pipeline.ts',
];

const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => path.join(folder, name));
const program = ts.createProgram([...sources, ...examples.map((name) => path.join(project, name))], {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(project, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    project,
  ).options,
  noEmit: true,
});
const checker = program.getTypeChecker();

/** Interfaces and types by name; what only serves the compiler, as it has no comment of its own, is no option. */
const declared = new Map();
for (const file of sources) {
  for (const node of program.getSourceFile(file).statements) {
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) declared.set(node.name.text, node);
  }
}

const flat = (text) => text.replace(/\s+/g, ' ').trim();
const cell = (text) => flat(text).replaceAll('|', '\\|');
const code = (text) => (text === '' ? '' : `\`${cell(text).replaceAll('`', "'")}\``);

function documentOf(node) {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = (tag) => ts.getTextOfJSDocComment(tag?.comment) ?? '';
  const tags = ts.getJSDocTags(node);
  const tag = (name) => text(tags.find(({ tagName }) => tagName.text === name));
  return { text: flat(text(doc)), default: tag('default'), example: tag('example') };
}

/** What a default is: of a tag, or of a sentence as "`all` unless told", "20 by default" or "false by default". */
function defaultOf({ text, default: tagged }, optional) {
  if (tagged !== '') return code(tagged.replace(/^`|`$/g, ''));
  if (!optional) return 'required';
  const marked = /(`[^`]+`),? (?:unless told|by default|is the default)/.exec(text)?.[1];
  if (marked !== undefined) return cell(marked);
  const told = /(?:^|[.;:] ?)([^.;:]{1,60}?),? (?:unless told|by default)/i.exec(text)?.[1];
  return told === undefined ? 'none' : cell(told.replace(/^(?:and|or|it is|the default is) /i, ''));
}

/** The first use of an option in a pipeline that is tested: declaration -> its text. */
const used = new Map();
for (const name of examples) {
  const file = program.getSourceFile(path.join(project, name));
  const visit = (node) => {
    if (ts.isObjectLiteralExpression(node)) {
      const type = checker.getContextualType(node);
      for (const property of node.properties) {
        if (!ts.isPropertyAssignment(property) || type === undefined) continue;
        const key = ts.isComputedPropertyName(property.name) ? '' : property.name.text;
        const symbol = checker.getPropertyOfType(checker.getNonNullableType(type), key);
        const text = flat(property.getText(file));
        for (const each of symbol?.declarations ?? []) {
          const before = used.get(each);
          // The shortest says it best.
          if (before === undefined || text.length < before.length) used.set(each, text);
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
}
/** Uses by name, for what is known by its literal type only, as the columns of a source: `csv path` or `path` -> the text. */
const named = new Map();
function namedUses(node, file) {
  if (ts.isObjectLiteralExpression(node)) {
    const assigned = node.properties.filter(ts.isPropertyAssignment);
    const kind = assigned.find(({ name }) => name.getText(file) === 'format')?.initializer.text;
    for (const property of assigned) {
      const text = flat(property.getText(file));
      const name = property.name.getText(file);
      const key = kind === undefined ? name : `${kind} ${name}`;
      if (!named.has(key) || text.length < named.get(key).length) named.set(key, text);
    }
  }
  ts.forEachChild(node, (child) => namedUses(child, file));
}
for (const name of examples) {
  const file = program.getSourceFile(path.join(project, name));
  namedUses(file, file);
}

/** A value of a type, for what no pipeline of ours uses. */
function sampleOf(type, documented = { text: '' }) {
  const told = /`([^`:]+)`,? (?:unless told|by default|is the default)/.exec(documented.text)?.[1];
  if (told !== undefined) return /^[\d[{'"]|^(?:true|false)$/.test(told) ? told : `'${told}'`;
  if (ts.isTypeOperatorNode(type)) return sampleOf(type.type);
  if (ts.isArrayTypeNode(type)) return `[${sampleOf(type.elementType)}]`;
  if (ts.isUnionTypeNode(type)) return sampleOf(type.types.at(-1));
  if (ts.isLiteralTypeNode(type)) return type.literal.getText();
  if (ts.isTypeLiteralNode(type)) {
    const parts = type.members.map(
      (member) => `${member.name.getText()}: ${sampleOf(member.type, documentOf(member))}`,
    );
    return `{ ${parts.join(', ')} }`;
  }
  const exact = checker.getTypeFromTypeNode(type);
  if (exact.isUnion()) {
    const literal = exact.types.find((each) => each.isStringLiteral());
    if (literal !== undefined) return `'${literal.value}'`;
  }
  return { number: '0.1', boolean: 'true', string: "'name'" }[type.getText()] ?? "'column'";
}

/** The literal of `format` in the interface that a member is shown for. */
let format;
const exampleOf = (member, documented) => {
  const name = member.name.getText();
  const key = format === undefined ? name : `${format} ${name}`;
  const text =
    documented.example || used.get(member) || named.get(key) || `${name}: ${sampleOf(member.type, documented)}`;
  return code(text.length > 110 ? `${text.slice(0, 107)}...` : text);
};

function rowsOf(members, before = '') {
  return members.flatMap((member) => {
    if (!ts.isPropertySignature(member) || member.type === undefined) return [];
    const name = before + member.name.getText();
    const documented = documentOf(member);
    const optional = member.questionToken !== undefined;
    const inner = ts.isTypeLiteralNode(member.type) ? member.type : undefined;
    const row = [
      code(name),
      inner ? 'object' : code(member.type.getText()),
      defaultOf(documented, optional),
      cell(documented.text),
      exampleOf(member, documented),
    ];
    return [`| ${row.join(' | ')} |`, ...(inner ? rowsOf(inner.members, `${name}.`) : [])];
  });
}

/** Members of an interface, those that it extends first. */
function membersOf(node) {
  const bases = (node.heritageClauses ?? []).flatMap((clause) =>
    clause.types.map((type) => declared.get(type.expression.getText())),
  );
  return [...bases.flatMap((base) => (base === undefined ? [] : membersOf(base))), ...node.members];
}

/** In the order in which a reader of `Definition` meets them. */
function reached(name, seen = new Set()) {
  const node = declared.get(name);
  if (node === undefined || seen.has(name)) return seen;
  seen.add(name);
  const visit = (child) => {
    if (ts.isTypeReferenceNode(child)) reached(child.typeName.getText(), seen);
    if (ts.isExpressionWithTypeArguments(child)) reached(child.expression.getText(), seen);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return seen;
}

function sectionOf(name) {
  const node = declared.get(name);
  const { text } = documentOf(node);
  const exported = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (!exported) return '';
  const lines = [`## ${name}`, '', ...(text === '' ? [] : [text, ''])];
  if (ts.isInterfaceDeclaration(node)) {
    const members = membersOf(node);
    const literal = members.find((member) => member.name?.getText() === 'format')?.type;
    format = literal !== undefined && ts.isLiteralTypeNode(literal) ? literal.literal.text : undefined;
    const rows = rowsOf(members);
    if (rows.length === 0) return '';
    return [
      ...lines,
      '| option | type | default | what it does | example |',
      '|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n');
  }
  // A type that is worked out by the compiler tells a reader nothing.
  if (ts.isConditionalTypeNode(node.type) || /\bextends\b/.test(node.type.getText())) return '';
  return [...lines, '```ts', `type ${name} = ${flat(node.type.getText())}`, '```', ''].join('\n');
}

function typesOf() {
  const values = program
    .getSourceFile(path.join(folder, 'columns.ts'))
    .statements.filter(ts.isVariableStatement)
    .flatMap((statement) => statement.declarationList.declarations)
    .find((each) => each.name.getText() === 'columnTypes');
  return values === undefined
    ? ''
    : `Types of columns: ${[...values.initializer.getText().matchAll(/'([^']+)'/g)].map(([, type]) => `\`${type}\``).join(', ')}. With \`?\` a column may be null.\n`;
}

const sections = [...reached('Definition')].map(sectionOf).filter((section) => section !== '');
const text = `# Reference of the definition

What \`definePipeline\` takes. This page is made from the types in \`lib/definition\` by \`npm run reference\`; a test keeps it up to date. Examples are from the pipelines of this project.

${typesOf()}
${sections.join('\n')}`.trimEnd();

if (process.argv.includes('--check')) {
  const written = readFileSync(page, 'utf8');
  if (written !== `${text}\n`) {
    console.error('docs/reference.md is not what the types say: run `npm run reference`');
    process.exit(1);
  }
} else writeFileSync(page, `${text}\n`);
