import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

const rig = (name: string) => path.join(projectFolder, 'cluster', name);
const python = path.join(projectFolder, '.venv', 'bin', 'python');
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-rig-'));
afterAll(() => rmSync(folder, { recursive: true }));

const flags = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const may = [flags, ['--user', '--map-root-user', ...flags]].find(
  (each) => spawnSync('unshare', [...each, 'mount', '-t', 'tmpfs', 'tried', '/mnt']).status === 0,
);

describe.skipIf(may === undefined)('a worker of the rig', () => {
  const apart = (hidden: string, kept: string, ...command: string[]) =>
    spawn('unshare', [...may!, '/bin/bash', rig('apart.sh'), hidden, kept, ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });

  test('sees no file of the driver, except those of the folders that each node has', async () => {
    const [own, kept] = [path.join(folder, 'own'), path.join(folder, 'own', 'python')];
    mkdirSync(kept, { recursive: true });
    writeFileSync(path.join(own, 'rows.parquet'), '');
    writeFileSync(path.join(kept, 'numpy'), '');
    const child = apart(folder, kept, 'find', folder, '-type', 'f');
    let seen = '';
    for await (const text of child.stdout) seen += text;
    expect(seen.trim().split('\n')).toEqual([path.join(kept, 'numpy')]);
    expect(existsSync(path.join(own, 'rows.parquet'))).toBe(true);
  });

  test('ends with all that it started once the rig is gone', async () => {
    mkdirSync(path.join(folder, 'empty'), { recursive: true });
    const program = 'setsid sleep 1000 & echo started; sleep 1000';
    const child = apart(path.join(folder, 'empty'), '', 'bash', '-c', program);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    // `close` comes only once no process holds the other end of its output.
    await ended;
  });
});

describe('the driver of the rig', () => {
  test('installs the modules of the job once, and gives Spark its settings, its files and the arguments of the run', () => {
    const home = path.join(folder, 'home');
    mkdirSync(path.join(home, 'bin'), { recursive: true });
    mkdirSync(path.join(home, 'modules'));
    program(path.join(home, 'bin', 'spark-submit'), 'echo "submit $* GLUE_VERSION=$GLUE_VERSION"');
    program(path.join(home, 'python'), `echo "python $*"`);
    const [spark, modules] = [home, path.join(home, 'modules')];
    const platform = { spark, python: path.join(home, 'python'), modules, environment: {} };
    writeFileSync(path.join(home, 'platform.json'), JSON.stringify(platform));
    const given = {
      '--extra-py-files': 's3://assets/engine.zip',
      '--additional-python-modules': 'scipy==1,xgboost-cpu==2',
      '--python-modules-installer-option': '--no-deps',
      '--conf': 'spark.a=1 --conf spark.b=2',
      '--stage': 'build',
    };
    const run = () =>
      execFileSync(python, [rig('glue_driver.py'), 'main.py', ...Object.entries(given).flat()], {
        encoding: 'utf8',
        env: { ...process.env, MILLRACE_CLUSTER: home, GLUE_VERSION: '5.1' },
      })
        .trim()
        .split('\n');
    const [installed, submitted] = run();
    expect(installed).toMatch(/^python -m pip install .*--target \S+modules --no-deps scipy==1 xgboost-cpu==2$/);
    const arguments_ = Object.entries(given).flat().join(' ');
    const settings = '--conf spark.a=1 --conf spark.b=2 --py-files s3://assets/engine.zip';
    expect(submitted).toBe(
      `submit --deploy-mode client ${settings} ${rig('glue_wrapper.py')} main.py ${arguments_} GLUE_VERSION=`,
    );
    expect(run()).toEqual([submitted]);
  });

  test('ends with the program that started it, even if that is killed', async () => {
    const home = path.join(folder, 'killed');
    mkdirSync(path.join(home, 'bin'), { recursive: true });
    program(path.join(home, 'bin', 'spark-submit'), 'echo started; exec sleep 1000');
    const platform = { spark: home, python, modules: home, environment: {} };
    writeFileSync(path.join(home, 'platform.json'), JSON.stringify(platform));
    // `wait` keeps the shell: it would replace itself with its last command.
    const twin = spawn('/bin/sh', ['-c', `"${python}" "${rig('glue_driver.py')}" main.py & wait`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MILLRACE_CLUSTER: home },
    });
    await new Promise((resolve) => twin.stdout.once('data', resolve));
    const ended = new Promise((resolve) => twin.once('close', resolve));
    twin.kill('SIGKILL');
    // `close` comes only once no process holds the other end of its output.
    await ended;
  });

  test.each([
    ['print("done")', 0, ''],
    ['import sys; sys.exit(0)', 1, 'SystemExit: 0'],
    ['import sys; sys.exit("MR206 a file is missing")', 1, 'SystemExit: MR206 a file is missing'],
    ['raise ValueError("no")', 1, 'ValueError: no'],
  ])('fails a job as Glue does: %s', (text, status, last) => {
    const script = path.join(folder, 'script.py');
    writeFileSync(script, text);
    const ended = spawnSync(python, [rig('glue_wrapper.py'), script, '--stage', 'build'], { encoding: 'utf8' });
    expect([ended.status, ended.stderr.trim().split('\n').at(-1)]).toEqual([status, last]);
  });
});

function program(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}
