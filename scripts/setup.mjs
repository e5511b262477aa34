// Makes a fresh clone ready: npm packages as locked, a Python environment as locked. Plain JavaScript and no packages,
// because it runs before there are any; its types are in comments, which tsc checks. Does nothing, at once, where all is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { packagesIn } from './setup-progress.mjs';

export const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** What an environment takes. */
const sizes = /** @type {const} */ ({
  '.venv': '1.2 GB',
  '.venv-spark': '1.2 GB',
  '.venv-twin': '390 MB',
  '.venv-cluster': '700 MB',
  '.venv-checkov': '290 MB',
});

/** Interpreters to try, the newest supported first. A name may exist and still not start, so each is asked. */
const candidates = [process.env.MILLRACE_SETUP_PYTHON, 'python3.12', 'python3.11', 'python3', 'python'];

/** @param {{ spark?: boolean, twin?: boolean, cluster?: boolean, checkov?: boolean }} [more] environments besides the one that each command needs */
export function setup({ spark = false, twin = false, cluster = false, checkov = false } = {}) {
  requireNode();
  npmPackages();
  pythonPackages('.venv', 'requirements.txt');
  if (spark || cluster) {
    pythonPackages('.venv-spark', 'requirements-spark.txt');
    jars('.venv-spark', 'glue-scripts/spark-jars.txt', "Delta's jars for Spark");
  }
  if (cluster) {
    pythonPackages('.venv-cluster', 'requirements-glue-5.1.txt');
    jars('.venv-cluster', 'cluster/jars.txt', 'the jars with which Spark reaches S3, 283 MB,', '.venv-cluster/jars');
  }
  if (twin) pythonPackages('.venv-twin', '../twin/requirements.txt');
  if (checkov) pythonPackages('.venv-checkov', '../validation/checkov-requirements.txt');
}

/**
 * Ends with an environment fault: code, what, one thing to do, exit status 5.
 * @param {string} code
 * @param {string} message
 * @param {string} hint
 * @returns {never}
 */
function fail(code, message, hint) {
  console.error(`${code}  ${message}\n  try   ${hint}`);
  process.exit(5);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail('MR506', `Node ${process.versions.node} is too old`, 'install Node 20.19 or newer');
}

function npmPackages() {
  const lock = path.join(project, 'package-lock.json');
  const stamp = path.join(project, 'node_modules', '.millrace-lock');
  if (isStamped(stamp, hashOf(lock)) || areInstalled(lock)) return;
  // Not `npm ci`: it refuses a lock that was made where a registry lacks the optional packages of other platforms.
  console.error('setting up 1 of 2: npm packages, 550 MB on disk, some 20 seconds ...');
  run(
    'npm',
    ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'],
    'MR507',
    'check the connection to the npm registry, then run it again',
    'the npm packages, as locked in package-lock.json, could not be installed',
  );
  writeFileSync(stamp, hashOf(lock));
}

/**
 * @param {keyof typeof sizes} folder
 * @param {string} requirements the lock, from glue-scripts
 */
function pythonPackages(folder, requirements) {
  const venv = path.join(project, folder);
  const lock = path.join(project, 'glue-scripts', requirements);
  const stamp = path.join(venv, '.millrace-lock');
  const isDone = () => isStamped(stamp, hashOf(lock)) && isWhole(venv, lock);
  if (isDone()) return;
  const python = requiredPython();
  const release = lockOf(venv, folder);
  // Another set-up may have done it meanwhile.
  if (isDone()) return release();
  console.error(
    `setting up${folder === '.venv' ? ' 2 of 2' : ''}: ${folder} with ${python.version}, ${sizes[folder]} on disk, a minute or two ...`,
  );
  const hint = 'check the connection to PyPI, then run it again';
  const inside = path.join(venv, 'bin', 'python');
  // One that was interrupted while it was made has no pip, and never gets one.
  if (spawnSync(inside, ['-m', 'pip', '--version']).status !== 0) {
    for (const name of readdirSync(venv)) {
      if (name !== setupLock) rmSync(path.join(venv, name), { recursive: true, force: true });
    }
    const without = 'install the venv module of this Python (on Debian: apt install python3-venv)';
    run(
      python.command,
      ['-m', 'venv', venv],
      'MR510',
      without,
      `${python.version} could not make the environment ${folder}`,
    );
  }
  // On a terminal pip shows each package as it comes.
  const quiet = process.stderr.isTTY ? [] : ['--quiet'];
  const pip = ['-m', 'pip', 'install', ...quiet, '--disable-pip-version-check'];
  // pyspark comes as source: it is built with the tools of this environment, not with newer ones.
  const what = `the Python packages of ${folder}, as locked in ${path.basename(lock)}, could not be installed`;
  if (requirements.includes('spark')) run(inside, [...pip, 'setuptools==80.9.0', 'wheel==0.45.1'], 'MR511', hint, what);
  const isolation = requirements.includes('spark') ? ['--no-build-isolation'] : [];
  const every = Number(process.env.MILLRACE_SETUP_EVERY_MS ?? 15_000);
  const progress = process.stderr.isTTY
    ? undefined
    : new Worker(new URL('./setup-progress.mjs', import.meta.url), {
        workerData: { millraceSetup: { venv, lock, every } },
      });
  // It must not keep this process alive.
  progress?.unref();
  run(inside, [...pip, ...isolation, '-r', lock], 'MR511', hint, what);
  void progress?.terminate();
  writeFileSync(stamp, hashOf(lock));
  release();
}

