import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listInputs } from '../../lib/local/inputs.ts';
import { localObjects } from '../../lib/local/objects.ts';
import { planWithSources } from '../plan/sources.ts';

let scratch: string;
let data: string;
beforeEach(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
  data = path.join(scratch, 'data');
  await mkdir(path.join(data, 's'), { recursive: true });
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(path.dirname(path.join(data, name)), { recursive: true });
    await writeFile(path.join(data, name), name);
  }
}

async function list(source: object = {}) {
  const plan = planWithSources({ s: { format: 'csv', path: 's/*.csv', columns: ['a'], ...source } });
  const { listing, warnings, issues } = await listInputs(plan, data, localObjects(scratch));
  return { files: listing['s']!.map((file) => file.path), warnings, issues, listing };
}

describe('the inputs of a source on this machine', () => {
  test('are files with any name that a disk allows', async () => {
    const names = ['report', 'report#1.csv', 'Kunden März.csv', '100%.csv', '%20.csv', 'a?b.csv', 'a+b.csv', '*.csv'];
    const more = [
      '{a}.csv',
      `it's "x".csv`,
      'a\nb.csv',
      '\\.csv',
      '😀.csv',
      ' .csv',
      '[a].csv',
      `${'x'.repeat(250)}.csv`,
    ];
    await put(...[...names, ...more].map((name) => `s/${name}`));
    const { files, listing, warnings } = await list();
    const wanted = [...names, ...more].filter((name) => name !== 'report').map((name) => `s/${name}`);
    expect(files).toEqual([...wanted].sort());
    expect(listing['s']!.map((file) => file.uri)).toEqual([...wanted].sort().map((name) => path.join(data, name)));
    expect(new Set(listing['s']!.map((file) => file.etag)).size).toBe(wanted.length);
    expect(warnings.map((warning) => warning.message)).toEqual([
      'source "s" does not read report (not like the pattern)',
    ]);
  });

  test('may be a folder of part files, as Spark writes it', async () => {
    await put('s/x.csv/part-00000.csv', 's/x.csv/part-00001.csv', 's/x.csv/_SUCCESS', 's/x.csv/.part-00000.csv.crc');
    const { files, warnings } = await list();
    expect(files).toEqual(['s/x.csv/part-00000.csv', 's/x.csv/part-00001.csv']);
    expect(warnings).toEqual([
      {
        code: 'MR220',
        path: path.join(data, 's/'),
        message: 'source "s" does not read x.csv/.part-00000.csv.crc, x.csv/_SUCCESS (hidden)',
        hint: 'nothing to do if this is intended',
      },
    ]);
  });

  test('in partition folders get a warning if no partition is declared', async () => {
    await put('s/top.csv', 's/dt=2024-01-01/part.csv');
    const { files, warnings } = await list();
    expect(files).toEqual(['s/top.csv']);
    expect(warnings).toMatchObject([
      {
        code: 'MR220',
        message: 'source "s" does not read dt=2024-01-01/ (not like the pattern)',
        hint: "to read its partitions, add partitions: { dt: 'string' } in the source",
      },
    ]);
  });

  test('exclude other files, each named once with a reason', async () => {
    await put('s/a.csv', 's/b.txt', 's/.hidden', 's/_tmp/c.csv', 's/old/d.csv', 's/e.csv.tmp', 's/f.md', 's/g.json');
    await symlink('nowhere', path.join(data, 's', 'broken.csv'));
    const plan = planWithSources({
      s: { format: 'csv', path: 's/*.csv', columns: ['a'] },
      t: { format: 'csv', path: 's/*.txt', columns: ['a'] },
      u: { format: 'json', path: 's/*.json', columns: { a: 'string' } },
    });
    const { warnings, listing } = await listInputs(plan, data, localObjects(scratch));
    expect(Object.fromEntries(['s', 't', 'u'].map((name) => [name, listing[name]!.map((file) => file.path)]))).toEqual({
      s: ['s/a.csv'],
      t: ['s/b.txt'],
      u: ['s/g.json'],
    });
    expect(warnings.map((warning) => warning.message)).toEqual([
      'source "s" does not read .hidden, _tmp/ (hidden), broken.csv (a broken link), e.csv.tmp (still being written), ' +
        'f.md (not like the pattern), and 1 more',
    ]);
    expect(warnings[0]!.hint).toBe("to read the folders too, set path: 's/**/*.csv'");
  });

  test('follow links to files and folders, but not in circles', async () => {
    await put('s/a/x.csv', 'elsewhere/y.csv', 'elsewhere/deep/z.csv');
    await symlink(path.join(data, 'elsewhere'), path.join(data, 's', 'linked'));
    await symlink('..', path.join(data, 's', 'a', 'up'));
    await symlink(path.join(data, 'elsewhere', 'y.csv'), path.join(data, 's', 'y.csv'));
    const { files, warnings } = await list({ path: 's/**/*.csv' });
    expect(files).toEqual(['s/a/x.csv', 's/linked/deep/z.csv', 's/linked/y.csv', 's/y.csv']);
    expect(warnings).toMatchObject([{ message: 'source "s" does not read a/up/ (a link to a folder around it)' }]);
  });

  test('must exist: MR202 names the other files in the folder', async () => {
    await symlink('nowhere', path.join(data, 's', 'people.csv'));
    await put('s/people.csv.bak');
    expect((await list()).issues).toMatchObject([
      { code: 'MR202', hint: expect.stringMatching(/people.csv \(a broken link\), people.csv.bak/) },
    ]);
    await mkdir(path.join(data, 's', 'empty.csv'));
    expect((await list()).issues).toMatchObject([{ code: 'MR202' }]);
    const none = await list({ optional: true });
    expect([none.files, none.issues]).toEqual([[], []]);
    expect(none.warnings).toMatchObject([{ code: 'MR220' }]);
  });

  test('need their folder: MR201 if it is missing or a file', async () => {
    await rm(path.join(data, 's'), { recursive: true });
    expect((await list()).issues).toMatchObject([{ code: 'MR201', path: path.join(data, 's/') }]);
    await put('s');
    expect((await list()).issues).toMatchObject([
      { code: 'MR201', message: 'the folder of source "s" is a file, or inside one' },
    ]);
  });

  // The root user may read everything.
  test.skipIf(process.getuid?.() === 0)('without read permission fail with their place: MR223', async () => {
    await put('s/a.csv', 's/x.csv/part.csv');
    await chmod(path.join(data, 's/a.csv'), 0);
    await expect(list()).rejects.toMatchObject({ issues: [{ code: 'MR223', path: path.join(data, 's/a.csv') }] });
    await chmod(path.join(data, 's/a.csv'), 0o600);
    await chmod(path.join(data, 's/x.csv'), 0);
    await expect(list()).rejects.toMatchObject({ issues: [{ code: 'MR223', path: path.join(data, 's/x.csv/') }] });
    await chmod(path.join(data, 's/x.csv'), 0o700);
  });

  test('with names that are not UTF-8 fail with their place: MR223', async () => {
    const latin = (below: string) => Buffer.concat([Buffer.from(path.join(data, below)), Buffer.from([0xe9])]);
    await put('s/a.csv', 's/\ufffd.csv');
    expect((await list()).files).toEqual(['s/a.csv', 's/\ufffd.csv']);
    const issue = { code: 'MR223', message: 'the input cannot be read: its name is not UTF-8', hint: 'rename it' };
    const named = Buffer.concat([latin('s/'), Buffer.from('.csv')]);
    await writeFile(named, 'a\n1\n');
    await expect(list()).rejects.toMatchObject({ issues: [{ ...issue, path: path.join(data, 's/\ufffd.csv') }] });
    await rm(named);
    await mkdir(latin('s/'));
    await expect(list({ path: 's/**/*.csv' })).rejects.toMatchObject({ issues: [issue] });
  });

  test('are hashed again if they changed within the last two seconds, because a disk may show no later change of that time', async () => {
    await put('s/a.csv');
    const kept = async () => Object.keys(JSON.parse(await readFile(path.join(scratch, 'cache/hashes.json'), 'utf8')));
    await list();
    expect(await kept()).toEqual([]);
    const later = Date.now() + 60_000;
    const clock = vi.spyOn(Date, 'now').mockReturnValue(later);
    await list();
    clock.mockRestore();
    expect(await kept()).toEqual([path.join(data, 's/a.csv')]);
  });

  test('are hashed again if the cached hashes cannot be read', async () => {
    await put('s/a.csv');
    const first = (await list()).listing['s'];
    for (const text of ['{"half', 'null', '[]', '{"x":null}']) {
      await writeFile(path.join(scratch, 'cache', 'hashes.json'), text);
      expect((await list()).listing['s']).toEqual(first);
    }
  });
});
