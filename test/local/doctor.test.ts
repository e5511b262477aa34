import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine } from '../../lib/local/doctor.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-doctor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const found = async (root: string, what: string) => (await examine(root)).find((finding) => finding.what === what)!;

async function withPython<T>(python: string | undefined, action: () => Promise<T>): Promise<T> {
  const before = process.env['MILLRACE_PYTHON'];
  if (python !== undefined) process.env['MILLRACE_PYTHON'] = python;
  try {
    return await action();
  } finally {
    if (before === undefined) delete process.env['MILLRACE_PYTHON'];
    else process.env['MILLRACE_PYTHON'] = before;
  }
}

describe('the doctor', () => {
  test('finds everything that a run needs on the machine of the tests', async () => {
    const findings = await examine(path.join(folder, 'root'));
    expect(findings.filter(({ status }) => status === 'missing')).toEqual([]);
    expect(findings.map(({ what }) => what)).toEqual([
      ...['Node', 'Python packages', 'Spark packages', "Glue's packages", 'Java', 'Lake folder', 'Disk'],
    ]);
    expect(findings[0]).toEqual({ what: 'Node', status: 'ok', found: process.versions.node });
    expect(findings[1]!.found).toMatch(/^Python 3\.1[12]\.\d+, \d+ packages as locked$/);
  });

  test('names the packages that differ from the lock', async () => {
    const python = path.join(folder, 'python');
    const versions = JSON.stringify({ python: '3.12.1', pyarrow: '1.0.0' });
    await writeFile(python, `#!/bin/sh\necho '${versions}'\n`, { mode: 0o755 });
    const finding = await withPython(python, () => found(folder, 'Python packages'));
    expect(finding).toMatchObject({ status: 'missing', hint: 'npm run setup' });
    expect(finding.found).toMatch(/^[\w.-]+ absent, locked [\d.]+; /);
  });

  test('reports a Python environment that is missing or does not start; the one for Spark is optional', async () => {
    const nowhere = path.join(folder, 'nowhere');
    expect(await withPython(nowhere, () => found(folder, 'Python packages'))).toMatchObject({
      status: 'missing',
      found: 'no environment',
    });
    expect(await withPython(nowhere, () => found(folder, 'Spark packages'))).toMatchObject({ status: 'optional' });
    const broken = path.join(folder, 'broken');
    await writeFile(broken, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(await withPython(broken, () => found(folder, 'Python packages'))).toMatchObject({
      found: 'an environment that does not start',
    });
  });

  test('reports that a file is in the place of the lake', async () => {
    await mkdir(path.join(folder, 'a'));
    await writeFile(path.join(folder, 'a', 'file'), '');
    const place = path.join(folder, 'a', 'file', 'root');
    expect(await found(place, 'Lake folder')).toMatchObject({ status: 'missing', hint: expect.any(String) });
  });

  test('checks the disk of the lake', async () => {
    const { status, found: free } = await found(path.join(folder, 'not', 'there', 'yet'), 'Disk');
    expect([status, free]).toEqual(['ok', expect.stringMatching(/^\d+\.\d GB free$/)]);
  });
});
