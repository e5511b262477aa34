import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../lib/local/root.ts';

/** What each layer may import, besides itself and packages. Imports go one way. */
const allowed: Record<string, readonly string[]> = {
  'lib/errors.ts': [],
  'lib/definition': ['lib/errors.ts'],
  'lib/plan': ['lib/errors.ts', 'lib/definition'],
  'lib/asl': ['lib/errors.ts', 'lib/plan'],
  'lib/report': ['lib/errors.ts', 'lib/plan'],
  'lib/cost': ['lib/errors.ts', 'lib/plan', 'lib/asl'],
  // The laptop runs the very logic that a Lambda runs on AWS.
  'lib/local': ['lib/errors.ts', 'lib/definition', 'lib/plan', 'lib/asl', 'lib/report', 'lambdas'],
  'lib/cli': [
    'lib/errors.ts',
    'lib/plan',
    'lib/cost',
    'lib/stacks',
    'lib/cloud',
    'lib/local',
    'lambdas',
    'environments.ts',
  ],
  'lib/constructs': ['lib/errors.ts', 'lib/plan', 'lib/asl'],
  'lib/stacks': ['lib/errors.ts', 'lib/definition', 'lib/plan', 'lib/asl', 'lib/constructs'],
  'environments.ts': ['lib/stacks'],
  'lib/cloud': ['lib/errors.ts', 'lib/plan', 'lib/cost', 'lib/stacks', 'lib/local', 'lambdas'],
  lambdas: ['lib/errors.ts', 'lib/plan'],
  bin: ['lib/errors.ts', 'lib/cli', 'lib/local', 'lib/stacks', 'environments.ts'],
  pipelines: ['lib/definition'],
};

const layerOf = (file: string) => Object.keys(allowed).find((layer) => file === layer || file.startsWith(`${layer}/`));

test('every import goes the one way that its layer allows', async () => {
  const wrong: string[] = [];
  for (const file of await sources()) {
    const layer = layerOf(file);
    if (layer === undefined) wrong.push(`${file} is in no layer`);
    const text = await readFile(path.join(projectFolder, file), 'utf8');
    for (const [, target] of text.matchAll(/from '(\.[^']+)'/g)) {
      const imported = path.join(path.dirname(file), target!);
      const other = layerOf(imported);
      if (other !== layer && !allowed[layer ?? '']?.includes(other ?? '')) wrong.push(`${file} imports ${imported}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the middle is pure: definition, plan, states language, cost and report touch no file, clock, process or chance', async () => {
  const effects = /node:(fs|child_process|net|http|timers)|process\.|Date\.now|new Date\(\)|Math\.random/;
  const pure = (await sources()).filter((file) => /^lib\/(definition|plan|asl|cost|report)\//.test(file));
  const impure = [];
  for (const file of pure) {
    const code = (await readFile(path.join(projectFolder, file), 'utf8')).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    if (effects.test(code)) impure.push(file);
  }
  expect(impure).toEqual([]);
});

async function sources(): Promise<string[]> {
  const folders = ['lib', 'lambdas', 'bin', 'pipelines'];
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(path.join(projectFolder, folder), { recursive: true })).map((name) => path.join(folder, name)),
    ),
  );
  return listed.flat().filter((file) => file.endsWith('.ts'));
}
