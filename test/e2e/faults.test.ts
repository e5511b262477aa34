import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyState } from '../../lib/documents/bookmark-state.ts';
import { tryToLock } from '../../lib/local/file-lock.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { copyPipeline, millrace, openLab, run } from './lab.ts';

/** Faults of users and their data: each has a code, a place and one hint, and no data is lost. */

let lab: Awaited<ReturnType<typeof openLab>>;
let scratch = 0;
let data: string;
let root: string;

beforeAll(async () => {
  lab = await openLab();
  await millrace('generate', 'churn', '--customers', '300', '--seed', '7', '--out', lab.at('good'));
});
afterAll(() => lab.close());
beforeEach(async () => {
  scratch += 1;
  data = lab.at(`data-${scratch}`);
  root = lab.at(`root-${scratch}`);
  await cp(lab.at('good'), data, { recursive: true });
});
afterEach(async () => {
  await rm(data, { recursive: true, force: true });
  await rm(root, { recursive: true, force: true });
});

const customers = () => path.join(data, 'customers', 'part-00000.csv');
const edit = async (file: string, change: (text: string) => string) =>
  writeFile(file, change(await readFile(file, 'utf8')));
const attempt = (...more: string[]) => millrace('run', 'churn', '--data', data, '--root', root, ...more);
const written = async () => (await run('churn', '--data', data, '--root', root)).document;

describe('unreadable input stops the run before it costs anything', () => {
  test('a missing data folder: MR201, with the command that makes one', async () => {
    const said = await millrace('run', 'churn', '--root', root);
    expect([said.code, said.err]).toEqual([1, expect.stringContaining('MR201')]);
    expect(said.err).toContain('millrace generate churn');
  });

  test('a missing source folder: MR201', async () => {
    await rename(path.join(data, 'regions'), path.join(data, 'region'));
    const said = await attempt();
    expect([said.code, said.err]).toEqual([1, expect.stringMatching(/MR201 .*"regions"[\s\S]*try .*regions/)]);
  });

  test('a source folder without a matching file: MR202, with the files that it holds', async () => {
    await rename(customers(), `${customers()}.bak`);
    const said = await attempt();
    expect([said.code, said.err]).toEqual([1, expect.stringMatching(/MR202[\s\S]*part-00000\.csv\.bak/)]);
  });

  test('a header without a required column: MR203, with the nearest name', async () => {
    await edit(customers(), (text) => text.replace('customer_id', 'custmer_id'));
    const said = await attempt();
    expect([said.code, said.err]).toEqual([1, expect.stringMatching(/MR203[\s\S]*customer_id[\s\S]*custmer_id/)]);
  });

  test('another delimiter: MR204, with the actual one', async () => {
    await edit(customers(), (text) => text.replaceAll(',', ';'));
    const said = await attempt();
    expect([said.code, said.err]).toEqual([1, expect.stringMatching(/MR204[\s\S]*;/)]);
  });

  test('a parquet column of another type: MR205; a file that is not parquet: MR207', async () => {
    const file = path.join(data, 'regions', 'regions.parquet');
    const python = path.join(projectFolder, '.venv', 'bin', 'python');
    const script = `import pyarrow as pa, pyarrow.parquet as pq
t = pq.read_table(${JSON.stringify(file)})
pq.write_table(t.set_column(t.column_names.index("population"), "population", pa.array(["x"] * t.num_rows)), ${JSON.stringify(file)})`;
    spawnSync(python, ['-c', script]);
    const typed = await attempt();
    expect([typed.code, typed.err]).toEqual([1, expect.stringMatching(/MR205[\s\S]*population/)]);
    await writeFile(file, 'not parquet');
    const unreadable = await attempt();
    expect([unreadable.code, unreadable.err]).toEqual([1, expect.stringContaining('MR207')]);
  });

  test('a file that vanishes between listing and reading: MR206, and the next run reads the rest', async () => {
    const pipeline = await copyPipeline('churn', lab.at(`vanish-${scratch}`), {});
    await cp(customers(), path.join(data, 'customers', 'part-00001.csv'));
    const said = await withFileRemoved(path.join(data, 'customers', 'part-00001.csv'), () =>
      millrace('run', pipeline, '--data', data, '--root', root),
    );
    expect([said.code, said.err]).toEqual([1, expect.stringMatching(/MR206[\s\S]*part-00001/)]);
    expect((await written()).status).toBe('succeeded');
  });
});

