import path from 'node:path';
import { EmrEngine } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { projectFolder } from '../../../lib/local/root.ts';
import { packagesFile } from '../../stacks/synthesised.ts';
import { plainStack } from '../alone.ts';

const engineFolder = path.join(projectFolder, 'glue-scripts');

test('all files of a stage are in S3, and one permission can read them', () => {
  const { stack } = plainStack();
  const engine = new EmrEngine(stack, 'Engine', { engineFolder, packages: packagesFile() });
  const parts = [engine.script, engine.modules, engine.packages, engine.bootstrap].map((url) => stack.resolve(url));
  const text = JSON.stringify(parts);
  expect(text.match(/s3:\/\//g)).toHaveLength(4);
  const { actions, resources } = engine.permission;
  expect(actions).toEqual(['s3:GetObject']);
  const objects = JSON.stringify(stack.resolve(resources)).match(/[0-9a-f]{64}/g)!;
  expect(new Set(objects).size).toBe(4);
  for (const object of objects) expect(text).toContain(object);
});

test('without the packages it fails, and says what builds them', () => {
  const made = () => new EmrEngine(plainStack().stack, 'Engine', { engineFolder, packages: '/nowhere/packages.zip' });
  const issue = expect.objectContaining({ code: 'MR732', hint: 'run `npm run emr-packages`' });
  expect(made).toThrow(expect.objectContaining({ issues: [issue] }));
});
