// Makes a fresh clone ready: npm packages as locked, a Python environment as locked. Plain JavaScript and no packages,
// because it runs before there are any. Does nothing, at once, where all is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Interpreters to try, the newest supported first. A name may exist and still not start, so each is asked. */
const candidates = [process.env.MILLRACE_SETUP_PYTHON, 'python3.12', 'python3.11', 'python3', 'python'];

export function setup({ spark = false, twin = false } = {}) {
  requireNode();
  npmPackages();
  pythonPackages('.venv', 'requirements.txt');
  if (spark) {
    pythonPackages('.venv-spark', 'requirements-spark.txt');
    sparkJars();
  }
  if (twin) pythonPackages('.venv-twin', '../twin/requirements.txt');
}

/** Ends with an environment fault: code, what, one thing to do, exit status 5. */
function fail(code, message, hint) {
  console.error(`${code}  ${message}\n  try   ${hint}`);
  process.exit(5);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail('MR506', `Node ${process.versions.node} is too old`, 'install Node 20.19 or newer');
}

function npmPackages() {
  const lock = path.join(project, 'package-lock.json');
  const stamp = path.join(project, 'node_modules', '.millrace-lock');
  if (isStamped(stamp, hashOf(lock))) return;
  // Not `npm ci`: it refuses a lock that was made where a registry lacks the optional packages of other platforms.
  console.error('setting up: npm packages (some 20 seconds) ...');
  run(
    'npm',
    ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'],
    'MR507',
    'check the connection to the npm registry, then run it again',
  );
  writeFileSync(stamp, hashOf(lock));
}

function pythonPackages(folder, requirements) {
  const venv = path.join(project, folder);
  const lock = path.join(project, 'glue-scripts', requirements);
  const stamp = path.join(venv, '.millrace-lock');
  if (isStamped(stamp, hashOf(lock))) return;
  const python = supportedPython();
  console.error(`setting up: ${folder} with ${python.version}, packages as locked (a minute or two) ...`);
  const hint = 'check the connection to PyPI, then run it again';
  // One that was interrupted while it was made has no pip, and never gets one.
  if (spawnSync(path.join(venv, 'bin', 'python'), ['-m', 'pip', '--version']).status !== 0) {
    rmSync(venv, { recursive: true, force: true });
    const without = 'install the venv module of this Python (on Debian: apt install python3-venv)';
    run(python.command, ['-m', 'venv', venv], 'MR510', without);
  }
  const pip = [path.join(venv, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']];
  // pyspark comes as source: it is built with the tools of this environment, not with newer ones.
  if (requirements.includes('spark')) run(pip[0], [...pip[1], 'setuptools==80.9.0', 'wheel==0.45.1'], 'MR511', hint);
  const isolation = requirements.includes('spark') ? ['--no-build-isolation'] : [];
  run(pip[0], [...pip[1], ...isolation, '-r', lock], 'MR511', hint);
  writeFileSync(stamp, hashOf(lock));
}

/** Delta's jars, by checksum, beside those of pyspark: nothing is resolved when Spark starts. */
function sparkJars() {
  const list = path.join(project, 'glue-scripts', 'spark-jars.txt');
  const stamp = path.join(project, '.venv-spark', '.millrace-jars');
  if (isStamped(stamp, hashOf(list))) return;
  console.error("setting up: Delta's jars for Spark ...");
  const mirror = process.env.MILLRACE_MAVEN ? ['--from', process.env.MILLRACE_MAVEN] : [];
  run(
    path.join(project, '.venv-spark', 'bin', 'python'),
    [path.join(project, 'glue-scripts', 'fetch_jars.py'), '--list', list, ...mirror],
    'MR540',
    'check the connection to Maven Central, or name your mirror of it in MILLRACE_MAVEN, then run it again',
  );
  writeFileSync(stamp, hashOf(list));
}

function supportedPython() {
  const found = [];
  for (const command of candidates) {
    if (command === undefined) continue;
    const asked = spawnSync(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], {
      encoding: 'utf8',
    });
    if (asked.status !== 0) continue;
    const version = asked.stdout.trim();
    if (/^3\.1[12]\./.test(version)) return { command, version: `Python ${version}` };
    found.push(version);
  }
  const instead = found.length > 0 ? ` (found ${[...new Set(found)].join(', ')})` : '';
  return fail('MR512', `no Python 3.11 or 3.12 on PATH${instead}`, 'install one, or name it in MILLRACE_SETUP_PYTHON');
}

function run(command, args, code, hint) {
  const result = spawnSync(command, args, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) fail(code, `${path.basename(command)} ${path.basename(args[0])} failed`, hint);
}

const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const isStamped = (stamp, hash) => existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  setup({ spark: process.argv.includes('--spark'), twin: process.argv.includes('--twin') });
  console.error('ready');
}
