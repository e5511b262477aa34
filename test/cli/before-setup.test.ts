import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

let clone: string;
beforeAll(async () => {
  clone = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
  for (const name of ['bin', 'scripts', 'lib', 'lambdas', 'environments.ts', 'package.json', 'package-lock.json']) {
    await cp(path.join(projectFolder, name), path.join(clone, name), { recursive: true });
  }
});
afterAll(() => rm(clone, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(clone, ...names);
const node = (env: Record<string, string>, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: clone, encoding: 'utf8', env });
  return { status, said: stdout + stderr };
};
const millrace = (...args: string[]) => node({ PATH: '/usr/bin:/bin' }, at('bin', 'millrace.mjs'), ...args);

describe('before the setup', () => {
  test('each verb names the setup command', () => {
    expect(millrace('run', 'churn')).toEqual({
      status: 5,
      said: 'MR507  the npm packages are not installed\n  try   npm run setup\n',
    });
  });

  test('doctor lists what the setup needs, and what is already there', async () => {
    await mkdir(at('interpreters'));
    await writeFile(at('interpreters', 'python3.12'), '#!/bin/sh\necho 3.12.1\n');
    await chmod(at('interpreters', 'python3.12'), 0o755);
    const { status, said } = node({ PATH: at('interpreters') }, at('bin', 'millrace.mjs'), 'doctor');
    expect(status).toBe(5);
    expect(said).toMatch(/MR507[\s\S]*ok +Node +\d+[\s\S]*missing +npm packages[\s\S]*ok +Python +3\.12\.1/);
    expect(node({ PATH: '/nowhere' }, at('bin', 'millrace.mjs'), 'doctor').said).toMatch(
      /missing +Python.*MILLRACE_SETUP_PYTHON/,
    );
  });

  test('an interrupted npm install gives the same hint, not a missing module', async () => {
    await mkdir(at('node_modules'), { recursive: true });
    await symlink(path.join(projectFolder, 'node_modules', 'jiti'), at('node_modules', 'jiti'));
    const { status, said } = millrace('doctor');
    expect([status, said]).toEqual([5, expect.stringContaining('MR507')]);
    expect(said).not.toMatch(/Cannot find|at .*\.ts/);
  });
});

describe('the setup', () => {
  const setup = async (npm: string) => {
    await rm(at('node_modules'), { recursive: true, force: true });
    await mkdir(at('tools'), { recursive: true });
    await writeFile(at('tools', 'npm'), npm);
    await chmod(at('tools', 'npm'), 0o755);
    return node({ PATH: `${at('tools')}:/usr/bin:/bin` }, at('scripts', 'setup.mjs'));
  };

  test('prints what it does, how much it takes, and what failed', async () => {
    const { status, said } = await setup('#!/bin/sh\nexit 3\n');
    expect(status).toBe(5);
    expect(said).toMatch(/^setting up 1 of 2: npm packages, \d+ MB on disk/);
    expect(said).toMatch(/MR507 {2}the npm packages.*could not be installed \(npm install .*exit code 3\)\n {2}try /);
  });
});
