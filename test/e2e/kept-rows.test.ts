import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PipelineState } from '../../lib/documents/bookmark-state.ts';
import { workOrder } from '../../lib/documents/work-order.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { millrace, openLab, run } from './lab.ts';

/** An incremental run gives the same tables as a full run, whatever happened to files, tables and bookmarks in between. */

let lab: Awaited<ReturnType<typeof openLab>>;
let scratch = 0;
let pipeline: string;
let data: string;
let root: string;

const definition = (
  columns = "'id', 'v'",
) => `import { affected, definePipeline } from '${projectFolder}/lib/definition/index.ts';
export default definePipeline({
  name: 'people',
  sources: { people: { format: 'csv', path: 'people/*.csv', columns: [${columns}] } },
  tables: {
    clean: {
      layer: 'silver',
      sql: 'clean.sql',
      reads: { people: { use: 'rows', scope: affected('id'), quarantine: { has_id: "trim(id) <> ''", good: "v <> 'bad'" } } },
      columns: { id: 'string', v: 'string' },
      key: ['id'],
    },
  },
});
`;
const sql = 'SELECT _row, trim(id) AS id, v FROM people';

beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  scratch += 1;
  pipeline = lab.at(`${scratch}`, 'people');
  data = lab.at(`${scratch}`, 'data');
  root = lab.at(`${scratch}`, 'root');
  await mkdir(pipeline, { recursive: true });
  await mkdir(path.join(data, 'people'), { recursive: true });
  await writeFile(path.join(pipeline, 'pipeline.ts'), definition());
  await writeFile(path.join(pipeline, 'clean.sql'), sql);
});

const put = (name: string, ...lines: string[]) =>
  writeFile(path.join(data, 'people', name), ['id,v', ...lines, ''].join('\n'));
const take = (...more: string[]) => run(pipeline, '--data', data, '--root', root, ...more);
const succeeded = async (...more: string[]) => {
  const { document, err } = await take(...more);
  expect([document.status, document.issues, err], JSON.stringify(document.issues)).toMatchObject(['succeeded', [], {}]);
  return document;
};
const stateFile = () => path.join(root, 'state', 'people.json');
const state = async () => JSON.parse(await readFile(stateFile(), 'utf8')) as PipelineState;

