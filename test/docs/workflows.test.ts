import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { program } from '../../lib/cli/program.ts';
import { projectFolder } from '../../lib/local/root.ts';

const text = (...names: string[]) => readFile(path.join(projectFolder, ...names), 'utf8');
const folder = path.join('.github', 'workflows');
const names = await readdir(path.join(projectFolder, folder));
const workflows = await Promise.all(names.map(async (name) => [name, await text(folder, name)] as const));

async function helpOf(verb: string): Promise<string> {
  let said = '';
  const write = (more: string) => {
    said += more;
  };
  await program([verb, '--help'], { out: { write }, err: { write } });
  return said;
}

describe.each(workflows)('the workflow %s', (_, workflow) => {
  test('pins actions by commit, and names the release', () => {
    const uses = [...workflow.matchAll(/uses: (\S+)(.*)/g)].filter(([, action]) => !action!.startsWith('./'));
    for (const [, action, comment] of uses) {
      expect(action).toMatch(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/);
      expect(comment, action).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
  });

  test('calls only existing workflows', () => {
    for (const [, called] of workflow.matchAll(/uses: \.\/\.github\/workflows\/(\S+)/g))
      expect(names).toContain(called);
  });

  test('runs only existing scripts, with their options', async () => {
    const { scripts } = JSON.parse(await text('package.json')) as { scripts: Record<string, string> };
    const commands = [...workflow.matchAll(/run: (.*)/g)].map(([, command]) => command!);
    for (const command of commands) {
      const [, verb, file] = /^npm run ([\w-]+)|^node (\S+)/.exec(command) ?? [];
      if (command === '.ci/run') continue;
      const source = file ?? scripts[verb!]?.replace(/^node (?:scripts\/start\.mjs )?/, '');
      expect(source, command).toBeDefined();
      const [, cli] = /^bin\/millrace\.mjs (\S+)/.exec(source!) ?? [];
      const taken = cli === undefined ? await text(source!) : await helpOf(cli);
      for (const [, option] of command.matchAll(/--(\w[\w-]*)/g))
        expect(taken, command).toContain(cli === undefined ? `${option}: { type` : `--${option} `);
    }
  });
});

test('environments are deployed in the order of the definition, each in its region, and the next is shown before its approval', async () => {
  const deploy = await text(folder, 'deploy.yml');
  const given = [...deploy.matchAll(/environment: (\w+), region: ([\w-]+)(?:, next: (\w+))? /g)].map((found) =>
    found.slice(1),
  );
  const { dev, staging, prod } = environments;
  expect(given).toEqual([
    ['dev', dev.region, 'staging'],
    ['staging', staging.region, 'prod'],
    ['prod', prod.region, undefined],
  ]);
  expect([...deploy.matchAll(/needs: (\w+)/g)].map(([, job]) => job)).toEqual(['dev', 'staging']);
});

test('CI runs each script of the package once', async () => {
  const { scripts } = JSON.parse(await text('package.json')) as { scripts: Record<string, string> };
  const run = await text('.ci', 'run');
  const commands = [...run.matchAll(/^part npm (?:run )?([\w-]+)/gm)].map(([, name]) => name!);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(commands));
  expect(new Set(commands).size).toBe(commands.length);
  expect(commands).toEqual(
    expect.arrayContaining(['test', 'lint', 'synth', 'validate', 'demo', 'parity', 'twin', 'bench']),
  );
});