describe('unreadable rows go to quarantine and the run continues', () => {
  test('invalid UTF-8, embedded newlines, a field of 10 MB', async () => {
    const header = (await readFile(customers(), 'utf8')).split('\n')[0];
    const row = (id: string, device: string) =>
      `${id},active,2020-01-01,2025-06-01T00:00:00,basic,${device},two-year,credit-card,40,10,100,R-01\n`;
    const bad = Buffer.concat([
      Buffer.from(`${header}\n${row('C-90001', '"a\nb"')}${row('C-90002', 'x'.repeat(10_000_000))}`),
      Buffer.from('C-90003,\xff', 'latin1'),
      Buffer.from(row('', 'tv').slice(1)),
    ]);
    await writeFile(path.join(data, 'customers', 'part-00001.csv'), bad);
    const document = await written();
    const task = document.tasks.find((t) => t.task === 'customers')!;
    const before = JSON.parse(await readFile(path.join(data, 'generator.json'), 'utf8')) as {
      lines: { customers: { lines: number; malformed: number } };
    };
    expect(task.read).toBe(before.lines.customers.lines + 3);
    expect(task.quarantined['encoding']).toBe(1);
    expect(task.written).toBe(before.lines.customers.lines - before.lines.customers.malformed + 2);
  });

  test('an empty file and a header in another order are not faults', async () => {
    await writeFile(path.join(data, 'customers', 'part-00001.csv'), '');
    await writeFile(
      path.join(data, 'customers', 'part-00002.csv'),
      'region_id,status,customer_id,join_date,updated_at,plan_type,device_type,contract_type,payment_method,age,monthly_charges,total_charges\nR-01,active,C-90001,2020-01-01,2025-06-01T00:00:00,basic,tv,two-year,credit-card,40,10,100\n',
    );
    const document = await written();
    const known = JSON.parse(await readFile(path.join(data, 'generator.json'), 'utf8')) as {
      lines: Record<string, { lines: number; kept: number }>;
    };
    const tasks = Object.fromEntries(document.tasks.map((task) => [task.task, task]));
    expect(tasks['customers']!.read).toBe(known.lines['customers']!.lines + 1);
    expect(tasks['customers_clean']!.written).toBe(
      known.lines['customers']!.kept + known.lines['new_customers']!.kept + 1,
    );
  });
});

describe('a training that cannot learn', () => {
  test('a label with one class: MR401, but the tables are written', async () => {
    await edit(customers(), (text) => text.replaceAll('cancelled', 'active'));
    const said = await attempt();
    expect([said.code, said.err]).toEqual([1, expect.stringMatching(/MR401[\s\S]*churn/)]);
    const status = await millrace('status', 'churn', '--root', root);
    expect(status.out).toContain('churn_features');
  });

  test('a constant feature is left out, with a warning', async () => {
    await edit(customers(), (text) =>
      text
        .replace(/,(basic|standard|premium|family),/g, ',basic,')
        .replace(/,\s+(basic|standard|premium|family)\s*,/g, ',basic,'),
    );
    await edit(path.join(data, 'new_customers', 'part-00000.csv'), (text) =>
      text.replace(/,(basic|standard|premium|family),/g, ',basic,'),
    );
    const document = await written();
    const warnings = document.tasks.find((task) => task.kind === 'train')!.warnings;
    expect(warnings.join()).toMatch(/MR405 plan_type/);
  });
});

describe('a wrong definition', () => {
  test('a cycle, an unknown pipeline, an unknown parameter, a parameter of another type', async () => {
    const pipeline = await copyPipeline('churn', lab.at(`cycle-${scratch}`), {
      'pipeline.ts': (text) =>
        text.replace(/reads: \{\s+regions: \{/, "reads: { region_churn: { use: 'lookup' }, regions: {"),
    });
    const cyclic = await millrace('check', pipeline, '--root', root);
    expect([cyclic.code, cyclic.err]).toEqual([1, expect.stringMatching(/MR105[\s\S]*regions_clean/)]);
    const unknown = await millrace('run', 'chrun', '--root', root);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringMatching(/MR101[\s\S]*try {3}churn/)]);
    const parameter = await attempt('--param', 'snapshot=2025-01-01');
    expect([parameter.code, parameter.err]).toEqual([2, expect.stringMatching(/MR130[\s\S]*snapshot_date/)]);
    const typed = await attempt('--param', 'snapshot_date=yesterday');
    expect([typed.code, typed.err]).toEqual([2, expect.stringContaining('MR131')]);
  });

  test('SQL with a wrong type is found by `check`, with file, line and column, and by `run` before it reads data', async () => {
    const pipeline = await copyPipeline('churn', lab.at(`typed-${scratch}`), {
      'gold/region_churn.sql': (text) => text.replace('count(*) AS customers', "'many' AS customers"),
    });
    const said = await millrace('check', pipeline, '--root', root, '--json');
    expect(said.code).toBe(1);
    const { issues } = JSON.parse(said.out) as { issues: { code: string; path: string }[] };
    expect(issues).toMatchObject([{ code: 'MR112', path: expect.stringMatching(/region_churn\.sql:3:\d+$/) }]);
    const { document } = await run(pipeline, '--data', data, '--root', root);
    expect([document.status, document.tasks, document.issues[0]?.code]).toEqual(['failed', [], 'MR112']);
  });

  test('a WHERE that loses rows fails the run with the gap, and the table stays unchanged', async () => {
    const pipeline = await copyPipeline('churn', lab.at(`gap-${scratch}`), {
      'silver/regions_clean.sql': (text) => `${text} WHERE competitors > 2\n`,
    });
    const { code, document } = await run(pipeline, '--data', data, '--root', root);
    expect(code).toBe(1);
    expect(document.issues).toMatchObject([{ code: 'MR302', hint: expect.stringContaining('keep') }]);
  });
});

