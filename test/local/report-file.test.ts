import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runDocument } from '../../lib/documents/run-document.ts';
import { Clock } from '../../lib/local/events.ts';
import { writeReport } from '../../lib/local/report-file.ts';
import { Root } from '../../lib/local/root.ts';
import { sampleDossier, sampleModel, sampleRun } from '../report/sample.ts';
import { samplePlan } from '../report/sample-plan.ts';

let root: Root;
beforeEach(async () => {
  root = new Root(await mkdtemp(path.join(tmpdir(), 'millrace-report-')));
  await mkdir(root.run(sampleRun.pipeline, sampleRun.run), { recursive: true });
});
afterEach(() => rm(root.folder, { recursive: true, force: true }));

async function written(dossier: string) {
  const folder = path.join(root.model('churn', 'churn'), 'v1');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'dossier.json'), dossier);
  await writeFile(path.join(folder, 'model.json'), JSON.stringify(sampleModel));
  const models = sampleRun.models.map((model) => ({ ...model, folder }));
  const clock = new Clock(new Date());
  const document = await writeReport(root, samplePlan, { ...sampleRun, models }, clock);
  return { document, folder, html: await readFile(document.report!, 'utf8') };
}

test('the report is next to the document of the run, which names it', async () => {
  const { document, html } = await written(JSON.stringify(sampleDossier));
  expect(document.report).toBe(path.join(root.run(sampleRun.pipeline, sampleRun.run), 'report.html'));
  const kept = JSON.parse(await readFile(path.join(root.run(sampleRun.pipeline, sampleRun.run), 'run.json'), 'utf8'));
  expect(runDocument.parse(kept)).toEqual(document);
  expect(document.phases.map(({ name }) => name)).toEqual(['report']);
  expect(document.issues).toEqual(sampleRun.issues);
  expect(html).toContain(sampleRun.run);
  expect(html).toContain('ROC');
});

test('a model whose dossier is damaged is left out, and the report names it', async () => {
  const { document, folder, html } = await written('{');
  expect(document.issues).toMatchObject([...sampleRun.issues, { code: 'MR404', path: folder }]);
  expect(html).toContain('MR404');
});

test('the report contains the query plans of tasks', async () => {
  const [task] = sampleRun.tasks.filter(({ kind }) => kind === 'transform');
  await mkdir(path.join(root.run(sampleRun.pipeline, sampleRun.run), 'tasks'));
  await writeFile(
    path.join(root.run(sampleRun.pipeline, sampleRun.run), 'tasks', `${task!.task}.plan.txt`),
    'HashJoin of this test',
  );
  expect((await written(JSON.stringify(sampleDossier))).html).toContain('HashJoin of this test');
});