/** In an environment that is being set up: the id of the process that does it. `lib/local/python.ts` reads it too. */
const setupLock = '.millrace-setup';

/**
 * Waits until no other set-up works on the environment, and returns what ends this one. A process that is gone holds nothing.
 * @param {string} venv
 * @param {string} folder
 */
function lockOf(venv, folder) {
  mkdirSync(venv, { recursive: true });
  const file = path.join(venv, setupLock);
  const mine = `${file}-${process.pid}`;
  let said = false;
  for (;;) {
    // A link has its content at once; a new file would be empty for a moment.
    writeFileSync(mine, String(process.pid));
    try {
      linkSync(mine, file);
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    } finally {
      rmSync(mine, { force: true });
    }
    const holder = holderOf(file);
    if (holder === undefined) rmSync(file, { force: true });
    else {
      if (!said) console.error(`another set-up of ${folder} is running (process ${holder}): waiting for it ...`);
      said = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    }
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  return release;
}

/** @param {string} file */
function holderOf(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // Process 0 would be this one's group.
    if (!(pid > 0)) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // A process of another user.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM' ? 'of another user' : undefined;
  }
}

/**
 * Jars by checksum: nothing is resolved when Spark starts.
 * @param {keyof typeof sizes} venv the environment that needs them
 * @param {string} listed
 * @param {string} what
 * @param {string} [into] a folder; by default that of pyspark's jars
 */
function jars(venv, listed, what, into) {
  const list = path.join(project, listed);
  const stamp = path.join(project, venv, '.millrace-jars');
  if (isStamped(stamp, hashOf(list))) return;
  console.error(`setting up: ${what} ...`);
  if (into !== undefined) mkdirSync(path.join(project, into), { recursive: true });
  const folder = into === undefined ? [] : ['--into', path.join(project, into)];
  const mirror = process.env.MILLRACE_MAVEN ? ['--from', process.env.MILLRACE_MAVEN] : [];
  run(
    path.join(project, '.venv-spark', 'bin', 'python'),
    [path.join(project, 'glue-scripts', 'fetch_jars.py'), '--list', list, ...folder, ...mirror],
    'MR540',
    'check the connection to Maven Central, or name your mirror of it in MILLRACE_MAVEN, then run it again',
    `${what} could not be fetched`,
  );
  writeFileSync(stamp, hashOf(list));
}

/**
 * The interpreter to set up with, undefined where there is none, and the versions of those that do not fit.
 * @returns {{ python: { command: string, version: string } | undefined, found: string[] }}
 */
export function supportedPython() {
  /** @type {string[]} */
  const found = [];
  for (const command of candidates) {
    if (command === undefined) continue;
    const asked = spawnSync(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], {
      encoding: 'utf8',
    });
    if (asked.status !== 0) continue;
    const version = asked.stdout.trim();
    if (/^3\.1[12]\./.test(version)) return { python: { command, version: `Python ${version}` }, found };
    found.push(version);
  }
  return { python: undefined, found: [...new Set(found)] };
}

function requiredPython() {
  const { python, found } = supportedPython();
  if (python !== undefined) return python;
  const instead = found.length > 0 ? ` (found ${found.join(', ')})` : '';
  return fail('MR512', `no Python 3.11 or 3.12 on PATH${instead}`, 'install one, or name it in MILLRACE_SETUP_PYTHON');
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} code of the fault where it fails, with the hint and with what failed
 * @param {string} hint
 * @param {string} failed
 */
function run(command, args, code, hint, failed) {
  const started = Date.now();
  // What it prints is progress, not a result.
  const result = spawnSync(command, args, { cwd: project, stdio: ['ignore', process.stderr.fd, 'inherit'] });
  const how = result.signal ? `ended by ${result.signal}` : `exit code ${result.status ?? 'none: it did not start'}`;
  if (result.status !== 0)
    fail(code, `${failed} (${path.basename(command)} ${args.slice(0, 3).join(' ')}: ${how})`, hint);
  const seconds = Math.round((Date.now() - started) / 1000);
  if (seconds >= 5) console.error(`  done in ${seconds} s`);
}

/**
 * Whether npm itself has noted that it installed each package of the lock, as after an `npm install` by hand.
 * @param {string} lock
 */
function areInstalled(lock) {
  const noted = path.join(project, 'node_modules', '.package-lock.json');
  if (!existsSync(noted)) return false;
  try {
    const [installed, locked] = [noted, lock].map(packagesOf);
    return Object.entries(locked ?? {}).every(
      ([name, { version, optional }]) => name === '' || optional || installed?.[name]?.version === version,
    );
  } catch {
    return false;
  }
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Whether an environment has each package of the lock, in its version: one may be gone since.
 * @param {string} venv
 * @param {string} lock
 */
function isWhole(venv, lock) {
  const { locked, installed } = packagesIn(venv, lock);
  return installed === locked;
}

const hashOf = (/** @type {string} */ file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const isStamped = (/** @type {string} */ stamp, /** @type {string} */ hash) =>
  existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = (/** @type {string} */ name) => process.argv.includes(`--${name}`);
  setup({ spark: asked('spark'), twin: asked('twin'), cluster: asked('cluster'), checkov: asked('checkov') });
  console.error('ready');
}
