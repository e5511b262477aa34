import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyPipeline, millrace } from '../e2e/lab.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test('a pipeline has the name of its folder, or would run into the lake of another: MR155', async () => {
  const folder = await copyPipeline('telco', path.join(scratch, 'telco'), {
    'pipeline.ts': (text) => text.replace("name: 'telco'", "name: 'churn'"),
  });
  for (const verb of ['check', 'plan', 'run']) {
    const said = await millrace(verb, folder, '--root', path.join(scratch, 'root'));
    expect([verb, said.code]).toEqual([verb, 1]);
    expect(said.err).toMatch(/MR155 .*"telco" is named "churn"[\s\S]*try {3}write name: 'telco'/);
  }
});