describe('the machine', () => {
  test('no Python: exit code 5, with the command to run', async () => {
    const said = await withEnv({ MILLRACE_PYTHON: '/nowhere/python' }, () => attempt('--json'));
    expect([said.code, said.err]).toEqual([5, expect.stringContaining('MR505')]);
    const doctor = await withEnv({ MILLRACE_PYTHON: '/nowhere/python' }, () => millrace('doctor', '--root', root));
    expect(doctor.code).toBe(5);
  });

  test('a missing or too old Python ends the set-up: exit code 5', async () => {
    const bin = lab.at(`bin-${scratch}`);
    await mkdir(bin);
    const setup = (path_: string) =>
      spawnSync(process.execPath, [lab.at('setup', 'scripts', 'setup.mjs')], {
        encoding: 'utf8',
        env: { PATH: path_ },
      });
    await cp(path.join(projectFolder, 'scripts'), lab.at('setup', 'scripts'), { recursive: true });
    await cp(
      path.join(projectFolder, 'glue-scripts', 'requirements.txt'),
      lab.at('setup', 'glue-scripts', 'requirements.txt'),
    );
    await cp(path.join(projectFolder, 'package-lock.json'), lab.at('setup', 'package-lock.json'));
    await mkdir(lab.at('setup', 'node_modules'), { recursive: true });
    const lockHash = spawnSync('sha256sum', [lab.at('setup', 'package-lock.json')], { encoding: 'utf8' }).stdout.split(
      ' ',
    )[0]!;
    await writeFile(lab.at('setup', 'node_modules', '.millrace-lock'), lockHash);
    expect(setup(bin)).toMatchObject({ status: 5, stderr: expect.stringContaining('MR512') });
    await writeFile(path.join(bin, 'python3'), '#!/bin/sh\necho 3.8.10\n', { mode: 0o755 });
    expect(setup(bin)).toMatchObject({ status: 5, stderr: expect.stringContaining('found 3.8.10') });
  });

  test('a full disk: MR501, published tables stay unchanged, and the next run finishes', async (context) => {
    const small = lab.at(`disk-${scratch}`);
    await mkdir(small);
    // A file system of a few megabytes, if this machine allows a mount.
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', small]).status === 0;
    if (!mounted) context.skip('this machine lets us mount no small file system');
    try {
      const full = await millrace('run', 'churn', '--data', data, '--root', small);
      expect([full.code === 0, full.err + full.out]).toEqual([false, expect.stringContaining('MR501')]);
      spawnSync('mount', ['-o', 'remount,size=200m', small]);
      const { document } = await run('churn', '--data', data, '--root', small);
      expect(document.status).toBe('succeeded');
    } finally {
      spawnSync('umount', ['-l', small]);
    }
  });

  test('a foreign state file: MR503; a second run at the same time: MR504', async () => {
    const claim = { run: 'r-1', token: 1, holder: 'process 7 on here', at: '2025-07-01T00:00:00Z' };
    await mkdir(path.join(root, 'state'), { recursive: true });
    await mkdir(path.join(root, 'runs', 'churn', 'r-1'), { recursive: true });
    await writeFile(path.join(root, 'state', 'churn.json'), JSON.stringify({ ...emptyState('churn'), claim }));
    const held = await tryToLock(path.join(root, 'runs', 'churn', 'r-1', 'held'));
    expect((await attempt()).err).toMatch(/MR504 .*is in use: process 7 on here has been running r-1/);
    await held!.release();
    await appendFile(path.join(root, 'state', 'churn.json'), '{');
    expect((await attempt()).err).toContain('MR503');
  });
});

/** Removes a file once the run has listed it: the work order is then written. */
async function withFileRemoved<T>(file: string, action: () => Promise<T>): Promise<T> {
  const timer = setInterval(async () => {
    const listed = spawnSync('grep', ['-rlq', path.basename(file), path.join(root, 'runs')]).status === 0;
    if (listed) await rm(file, { force: true });
  }, 5);
  try {
    return await action();
  } finally {
    clearInterval(timer);
  }
}

async function withEnv<T>(values: Record<string, string>, action: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  Object.assign(process.env, values);
  try {
    return await action();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
