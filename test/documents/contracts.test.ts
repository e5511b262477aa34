import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { contractFiles, engineFiles } from '../../lib/documents/contracts.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { planSchema } from '../../lib/plan/schema.ts';
import { goldenPlans } from '../plan/golden-plans.ts';

const stored = (...names: string[]) => readFile(path.join(projectFolder, 'contracts', ...names), 'utf8');

test.each(Object.entries(contractFiles()))(
  'contracts/%s is up to date (if not: `npm run contracts`)',
  async (name, text) => {
    expect(await stored(name)).toBe(text);
  },
);

test.each(Object.entries(engineFiles()))(
  'glue-scripts/engine/%s is up to date (if not: `npm run contracts`)',
  async (name, text) => {
    expect(await readFile(path.join(projectFolder, 'glue-scripts', 'engine', name), 'utf8')).toBe(text);
  },
);

test('the golden plans match the output of the compiler', async () => {
  for (const [name, text] of Object.entries(await goldenPlans())) {
    expect(await stored('golden', name)).toBe(text);
    expect(planSchema.parse(JSON.parse(text))).toEqual(JSON.parse(text));
  }
});