/** The given columns of a table: one text per row, sorted. */
function rows(layer: string, table: string, columns: string[], of = root): string[] {
  const script = `import json, sys
from deltalake import DeltaTable
rows = DeltaTable(sys.argv[1]).to_pyarrow_table(columns=sys.argv[2].split(",")).to_pylist()
print(json.dumps(sorted("|".join(str(value) for value in row.values()) for row in rows)))`;
  const python = path.join(projectFolder, '.venv', 'bin', 'python');
  const place = path.join(of, 'lake', 'people', layer, table);
  const { stdout, stderr } = spawnSync(python, ['-c', script, place, columns.join(',')], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

/** Changes a table with another program than Millrace. */
function changed(layer: string, table: string, call: string): void {
  const script = `import sys\nfrom deltalake import DeltaTable\nDeltaTable(sys.argv[1]).${call}`;
  const python = path.join(projectFolder, '.venv', 'bin', 'python');
  const { status, stderr } = spawnSync(python, ['-c', script, path.join(root, 'lake', 'people', layer, table)]);
  if (status !== 0) throw new Error(String(stderr));
}
const silver = () => rows('silver', 'clean', ['id', 'v']);
const bronze = () => rows('bronze', 'people', ['id', 'v']);
const rejects = (of = root) => rows('quarantine', 'clean', ['_rule', '_table', '_source_file'], of);

describe('rows of changed keys', () => {
  test('end where a full run puts them, with any white space or without a key; a repaired row leaves the rejects', async () => {
    await put('a.csv', 'A,1', 'B,bad');
    await succeeded();
    await put('b.csv', 'C\t,4', ',3');
    await put('a.csv', 'A,1', 'B,2');
    const again = await succeeded();
    expect(again.tasks.map(({ task, mode }) => [task, mode])).toEqual([
      ['people', 'incremental'],
      ['clean', 'incremental'],
    ]);
    expect(silver()).toEqual(['A|1', 'B|2', 'C\t|4']);
    expect(rejects()).toEqual(['has_id|people|people/b.csv']);
  });
});

describe('runs without rows to write', () => {
  test('leave nothing to do for the next run, although the table logs do not record them', async () => {
    await put('a.csv', 'A,1');
    await succeeded();
    await put('b.csv', ',3');
    await succeeded();
    await put('c.csv');
    await succeeded();
    const { out } = await millrace('plan', pipeline, '--data', data, '--root', root, '--json');
    expect((JSON.parse(out) as { tasks: { run: boolean; why: string }[] }).tasks).toMatchObject([
      { run: false },
      { run: false },
    ]);
    expect(silver()).toEqual(['A|1']);
  });
});

describe('empty files', () => {
  test('give a warning when they are read, and none when they are removed', async () => {
    await put('a.csv', 'A,1');
    await writeFile(path.join(data, 'people', 'b.csv'), '');
    expect((await succeeded()).warnings).toMatchObject([
      { code: 'MR229', message: '1 file of source "people" is empty: people/b.csv' },
    ]);
    await rm(path.join(data, 'people', 'b.csv'));
    const { document } = await take();
    expect([document.status, document.warnings ?? []]).toEqual(['nothing to do', []]);
  });
});

describe('lost tables and bookmarks', () => {
  test('a removed table makes its readers start over, although they had read its version numbers', async () => {
    await put('a.csv', 'A,1');
    await succeeded();
    await rm(path.join(root, 'lake', 'people', 'bronze', 'people'), { recursive: true });
    await put('b.csv', 'B,2');
    const { reasons } = await succeeded();
    expect(reasons).toContainEqual({ task: 'clean', why: 'table people was replaced by another' });
    expect(silver()).toEqual(['A|1', 'B|2']);
  });

  test('rejects come back after their table was removed', async () => {
    await put('a.csv', 'A,1', ',2');
    await succeeded();
    await rm(path.join(root, 'lake', 'people', 'quarantine'), { recursive: true });
    await put('b.csv', 'B,2');
    await succeeded();
    expect(rejects()).toEqual(['has_id|people|people/a.csv']);
  });

  test('a table that another program restored, or whose rows it deleted, is built again, and so are its readers', async () => {
    await put('a.csv', 'A,1', ',2');
    await succeeded();
    await put('b.csv', 'B,2', 'A,3');
    await succeeded();
    const whole = [bronze(), silver(), rejects()];

    changed('bronze', 'people', 'restore(0)');
    await put('c.csv', 'C,3');
    const { reasons } = await succeeded();
    expect(reasons).toContainEqual({ task: 'people', why: 'another program changed its table (RESTORE in version 2)' });
    expect([bronze(), silver(), rejects()]).toEqual([[...whole[0]!, 'C|3'].sort(), [...whole[1]!, 'C|3'], whole[2]]);

    changed('silver', 'clean', `delete("id = 'A'")`);
    changed('quarantine', 'clean', 'delete()');
    await succeeded();
    expect([silver(), rejects()]).toEqual([[...whole[1]!, 'C|3'], whole[2]]);

    changed('bronze', 'people', 'optimize.compact()');
    expect((await take()).document.status).toBe('nothing to do');
  });

  test('after bookmarks and runs are removed, run numbers continue above those in the tables', async () => {
    await put('a.csv', 'A,1');
    await succeeded();
    await put('b.csv', 'B,2');
    await succeeded();
    const before = (await state()).sequence;
    await rm(path.join(root, 'state'), { recursive: true });
    await rm(path.join(root, 'runs'), { recursive: true });
    await put('c.csv', 'C,3');
    await succeeded();
    expect(silver()).toEqual(['A|1', 'B|2', 'C|3']);
    expect((await state()).sequence).toBeGreaterThan(before);
  });

  test('bookmarks older than their tables ingest no file twice', async () => {
    await put('a.csv', 'A,1');
    await succeeded();
    const old = await readFile(stateFile(), 'utf8');
    await put('b.csv', 'B,2');
    await succeeded();
    await writeFile(stateFile(), old);
    await succeeded();
    expect([bronze(), silver()]).toEqual([
      ['A|1', 'B|2'],
      ['A|1', 'B|2'],
    ]);
  });

  test('a file that is restored after a kill between commit and report has its old rows again', async () => {
    await put('a.csv', 'A,old');
    await put('b.csv', 'B,1');
    await succeeded();
    const before = await state();
    await put('a.csv', 'A,new');
    const { run: killed } = await succeeded();
    expect(bronze()).toEqual(['A|new', 'B|1']);
    // The state after a kill between the commit of bronze and its report.
    const order = workOrder.parse(
      JSON.parse(await readFile(path.join(root, 'runs', 'people', killed, 'work.json'), 'utf8')),
    );
    await rm(path.join(root, 'runs', 'people', killed, 'tasks'), { recursive: true });
    const inDoubt = Object.fromEntries(
      order.items.map(({ task, files = [] }) => [task, files.map((file) => file.path)]),
    );
    const claim = { run: killed, token: order.sequence, holder: 'process 999999999', at: order.startedAt };
    await writeFile(
      stateFile(),
      JSON.stringify({ ...before, sequence: order.sequence, lastRun: killed, inDoubt, claim }),
    );
    await put('a.csv', 'A,old');
    await succeeded();
    expect([bronze(), silver()]).toEqual([
      ['A|old', 'B|1'],
      ['A|old', 'B|1'],
    ]);
    expect((await state()).inDoubt).toEqual({});
    expect((await take()).document.status).toBe('nothing to do');
  });
});

describe('removed files', () => {
  beforeEach(async () => {
    await put('a.csv', 'A,1');
    await put('b.csv', 'B,2', 'C,3');
    await succeeded();
    await rm(path.join(data, 'people', 'b.csv'));
  });

  test('keep their rows, even if their table is read again, and are named', async () => {
    await put('d.csv', 'D,4');
    const { warnings } = await succeeded();
    expect(warnings).toMatchObject([
      { code: 'MR521', message: expect.stringContaining('2 rows stay: people/b.csv (2)') as string },
    ]);
    await succeeded('--force', 'people');
    expect([bronze(), silver()]).toEqual(Array(2).fill(['A|1', 'B|2', 'C|3', 'D|4']));
    // Another program can remove rows of the files that still exist: a rebuild restores them.
    changed('bronze', 'people', `delete("id = 'A'")`);
    const { reasons } = await succeeded();
    expect(reasons[0]).toMatchObject({
      task: 'people',
      why: expect.stringMatching(/DELETE.*rows of .* stay/) as string,
    });
    expect([bronze(), silver()]).toEqual(Array(2).fill(['A|1', 'B|2', 'C|3', 'D|4']));
  });

  test('stop a run that would lose their rows, as `plan` announces, unless it has --drop-missing', async () => {
    // In a separate folder, because a process loads a definition only once.
    pipeline = lab.at(`${scratch}`, 'changed', 'people');
    await mkdir(pipeline, { recursive: true });
    await writeFile(path.join(pipeline, 'pipeline.ts'), definition("'id', 'v', 'w'"));
    await writeFile(path.join(pipeline, 'clean.sql'), sql);
    await writeFile(path.join(data, 'people', 'a.csv'), 'id,v,w\nA,1,x\n');
    const planned = await millrace('plan', pipeline, '--data', data, '--root', root);
    expect(planned.err).toMatch(/MR520[\s\S]*2 rows would be lost: people\/b\.csv \(2\)[\s\S]*--drop-missing/);
    const refused = await millrace('run', pipeline, '--data', data, '--root', root);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('MR520')]);
    expect(silver()).toEqual(['A|1', 'B|2', 'C|3']);
    await succeeded('--drop-missing');
    expect(silver()).toEqual(['A|1']);
  });

  test('lose their rows when they are withdrawn; a withdrawn file that still exists is not read again unchanged', async () => {
    const said = await millrace(
      'bookmarks',
      'withdraw',
      'people',
      'people',
      'people/a.csv',
      'people/b.csv',
      '--root',
      root,
    );
    expect([said.code, said.out]).toEqual([0, expect.stringContaining('2 inputs withdrawn')]);
    const { reasons, warnings } = await succeeded();
    expect(reasons).toContainEqual({ task: 'people', why: '2 files withdrawn' });
    expect([bronze(), silver(), warnings]).toEqual([[], [], undefined]);
    expect((await take()).document.status).toBe('nothing to do');
    await put('a.csv', 'A,5');
    await succeeded();
    expect(silver()).toEqual(['A|5']);
    expect((await millrace('bookmarks', 'withdraw', 'people', 'people', 'people/x.csv', '--root', root)).err).toContain(
      'MR513',
    );
  });
});

test('the bookmarks store how many rows each file left', async () => {
  await put('a.csv', 'A,1', 'B,2');
  await succeeded();
  expect(Object.values((await state()).tasks['people']!.files!).map((file) => [file.path, file.rows])).toEqual([
    ['people/a.csv', 2],
  ]);
  expect(await readdir(path.join(root, 'lake', 'people'))).not.toContain('quarantine');
});
