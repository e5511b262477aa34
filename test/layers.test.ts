import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../lib/local/root.ts';

/** What each room may import, besides itself, `lib/errors.ts`, `lib/words.ts` and packages. Imports go only upward in this table. */
const table = `
lib/html           -
lib/learning       lib/html
lib/definition     lib/learning
lib/plan           lib/definition lib/learning
lib/lake           lib/plan
lib/permissions    lib/lake lib/plan
lib/functions      lib/permissions lib/plan
lib/documents      lib/learning lib/plan
lib/compute        lib/definition lib/documents lib/permissions lib/plan
lib/metrics        lib/learning
lib/scoring        lib/documents lib/learning lib/plan
lib/bookmarks      lib/documents lib/lake lib/plan
lib/gate           lib/documents lib/lake lib/learning lib/metrics lib/plan
lib/runs           -
lib/responses      lib/gate lib/learning lib/runs
lib/asl            lib/compute lib/plan
lib/report         lib/documents lib/html lib/lake lib/learning lib/plan
lib/cost           lib/asl lib/compute lib/documents lib/learning lib/plan
lib/aws            lib/bookmarks lib/documents lib/functions lib/gate lib/lake lib/plan lib/responses lib/runs
lib/local          lib/asl lib/bookmarks lib/compute lib/definition lib/documents lib/gate lib/lake lib/plan lib/report lib/runs
lib/constructs     lib/asl lib/compute lib/lake lib/learning lib/metrics lib/permissions lib/plan
lib/environment    lib/compute lib/constructs lib/definition lib/plan
lib/stacks         lib/compute lib/constructs lib/cost lib/definition lib/environment lib/functions lib/metrics lib/permissions lib/plan
lib/deployed       lib/aws lib/compute lib/cost lib/documents lib/environment lib/functions lib/gate lib/lake lib/local lib/plan lib/runs
lib/deploy         lib/aws lib/bookmarks lib/compute lib/constructs lib/cost lib/deployed lib/documents lib/environment lib/plan
environments.ts    lib/environment lib/stacks
lib/cli            lib/aws lib/bookmarks lib/compute lib/cost lib/definition lib/deploy lib/deployed lib/documents lib/environment lib/functions lib/gate lib/lake lib/learning lib/local lib/metrics lib/plan lib/runs lib/scoring lib/stacks
lambdas/shared     lib/documents lib/functions lib/metrics
lambdas/bookmarks  lambdas/shared lib/aws lib/bookmarks lib/functions lib/lake lib/metrics lib/permissions
lambdas/trigger    lambdas/shared lib/aws lib/functions lib/permissions lib/runs
lambdas/quality    lambdas/shared lib/aws lib/functions lib/gate lib/lake lib/learning lib/metrics lib/permissions
lambdas/respond    lambdas/shared lib/aws lib/functions lib/lake lib/permissions lib/responses
lambdas/functions.ts lambdas/bookmarks lambdas/quality lambdas/respond lambdas/trigger lib/functions
bin                environments.ts lambdas/functions.ts lib/cli lib/environment lib/local lib/stacks
pipelines          lib/definition
`.trim();

const allowed = new Map(
  table.split('\n').map((line) => {
    const [room = '', ...others] = line.split(/\s+/);
    return [room, others];
  }),
);

const roomOf = (file: string) => [...allowed.keys()].find((room) => file === room || file.startsWith(`${room}/`));

test('every import is allowed by the table', async () => {
  const wrong: string[] = [];
  for (const [file, imported] of await imports()) {
    const [room, other] = [roomOf(file), roomOf(imported)];
    if (room === undefined) wrong.push(`${file} is in no room`);
    if (['lib/errors.ts', 'lib/words.ts'].includes(imported) || other === room) continue;
    if (!allowed.get(room ?? '')?.includes(other ?? '')) wrong.push(`${file} imports ${imported}`);
  }
  expect(wrong).toEqual([]);
});

test('the table allows no import downward, and lists only imports that exist', async () => {
  const rooms = [...allowed.keys()];
  const used = new Set((await imports()).map(([file, imported]) => `${roomOf(file)} ${roomOf(imported)}`));
  const wrong = rooms.flatMap((room, i) =>
    (allowed.get(room) ?? [])
      .filter((other) => other !== '-')
      .filter((other) => !rooms.slice(0, i).includes(other) || !used.has(`${room} ${other}`))
      .map((other) => `${room} ${other}`),
  );
  expect(wrong).toEqual([]);
});

test('the documentation shows this table', async () => {
  const text = await readFile(path.join(projectFolder, 'docs/architecture.md'), 'utf8');
  expect(text).toContain(`\`\`\`\n${table}\n\`\`\``);
});

test('files do not import one another in circles, except in the interpreter, whose states contain states', async () => {
  const next = new Map<string, string[]>();
  for (const [file, imported] of await imports()) next.set(file, [...(next.get(file) ?? []), imported]);
  const open: string[] = [];
  const done = new Set<string>();
  const circles = new Set<string>();
  const visit = (file: string): void => {
    const at = open.indexOf(file);
    if (at >= 0) circles.add(open.slice(at).sort().join(' '));
    if (at >= 0 || done.has(file)) return;
    open.push(file);
    for (const imported of next.get(file) ?? []) visit(imported);
    open.pop();
    done.add(file);
  };
  for (const file of next.keys()) visit(file);
  expect(
    [...circles].filter((circle) => !circle.split(' ').every((file) => file.startsWith('lib/asl/interpreter/'))),
  ).toEqual([]);
});

test('markup, definition, learning, plan, permissions, compute, states language, cost and report are pure: they use no file, clock, process or random number', async () => {
  const effects = /node:(fs|child_process|net|http|timers)|process\.|Date\.now|new Date\(\)|Math\.random/;
  const pure = (await sources()).filter((file) =>
    /^lib\/(html|definition|learning|plan|permissions|compute|asl|cost|report)\//.test(file),
  );
  const impure = [];
  for (const file of pure) {
    const code = (await readFile(path.join(projectFolder, file), 'utf8')).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    if (effects.test(code)) impure.push(file);
  }
  expect(impure).toEqual([]);
});

/** Each file with the files of the project that it imports. */
async function imports(): Promise<[string, string][]> {
  const found = await Promise.all(
    (await sources()).map(async (file) => {
      const text = await readFile(path.join(projectFolder, file), 'utf8');
      return [...text.matchAll(/(?:from|import\() ?'(\.[^']+|millrace)'/g)].map(([, target]): [string, string] => [
        file,
        target === 'millrace' ? 'lib/definition/index.ts' : path.join(path.dirname(file), target!),
      ]);
    }),
  );
  return found.flat();
}

async function sources(): Promise<string[]> {
  const folders = ['lib', 'lambdas', 'bin', 'pipelines'];
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(path.join(projectFolder, folder), { recursive: true })).map((name) => path.join(folder, name)),
    ),
  );
  return ['environments.ts', ...listed.flat()].filter((file) => file.endsWith('.ts'));
}
