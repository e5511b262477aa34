import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { program } from '../../lib/cli/program.ts';
import { projectFolder } from '../../lib/local/root.ts';

const text = (name: string) => readFile(path.join(projectFolder, name), 'utf8');
const folders = ['.', 'docs', 'docs/decisions', 'bench', 'pipelines', 'pipelines/churn', 'pipelines/telco'];
const documents = (
  await Promise.all(
    folders.map(async (folder) =>
      (
        await readdir(path.join(projectFolder, folder))
      )
        .filter((name) => name.endsWith('.md'))
        .map((name) => path.join(folder, name)),
    ),
  )
).flat();

/** Code spans, and the lines of code blocks. */
function codeIn(document: string): string[] {
  const blocks = [...document.matchAll(/```(?:sh|bash)?\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.split('\n'));
  const spans = [...document.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
  return [...blocks, ...spans].map((code) => code.replace(/\s+#.*$/, '').trim());
}

async function help(...args: string[]): Promise<string> {
  let said = '';
  const write = (more: string) => {
    said += more;
  };
  await program([...args, '--help'], { out: { write }, err: { write } });
  return said;
}
const verbsOf = (said: string) => [...said.matchAll(/^ {2}([a-z]+)(?: \[options\]| {2,})/gm)].map(([, verb]) => verb!);
const verbs = verbsOf(await help());
const helps = new Map(await Promise.all(verbs.map(async (verb) => [verb, await help(verb)] as const)));

const exists = (name: string) =>
  access(path.join(projectFolder, name)).then(
    () => true,
    () => false,
  );

describe.each(documents)('%s', (name) => {
  test('names only existing commands, with their options', async () => {
    const { scripts } = JSON.parse(await text('package.json')) as { scripts: Record<string, string> };
    for (const code of codeIn(await text(name))) {
      const [, npm] = /^npm run ([a-z-]+)/.exec(code) ?? [];
      if (npm !== undefined) {
        expect(Object.keys(scripts), code).toContain(npm);
        const [, file] = /^node (?:scripts\/start\.mjs )?(\S+)/.exec(scripts[npm]!)!;
        // An option may be read by a script, by a program that it starts, or by a shared module.
        const shared = npm === 'bench' ? ['bench/run.py', 'scripts/trigger-burst.ts'] : [];
        const [, cli] = /^node bin\/millrace\.mjs (\S+)/.exec(scripts[npm]!) ?? [];
        const read = cli === undefined ? (await Promise.all([file!, ...shared].map(text))).join('\n') : helps.get(cli)!;
        for (const [, option] of code.matchAll(/ --([a-z][\w-]*)/g))
          expect(read.includes(option!), `${code}: --${option}`).toBe(true);
      }
      const [, verb, rest = ''] = /^(?:npx )?millrace ([a-z]+)\b(.*)/.exec(code) ?? [];
      if (verb === undefined) continue;
      expect(verbs, code).toContain(verb);
      const [, under] = /^ ([a-z]+)\b/.exec(rest) ?? [];
      const isUnder = under !== undefined && verbsOf(helps.get(verb)!).includes(under);
      const said = isUnder ? await help(verb, under) : helps.get(verb)!;
      for (const [, option] of rest.matchAll(/ (--[a-z][\w-]*)/g))
        expect(said.includes(option!), `${code}: ${option}`).toBe(true);
    }
  });

  test('names only existing files and folders', async () => {
    const ours =
      /^(?:\.ci|\.github|bench|bin|contracts|docs|glue-scripts|lambdas|lib|pipelines|scripts|test|twin)\/[\w./-]+$/;
    const missing: string[] = [];
    for (const code of codeIn(await text(name))) {
      const [, run] = /^node (\S+)/.exec(code) ?? [];
      const file = run ?? code;
      if ((run !== undefined || ours.test(file)) && !(await exists(file))) missing.push(file);
    }
    for (const [, link] of (await text(name)).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      const file = path.join(path.dirname(name), link!);
      if (!(await exists(file))) missing.push(file);
    }
    expect(missing).toEqual([]);
  });
});

test('the README lists every verb, and every verb has a description', async () => {
  const readme = await text('README.md');
  for (const verb of verbs.filter((each) => each !== 'help')) expect(readme, verb).toContain(`\`${verb}`);
  expect(verbs.length).toBeGreaterThan(10);
});
