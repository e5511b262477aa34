import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Inputs } from '../../lib/bookmarks/ports.ts';
import { type Issue, MillraceError } from '../../lib/errors.ts';
import { bookmarkFiles } from '../../lib/local/bookmark-ports.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { planWithSources } from '../plan/sources.ts';

/** Inputs come from a folder or a bucket, and both must list the same files of a tree. */

describe.skipIf(!isTwinInstalled())('inputs in S3', () => {
  let twin: Twin;
  let scratch: string;
  let inS3: (plan: Plan, data: string) => Promise<Inputs>;
  const before = { ...process.env };
  const put = (key: string, body = key) =>
    new S3Client({ forcePathStyle: true }).send(new PutObjectCommand({ Bucket: 'raw', Key: key, Body: body }));

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
    twin = await startTwin();
    Object.assign(process.env, twin.environment);
    await new S3Client({ forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'raw' }));
    const { bookmarkPorts } = await import('../../lib/aws/bookmark-ports.ts');
    const names = { BOOKMARKS_TABLE: 'none', REGISTRY_TABLE: 'none', LAKE_BUCKET: 'none' };
    inS3 = bookmarkPorts({ PIPELINE: 'small', ...names }).inputs;
  });
  afterAll(async () => {
    await twin?.[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true, force: true });
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });

  const planOf = (pattern: string) =>
    planWithSources({ s: { format: 'csv', path: pattern, columns: ['a'], optional: true } });
  const paths = async (pattern: string, data: string) =>
    (await inS3(planOf(pattern), data)).files['s']!.map((file) => file.path);

  test('are listed page by page', async () => {
    const names = Array.from({ length: 1_100 }, (_, i) => `many/s/d${i % 7}/${String(i).padStart(5, '0')}.csv`);
    for (let at = 0; at < names.length; at += 100) {
      await Promise.all(names.slice(at, at + 100).map((name) => put(name)));
    }
    const listed = await paths('s/**/*.csv', 's3://raw/many');
    expect(listed).toEqual(names.map((name) => name.slice('many/'.length)).sort());
    expect(new Set(listed).size).toBe(1_100);
  });

  test('may have any key that S3 allows, and their URI is that key', async () => {
    const odd = ['report#1.csv', 'Kunden März.csv', '100%.csv', '%20.csv', 'a?b.csv', 'a+b.csv', '*.csv', '{a}.csv'];
    const more = [
      `it's "x".csv`,
      'a&amp;b<c>.csv',
      '\\.csv',
      '😀.csv',
      'a b.csv',
      ' .csv',
      '[a].csv',
      'a=b.csv',
      '.csv',
    ];
    const long = `${'x'.repeat(1024 - 'odd/s/.csv'.length)}.csv`;
    const readable = [...odd, ...more.slice(0, -1), long];
    for (const name of [...readable, '.csv']) await put(`odd/s/${name}`);
    await put('odd/s/report', 'another');
    const { files, warnings } = await inS3(planOf('s/*.csv'), 's3://raw/odd');
    expect(files['s']!.map((file) => file.path)).toEqual(readable.map((name) => `s/${name}`).sort());
    for (const { path: name, uri, size } of files['s']!) {
      expect([uri, size]).toEqual([`s3://raw/odd/${name}`, Buffer.byteLength(`odd/${name}`)]);
    }
    expect(warnings).toMatchObject([
      { message: 'source "s" does not read .csv (hidden), report (not like the pattern)' },
    ]);
  });

  test('are read from exactly the object that the key names', async () => {
    const twins = [
      'report',
      'report#1',
      'a?b',
      'a',
      '%20',
      ' ',
      'a+b',
      'a b',
      '100%',
      `{"ü'}*`,
      'x/y',
      'x//y',
      'x/y/',
      '\\',
    ];
    const keys = [...twins.map((name) => `twins/${name}`), '/twins/x', 'x'.repeat(1024)];
    for (const key of keys) await put(key);
    const script = `import json, sys
from engine.readers import _open
print(json.dumps([_open("s3://raw/" + key).read().decode() for key in json.load(sys.stdin)]))`;
    const packages = await readdir(path.join(projectFolder, '.venv-twin', 'lib'));
    const { stdout, stderr } = spawnSync(path.join(projectFolder, '.venv', 'bin', 'python'), ['-c', script], {
      input: JSON.stringify(keys),
      encoding: 'utf8',
      cwd: path.join(projectFolder, 'glue-scripts'),
      // Glue provides boto3, and the twin has it.
      env: { ...process.env, PYTHONPATH: path.join(projectFolder, '.venv-twin', 'lib', packages[0]!, 'site-packages') },
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(keys);
  });

  test('do not include empty objects that stand for folders', async () => {
    await put('marked/s/', '');
    await put('marked/s/2025/', '');
    await put('marked/s/a.csv');
    const { files, warnings } = await inS3(planOf('s/**/*.csv'), 's3://raw/marked');
    expect(files['s']!.map((file) => file.path)).toEqual(['s/a.csv']);
    expect(warnings).toEqual([]);
  });

  test('are the same as in a local folder, for any tree and any pattern', async () => {
    let trees = 0;
    const part = fc.oneof(
      fc.constantFrom('a', 'b.csv', 'c.json', 'dt=1', '_x', '.y', 'x.csv', 'z.csv.tmp', 'Ä#?%20', '+ *{}', "q'q"),
      fc.stringMatching(/^[a-c_.=%# ?*+]{1,4}$/).filter((name) => !/^\.{1,2}$/.test(name)),
    );
    const tree = fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });
    const glob = fc.constantFrom(
      '*.csv',
      '*',
      '**/*.csv',
      '**',
      '**/x.csv/*',
      'dt=*/*.csv',
      'a/*',
      '*/*',
      '*c*',
      'b.csv',
    );
    await fc.assert(
      fc.asyncProperty(tree, glob, async (branches, last) => {
        const data = path.join(scratch, `t${++trees}`);
        await mkdir(path.join(data, 's'), { recursive: true });
        for (const branch of branches) {
          const file = path.join(data, 's', ...branch);
          try {
            await mkdir(path.dirname(file), { recursive: true });
            await writeFile(file, 'x', { flag: 'wx' });
          } catch {
            continue; // a name that is both a folder and a file, which only a bucket may have
          }
          await put(`t${trees}/s/${branch.join('/')}`, 'x');
        }
        const plan = planOf(`s/${last}`);
        const here = bookmarkFiles(new Root(path.join(data, '..', 'root')), plan).inputs(plan, data);
        const there = inS3(plan, `s3://raw/t${trees}`);
        expect(comparable(await here.catch(issuesOf))).toEqual(comparable(await there.catch(issuesOf)));
      }),
      { numRuns: 60 },
    );
  });
});

const issuesOf = (error: unknown) => {
  if (error instanceof MillraceError) return error.issues;
  throw error;
};

/** A file without the parts that depend on the store: its URI, its etag, when it was written. */
function comparable(inputs: Inputs | readonly Issue[]): unknown {
  if (!('files' in inputs)) return inputs.map(({ code, message, hint }) => ({ code, message, hint }));
  const files = inputs.files['s']!.map((file) => file.path);
  return { files, warnings: inputs.warnings.map(({ code, message, hint }) => ({ code, message, hint })) };
}
