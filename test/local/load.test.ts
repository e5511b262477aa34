import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MillraceError } from '../../lib/errors.ts';
import { loadPipeline, loadPlan, pipelineFolder } from '../../lib/local/load.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { copyPipeline, millrace } from '../e2e/lab.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test('a pipeline must have the name of its folder, or it could use the lake of another: MR155', async () => {
  const folder = await copyPipeline('telco', path.join(scratch, 'telco'), {
    'pipeline.ts': (text) => text.replace("name: 'telco'", "name: 'churn'"),
  });
  for (const verb of ['check', 'plan', 'run']) {
    const said = await millrace(verb, folder, '--root', path.join(scratch, 'root'));
    expect([verb, said.code]).toEqual([verb, 1]);
    expect(said.err).toMatch(/MR155 .*"telco" is named "churn"[\s\S]*try {3}write name: 'telco'/);
  }
});

describe('a definition', () => {
  test('is found by the name of its pipeline, by its folder and by its file', async () => {
    const folder = path.join(projectFolder, 'pipelines', 'telco');
    expect(pipelineFolder('telco')).toBe(folder);
    const plan = await loadPlan('telco');
    expect(plan.pipeline).toBe('telco');
    expect(await loadPlan(path.join(folder, 'pipeline.ts'))).toEqual(plan);
    expect(await loadPlan(path.relative(process.cwd(), `${folder}/`) || '.')).toEqual(plan);
  });

  test('outside the project is loaded with its own SQL', async () => {
    const folder = await copyPipeline('telco', path.join(scratch, 'elsewhere', 'telco'), {});
    const plan = await loadPlan(folder);
    const own = plan.tasks.flatMap((task) => (task.kind === 'transform' ? [task.sqlFile] : []));
    expect(own.length).toBeGreaterThan(0);
    for (const file of own) expect(file.startsWith(path.join(scratch, 'elsewhere'))).toBe(true);
  });

  test('whose SQL file is missing has issues and no plan', async () => {
    const folder = await copyPipeline('telco', path.join(scratch, 'lacking', 'telco'), {});
    await rm(path.join(folder, 'silver'), { recursive: true, force: true });
    const { plan, issues } = await loadPipeline(folder);
    expect([plan, issues.length > 0]).toEqual([undefined, true]);
    await expect(loadPlan(folder)).rejects.toBeInstanceOf(MillraceError);
  });

  test.each([
    ['nothing', '', 'the file exports no definition'],
    ['something else', 'export default { hello: 1 };', 'the file exports no definition'],
    ['a fault', 'throw new Error("out of order");', 'the definition cannot be loaded: out of order'],
  ])('that exports %s is refused: MR101', async (_, text, message) => {
    const folder = path.join(scratch, `exports-${message.length}-${text.length}`);
    await mkdir(folder);
    await writeFile(path.join(folder, 'pipeline.ts'), text);
    await expect(loadPipeline(folder)).rejects.toMatchObject({ issues: [{ code: 'MR101', message }] });
  });

  test('that is missing is refused with the nearest name: MR101', async () => {
    await expect(loadPipeline('telko')).rejects.toMatchObject({
      exitCode: 2,
      issues: [{ code: 'MR101', hint: expect.stringContaining('telco') }],
    });
  });
});
