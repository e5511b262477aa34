import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
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

  test('waits for another set-up, takes over from one that is gone, and prints its progress', async () => {
    await mkdir(at('glue-scripts'), { recursive: true });
    await writeFile(at('glue-scripts', 'requirements.txt'), 'alpha==1.0\nbeta==2.0\n');
    await rm(at('node_modules'), { recursive: true, force: true });
    await mkdir(at('node_modules'));
    const lock = createHash('sha256')
      .update(await readFile(at('package-lock.json')))
      .digest('hex');
    await writeFile(at('node_modules', '.millrace-lock'), lock);
    // Stands for an interpreter: its pip installs only after a line of progress was printed, so that no time matters.
    await mkdir(at('python'), { recursive: true });
    await writeFile(
      at('python', 'python3.12'),
      `#!/bin/sh
site=${at('.venv')}/lib/python3.12/site-packages
case "$*" in
  *print*) echo 3.12.1 ;;
  '-m pip --version') test -d "$site" ;;
  '-m venv'*) mkdir -p "$site" ${at('.venv')}/bin; cp "$0" ${at('.venv')}/bin/python ;;
  *install*)
    n=0; until grep -q ' of 2 packages' ${at('said')} || [ $n = 600 ]; do n=$((n+1)); sleep 0.1; done
    mkdir "$site/alpha-1.0.dist-info" "$site/beta-2.0.dist-info" ;;
esac
`,
    );
    await chmod(at('python', 'python3.12'), 0o755);
    const env = { PATH: `${at('python')}:/usr/bin:/bin`, MILLRACE_SETUP_EVERY_MS: '50' };
    const start = async (name: string) => {
      const file = await open(at(name), 'w');
      const child = spawn(process.execPath, [at('scripts', 'setup.mjs')], {
        cwd: clone,
        env,
        stdio: ['ignore', file.fd, file.fd],
      });
      const ended = once(child, 'close');
      return { ended, said: () => readFile(at(name), 'utf8'), close: () => file.close() };
    };
    // The first finds a set-up that is running, which ends when the first has said that it waits.
    const other = spawn('sleep', ['600']);
    await mkdir(at('.venv'), { recursive: true });
    await writeFile(at('.venv', '.millrace-setup'), String(other.pid));
    const first = await start('said');
    try {
      await vi.waitUntil(async () => (await first.said()).includes('waiting'), { timeout: 60_000 });
      const gone = once(other, 'close');
      other.kill();
      await gone;
      expect((await first.ended)[0]).toBe(0);
      const text = await first.said();
      expect(text).toContain(`another set-up of .venv is running (process ${other.pid}): waiting for it ...\n`);
      expect(text).toMatch(/^ {2}0 of 2 packages \(pip downloads all of them first\), 0 MB on disk, \d+ s$/m);
      expect(text).toMatch(/ready\n$/);
      expect(await readdir(at('.venv'))).not.toContain('.millrace-setup');
      const again = await start('again');
      expect([(await again.ended)[0], await again.said()]).toEqual([0, 'ready\n']);
      await again.close();
    } finally {
      other.kill();
      await first.close();
    }
  });
});
