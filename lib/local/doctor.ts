import { existsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import path from 'node:path';
import { x } from 'tinyexec';
import { MillraceError } from '../errors.ts';
import { nearestFolder, usableRoot } from './folders.ts';
import type { Engine } from './python.ts';
import { pythonOf, setUpRunning } from './python.ts';
import { projectFolder } from './root.ts';

export interface Finding {
  what: string;
  status: 'ok' | 'missing' | 'optional';
  found: string;
  hint?: string;
}

/** Checks everything that a run needs on this machine. Only `missing` findings prevent a run. */
export async function examine(root: string): Promise<Finding[]> {
  const environments = [await python('sail'), await python('spark'), await cluster()];
  return [node(), ...environments, await java(), await writable(root), await space(root)];
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return {
    what: 'Node',
    status: fits ? 'ok' : 'missing',
    found: process.versions.node,
    ...(!fits && { hint: 'install Node 20.19 or newer' }),
  };
}

async function python(engine: Engine): Promise<Finding> {
  const required = engine === 'sail';
  return packages({
    what: required ? 'Python packages' : 'Spark packages',
    status: required ? 'missing' : 'optional',
    hint:
      setUpRunning(path.join(projectFolder, required ? '.venv' : '.venv-spark')) ??
      (required ? 'npm run setup' : 'npm run setup -- --spark, for --engine spark and npm run parity'),
    interpreter: await pythonOf(engine).catch(() => undefined),
    lock: path.join(projectFolder, 'glue-scripts', required ? 'requirements.txt' : 'requirements-spark.txt'),
  });
}

/** The packages that Glue has, for the cluster rig. */
function cluster(): Promise<Finding> {
  const interpreter = path.join(projectFolder, '.venv-cluster', 'bin', 'python');
  return packages({
    what: "Glue's packages",
    status: 'optional',
    hint: 'npm run setup -- --cluster, for npm run cluster',
    interpreter: existsSync(interpreter) ? interpreter : undefined,
    lock: path.join(projectFolder, 'glue-scripts', 'requirements-glue-5.1.txt'),
  });
}

interface Environment {
  what: string;
  /** The status if it is not as locked. */
  status: 'missing' | 'optional';
  hint: string;
  interpreter: string | undefined;
  lock: string;
}

/** Compares the packages of a Python environment with those that a file pins. */
async function packages({ what, status, hint, interpreter, lock }: Environment): Promise<Finding> {
  const absent = (found: string): Finding => ({ what, status, found, hint });
  if (interpreter === undefined) return absent('no environment');
  const locked = await lockedVersions(lock);
  const script = `import json,sys,importlib.metadata as m
print(json.dumps({"python": sys.version.split()[0], **{d.metadata["Name"].lower(): d.version for d in m.distributions()}}))`;
  const { stdout, exitCode } = await x(interpreter, ['-c', script]);
  if (exitCode !== 0) return absent('an environment that does not start');
  const installed = JSON.parse(stdout) as Record<string, string>;
  const differing = Object.entries(locked).filter(([name, version]) => installed[name] !== version);
  if (differing.length > 0) {
    return absent(
      differing
        .slice(0, 3)
        .map(([name, version]) => `${name} ${installed[name] ?? 'absent'}, locked ${version}`)
        .join('; '),
    );
  }
  return {
    what,
    status: 'ok',
    found: `Python ${installed['python']}, ${Object.keys(locked).length} packages as locked`,
  };
}

async function lockedVersions(lock: string): Promise<Record<string, string>> {
  const pins = [...(await readFile(lock, 'utf8')).matchAll(/^([\w.-]+)==([^\s;]+)/gm)];
  return Object.fromEntries(pins.map(([, name, version]) => [name!.toLowerCase(), version!]));
}

async function java(): Promise<Finding> {
  const what = 'Java';
  const hint = 'only needed for --engine spark, whose packages include one';
  try {
    const { stderr, exitCode } = await x('java', ['-version']);
    const version = /version "([^"]+)"/.exec(stderr)?.[1];
    if (exitCode === 0 && version !== undefined) return { what, status: 'ok', found: version };
  } catch {
    // Reported below.
  }
  return { what, status: 'optional', found: 'none on PATH', hint };
}

async function writable(root: string): Promise<Finding> {
  const what = 'Lake folder';
  try {
    await usableRoot(root, true);
    return { what, status: 'ok', found: root };
  } catch (error) {
    const [issue] = error instanceof MillraceError ? error.issues : [];
    const found = `${root}: ${issue?.message ?? (error as Error).message}`;
    return { what, status: 'missing', found, hint: issue?.hint ?? 'choose another with --root' };
  }
}

async function space(root: string): Promise<Finding> {
  const what = 'Disk';
  const info = await nearestFolder(root).then(
    (folder) => statfs(folder),
    () => undefined,
  );
  if (info === undefined)
    return { what, status: 'missing', found: 'not known', hint: 'choose another folder with --root' };
  const gigabytes = (info.bavail * info.bsize) / 1e9;
  const enough = gigabytes > 2;
  return {
    what,
    status: enough ? 'ok' : 'missing',
    found: `${gigabytes.toFixed(1)} GB free`,
    ...(!enough && {
      hint: 'free some space, or choose another disk with --root: a run needs about ten times its input',
    }),
  };
}
