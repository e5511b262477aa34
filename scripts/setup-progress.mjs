// How far an installation of Python packages is. As a worker it prints a line at an interval: the set-up itself waits for pip.
import { readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { workerData } from 'node:worker_threads';

/**
 * The packages that a lock pins for every platform, and those of them that an environment has in that version.
 * @param {string} venv
 * @param {string} lock
 */
export function packagesIn(venv, lock) {
  const plain = (/** @type {string} */ name) => name.toLowerCase().replace(/[-_.]+/g, '_');
  const there = new Set(
    readdirSync(sitePackages(venv)).flatMap((name) => {
      const [, of, version] = /^(.+)-([^-]+)\.dist-info$/.exec(name) ?? [];
      return of === undefined ? [] : [`${plain(of)} ${version}`];
    }),
  );
  // Of other platforms than this one are those with a marker.
  const pins = [...readFileSync(lock, 'utf8').matchAll(/^([\w.-]+)(?:\[[^\]]*\])?==([^\s;#]+)[ \t]*$/gm)];
  const locked = pins.map(([, name = '', version]) => `${plain(name)} ${version}`);
  return { locked: locked.length, installed: locked.filter((pin) => there.has(pin)).length };
}

/**
 * @param {string} venv
 * @param {string} lock
 * @param {number} seconds since the start
 */
function progressLine(venv, lock, seconds) {
  const { locked, installed } = packagesIn(venv, lock);
  const bytes = sizeOf(sitePackages(venv));
  const what = installed === 0 ? ' (pip downloads all of them first)' : '';
  return `  ${installed} of ${locked} packages${what}, ${Math.round(bytes / 1e6)} MB on disk, ${Math.round(seconds)} s`;
}

/** @param {string} venv */
function sitePackages(venv) {
  const python = readdirSync(path.join(venv, 'lib')).find((name) => name.startsWith('python3')) ?? '';
  return path.join(venv, 'lib', python, 'site-packages');
}

/**
 * @param {string} folder
 * @returns {number}
 */
function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const at = path.join(folder, entry.name);
      return entry.isDirectory() ? sizeOf(at) : (statSync(at, { throwIfNoEntry: false })?.size ?? 0);
    })
    .reduce((a, b) => a + b, 0);
}

/** @type {{ venv: string, lock: string, every: number } | undefined} */
const asked = workerData?.millraceSetup;
if (asked !== undefined) {
  const { venv, lock, every } = asked;
  const started = Date.now();
  setInterval(() => {
    try {
      // Not console.error: its lines would wait for the main thread, which waits for pip.
      writeSync(2, `${progressLine(venv, lock, (Date.now() - started) / 1000)}\n`);
    } catch {
      // pip moves files while they are counted; the next line is right.
    }
  }, every);
}
