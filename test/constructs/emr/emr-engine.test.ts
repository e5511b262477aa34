import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { App } from 'aws-cdk-lib';
import { EmrEngine } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { projectFolder } from '../../../lib/local/root.ts';
import { plainStack } from '../alone.ts';

const engineFolder = path.join(projectFolder, 'glue-scripts');

const packages = { hash: 'f00d'.repeat(16), command: ['node', 'pack.mjs'] };

test('all files of a stage are in S3, and one permission can read them', () => {
  const { stack } = plainStack();
  const engine = new EmrEngine(stack, 'Engine', { engineFolder, packages });
  const parts = [engine.script, engine.modules, engine.packages, engine.bootstrap].map((url) => stack.resolve(url));
  const text = JSON.stringify(parts);
  expect(text.match(/s3:\/\//g)).toHaveLength(4);
  const { actions, resources } = engine.permission;
  expect(actions).toEqual(['s3:GetObject']);
  const objects = JSON.stringify(stack.resolve(resources)).match(/[0-9a-f]{64}/g)!;
  expect(new Set(objects).size).toBe(4);
  for (const object of objects) expect(text).toContain(object);
});

test('the packages need no file before a deployment: their command makes it, under the name of their hash', () => {
  const { stack } = plainStack();
  const engine = new EmrEngine(stack, 'Engine', { engineFolder, packages });
  const assembly = (stack.node.root as App).synth();
  const { files } = JSON.parse(readFileSync(path.join(assembly.directory, 'Plain.assets.json'), 'utf8'));
  const name = `${packages.hash}.zip`;
  expect(files[name].source).toEqual({ executable: packages.command });
  expect(Object.values(files[name].destinations)).toMatchObject([{ objectKey: name }]);
  expect(JSON.stringify(stack.resolve(engine.packages))).toContain(`/${name}"`);
});
