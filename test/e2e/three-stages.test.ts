import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyPipeline, millrace, openLab, run } from './lab.ts';

let lab: Awaited<ReturnType<typeof openLab>>;
beforeAll(async () => {
  lab = await openLab();
  await millrace('generate', 'churn', '--customers', '800', '--out', lab.at('data'));
});
afterAll(() => lab.close());

test('a pipeline with a separate training stage runs in three stages, and a second run has nothing to do', async () => {
  const folder = await copyPipeline('churn', lab.at('copy'), {});
  const definition = `${folder}/pipeline.ts`;
  const text = await readFile(definition, 'utf8');
  const given = ['--data', lab.at('data'), '--root', lab.at('root')];
  await writeFile(definition, text.replace('definePipeline({', "definePipeline({\n  compute: { train: 'emr' },"));

  const { document, err } = await run(folder, ...given);
  expect([document.status, document.issues], err).toEqual(['succeeded', []]);
  expect([...new Set(document.tasks.map(({ stage }) => stage))]).toEqual(['build', 'train', 'predict']);
  expect(document.models).toMatchObject([{ verdict: 'promote' }]);
  const stages = document.phases.map(({ name }) => name).filter((name) => name.startsWith('stage '));
  expect(stages).toEqual(['stage build', 'stage train', 'stage predict']);

  await writeFile(definition, text);
  expect((await run(folder, ...given)).document.tasks).toEqual([]);
});
