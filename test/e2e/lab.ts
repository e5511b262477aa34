import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environments } from '../../environments.ts';
import { functions } from '../../lambdas/functions.ts';
import { program } from '../../lib/cli/program.ts';
import { type RunDocument, runDocument } from '../../lib/documents/run-document.ts';
import { pythonOf } from '../../lib/local/python.ts';
import { projectFolder } from '../../lib/local/root.ts';

/** A scratch folder with data, lakes and copies of pipelines. */
export async function openLab() {
  const folder = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
  return {
    folder,
    at: (...names: string[]) => path.join(folder, ...names),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface Said {
  code: number;
  out: string;
  err: string;
}

/** Runs `millrace ...` as a user does. */
export async function millrace(...args: string[]): Promise<Said> {
  const said: Said = { code: 0, out: '', err: '' };
  const write = (to: 'out' | 'err') => (text: string) => {
    said[to] += text;
  };
  said.code = await program(args, {
    out: { write: write('out') },
    err: { write: write('err') },
    environments,
    functions,
  });
  return said;
}

/** Runs a pipeline and returns its document with the exit code. */
export async function run(...args: string[]): Promise<{ code: number; document: RunDocument; err: string }> {
  const said = await millrace('run', ...args, '--json');
  return { code: said.code, document: runDocument.parse(JSON.parse(said.out)), err: said.err };
}

/** A copy of a pipeline that a test may change. It still imports from the project. */
export async function copyPipeline(
  name: string,
  to: string,
  edit: Record<string, (text: string) => string>,
): Promise<string> {
  // The folder gives the pipeline its name.
  const folder = path.basename(to) === name ? to : path.join(to, name);
  await cp(path.join(projectFolder, 'pipelines', name), folder, { recursive: true });
  const edits: typeof edit = { 'pipeline.ts': (text) => text, ...edit };
  for (const [file, change] of Object.entries(edits)) {
    const text = await readFile(path.join(folder, file), 'utf8');
    const changed = change(text);
    if (file in edit && changed === text) throw new Error(`the edit of ${file} changed nothing`);
    await writeFile(path.join(folder, file), changed);
  }
  return folder;
}

/** Whether the silver, gold and feature tables of two lakes hold the same rows. */
export async function sameTables(
  one: string,
  other: string,
): Promise<{ table: string; rows: number[]; equal: boolean }[]> {
  const pipeline = (await readdir(path.join(one, 'runs')))[0]!;
  const run = (await readdir(path.join(one, 'runs', pipeline))).sort()[0]!;
  const compare = path.join(projectFolder, 'glue-scripts', 'compare_lakes.py');
  const plan = path.join(one, 'runs', pipeline, run, 'plan.json');
  const args = [compare, '--plan', plan, one, other];
  const { stdout, stderr } = spawnSync(await pythonOf('sail'), args, { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { tables: { table: string; rows: number[]; equal: boolean }[] }).tables;
}

export const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
